import { runChecks } from "../../shared/round/run-checks.ts";
import { configOf, testEngine } from "../support/checks.ts";

/** Checks hostile servers, all at once; over within two seconds and a little. @param urls theirs */
export async function checkFloods(urls: readonly string[]): Promise<void> {
  const heartbeat = { awaitedSince: 0 };
  await runChecks(
    urls.map((url) => ({ config: configOf({ url, retries: 0, timeoutMs: 2_000, verifyTls: false }), heartbeat })),
    testEngine(),
  );
}
