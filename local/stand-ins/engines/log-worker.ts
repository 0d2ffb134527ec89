import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { messageOf } from "../../../shared/errors.ts";
import { createDataApiServer } from "../data-api.ts";
import { listen } from "../listen.ts";
import { requireKey } from "./engine-key.ts";
import { openPglite } from "./pglite-engine.ts";
import { openPostgres } from "./postgres-engine.ts";

/*
 * The log's engine and its Data API, in a thread of their own: PGlite blocks the event loop while it
 * runs a query, and what it would block are latencies being measured.
 */
const { dataDir, databaseUrl, accessKeyId } = z
  .object({ dataDir: z.string().optional(), databaseUrl: z.string().optional(), accessKeyId: z.string().optional() })
  .parse(workerData);

try {
  const engine = databaseUrl === undefined ? await openPglite(dataDir) : openPostgres(databaseUrl);
  const server = requireKey(createDataApiServer(engine), accessKeyId);
  const url = await listen(server);
  parentPort?.once("message", () => {
    server.closeAllConnections();
    server.close();
    void engine.close().finally(() => process.exit(0));
  });
  parentPort?.postMessage({ url });
} catch (error) {
  parentPort?.postMessage({ error: messageOf(error) });
}
