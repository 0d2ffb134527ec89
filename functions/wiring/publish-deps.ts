import { S3Client } from "@aws-sdk/client-s3";
import type * as z from "zod";
import { maintenanceLister } from "../../shared/alert/dynamo-maintenance.ts";
import { manualIncidentLister } from "../../shared/alert/dynamo-manual-incidents.ts";
import type { publishPagesEnv } from "../../shared/env/publish-pages-env.ts";
import { createDataApiLogPages } from "../../shared/log/data-api-log-pages.ts";
import { createQuietSql } from "../../shared/log/resting-log.ts";
import type { PublishDeps } from "../../shared/page/publish-pages.ts";
import { createS3FileStore } from "../../shared/page/s3-file-store.ts";
import type { PublishedPages } from "../../shared/page/status-page.ts";
import { targetRanger } from "../../shared/targets/dynamo-target-reader.ts";
import { REQUEST_LIMITS } from "./request-limits.ts";
import type { storeDeps } from "./store-deps.ts";
import { tracing } from "./tracing.ts";

// Loaded with these, where there are pages.
export { publishPages } from "../../shared/page/publish-pages.ts";

let s3: S3Client | undefined;

/** All that publishing takes, into the deployment's bucket. */
export function publishDeps(
  env: z.output<typeof publishPagesEnv> & { readonly PAGES_BUCKET: string },
  { client, sql, clock, logger, rest, onUnreadable }: ReturnType<typeof storeDeps>,
  pages: PublishedPages,
): PublishDeps {
  // By path: a bucket's own host name is no name on a laptop or in an emulator, and S3 takes both.
  s3 ??= tracing.traced(new S3Client({ maxAttempts: 3, requestHandler: REQUEST_LIMITS, forcePathStyle: true }));
  return {
    clock,
    logger,
    pages,
    targets: { range: targetRanger(client, env.TABLE_NAME, onUnreadable) },
    manualIncidents: { list: manualIncidentLister(client, env.TABLE_NAME) },
    maintenance: { list: maintenanceLister(client, env.TABLE_NAME) },
    logPages: createDataApiLogPages(rest === undefined ? sql : createQuietSql(sql, rest, clock)),
    logStamp: async () => (rest === undefined ? 0 : (await rest.state()).writtenAt),
    files: createS3FileStore(s3, env.PAGES_BUCKET),
    publicUrl: (env.STATUS_URL ?? env.PUBLIC_URL ?? "http://localhost").replace(/\/$/, ""),
  };
}
