import { loadEnv } from "../shared/env/load-env.ts";
import { publishPagesEnv } from "../shared/env/publish-pages-env.ts";
import { createDynamoPublishedPages } from "../shared/page/dynamo-status-pages.ts";
import type { PublishReport } from "../shared/page/publish-pages.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(publishPagesEnv);
const stores = storeDeps("publish-pages", env);
const pages = createDynamoPublishedPages(stores.client, env.TABLE_NAME, stores.clock);

const NOTHING: PublishReport = { pages: 0, published: 0, written: 0 };

/** End of a round: the files of status pages. Without a bucket there are none; what makes them is loaded where there are pages. */
export const handler = taskHandler(stores.logger, async () => {
  if (env.PAGES_BUCKET === undefined) return NOTHING;
  const { pages: published, removed } = await pages.all();
  if (published.length + removed.length === 0) return NOTHING;
  const { publishDeps, publishPages } = await import("./wiring/publish-deps.ts");
  return publishPages(publishDeps({ ...env, PAGES_BUCKET: env.PAGES_BUCKET }, stores, pages));
});
