import { loadEnv } from "../shared/env/load-env.ts";
import { publishPagesEnv } from "../shared/env/publish-pages-env.ts";
import { createDynamoPublishedPages } from "../shared/page/dynamo-status-pages.ts";
import type { PublishReport } from "../shared/page/publish-pages.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(publishPagesEnv);
const stores = storeDeps("publish-pages", env);
const pages = createDynamoPublishedPages(stores.client, env.TABLE_NAME);

const NOTHING: PublishReport = { pages: 0, published: 0, written: 0 };

/** End of a round: the files of status pages. Without a bucket there are none; what makes them is loaded where there are pages. */
export const handler = taskHandler(stores.logger, async (event) => {
  if (env.PAGES_BUCKET === undefined) return NOTHING;
  const found = await pages.all();
  if (found.pages.length + found.removed.length === 0) return NOTHING;
  const { publisher } = await import("./wiring/publisher.ts");
  return publisher({ ...env, PAGES_BUCKET: env.PAGES_BUCKET }, stores, { ...pages, all: async () => found })(event);
});
