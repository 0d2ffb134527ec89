import { Worker } from "node:worker_threads";
import * as z from "zod";
import { SettingError } from "../../../shared/errors.ts";

/** An engine that answers at `url` until it is closed. */
export interface RunningEngine {
  readonly url: string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 1_500;
const readySchema = z.union([z.object({ url: z.string() }), z.object({ error: z.string() })]);

/**
 * Starts an engine's worker and waits until it answers.
 * @param onCrash told when the engine ends by itself
 * @throws {SettingError} with the engine's reason when it does not start
 */
export async function startEngine(
  file: "log-worker.ts" | "state-worker.ts",
  workerData: object,
  onCrash: (error: Error) => void,
): Promise<RunningEngine> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new SettingError(`${file} did not start within ${START_TIMEOUT_MS / 1_000} s`)),
      START_TIMEOUT_MS,
    );
    worker.once("error", reject);
    worker.once("message", (message: unknown) => {
      clearTimeout(timer);
      worker.off("error", reject);
      const ready = readySchema.parse(message);
      if ("url" in ready) resolve(ready.url);
      else reject(new SettingError(ready.error));
    });
  }).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  let closing = false;
  worker.on("error", onCrash);
  worker.on("exit", () => {
    if (!closing) onCrash(new Error(`${file} ended by itself`));
  });
  return {
    url,
    async close() {
      closing = true;
      worker.postMessage("close");
      const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
