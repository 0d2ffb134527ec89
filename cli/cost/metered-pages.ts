import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileServer } from "../../local/stand-ins/file-server.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import type { Usage } from "./meter.ts";

/** What publishing status pages used. */
export interface MeteredPages {
  /** Of a round in which nothing is to be written. */
  readonly idle: MeteredPublishing;
  /** Of the renewal every five minutes. */
  readonly renewal: MeteredPublishing;
}

export interface MeteredPublishing extends Usage {
  readonly ms: number;
  /** Requests to S3. */
  readonly puts: number;
  readonly gets: number;
}

/** Targets that a page shows here: what most have. */
const TARGETS_SHOWN = 20;
/** Later than a page is renewed. */
const RENEWED_MS = 300_000;
const BUCKET = "pages";

/**
 * Publishes pages of 20 targets each, and counts what a round without changes and a renewal use.
 * @param targetIds of those that are there @param measure tells what work used
 */
export async function meterPages(
  count: number,
  targetIds: readonly string[],
  measure: (work: () => Promise<unknown>) => Promise<Usage & { readonly ms: number }>,
): Promise<MeteredPages> {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-cost-"));
  const s3 = createFileServer(folder, () => undefined);
  const requests = { puts: 0, gets: 0 };
  s3.prependListener("request", ({ method }) => {
    requests[method === "PUT" ? "puts" : "gets"]++;
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: await listen(s3),
    PAGES_BUCKET: BUCKET,
    STATUS_URL: "https://status.example.com",
  });
  const { storeDeps } = await import("../../functions/wiring/store-deps.ts");
  const { publishDeps, publishPages } = await import("../../functions/wiring/publish-deps.ts");
  const { loadEnv } = await import("../../shared/env/load-env.ts");
  const { publishPagesEnv } = await import("../../shared/env/publish-pages-env.ts");
  const { createDynamoPublishedPages, createDynamoStatusPages } = await import("../../shared/page/dynamo-status-pages.ts");
  const { statusPageInput } = await import("../../shared/page/status-page.ts");
  const env = { ...loadEnv(publishPagesEnv), PAGES_BUCKET: BUCKET };
  const stores = storeDeps("cost", env);
  const targets = targetIds.slice(0, TARGETS_SHOWN).map((id) => ({ id }));
  const at = new Date().toISOString();
  const pages = createDynamoStatusPages(stores.client, env.TABLE_NAME);
  for (let number = 1; number <= count; number++) {
    const input = { slug: `page-${number}`, title: `Page ${number}`, sections: [{ name: "Services", targets }] };
    await pages.put({ ...statusPageInput.parse(input), key: `k${number}`, version: 1, createdAt: at, updatedAt: at });
  }
  let later = 0;
  const clock = { ...stores.clock, now: () => stores.clock.now() + later };
  const publish = () =>
    publishPages({ ...publishDeps(env, stores, createDynamoPublishedPages(stores.client, env.TABLE_NAME, clock)), clock });
  const metered = async (): Promise<MeteredPublishing> => {
    Object.assign(requests, { puts: 0, gets: 0 });
    return { ...(await measure(publish)), ...requests };
  };
  await publish();
  const idle = await metered();
  later = RENEWED_MS;
  const renewal = await metered();
  s3.closeAllConnections();
  s3.close();
  await rm(folder, { recursive: true, force: true });
  return { idle, renewal };
}
