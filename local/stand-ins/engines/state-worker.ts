import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";
import { messageOf } from "../../../shared/errors.ts";
import { listen } from "../listen.ts";
import { createDynalite } from "./dynalite.ts";
import { requireKey } from "./engine-key.ts";

/* DynamoDB's engine, in a thread of its own for the same reason as the log's. */
const { dataDir, accessKeyId } = z.object({ dataDir: z.string().optional(), accessKeyId: z.string().optional() }).parse(workerData);

try {
  const server = requireKey(createDynalite(dataDir), accessKeyId);
  const url = await listen(server);
  parentPort?.once("message", () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
  parentPort?.postMessage({ url });
} catch (error) {
  parentPort?.postMessage({ error: messageOf(error) });
}
