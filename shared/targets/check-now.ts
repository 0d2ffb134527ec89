import { checkTypeOf } from "../check/check-config.ts";
import type { CheckResult } from "../check/check-result.ts";
import { type CheckEngine, runCheck } from "../check/run-check.ts";
import { RequestError } from "../errors.ts";
import { isObject } from "../text/is-object.ts";
import type { FieldCipher } from "./field-cipher.ts";
import { requireTarget } from "./require-target.ts";
import { mapSecrets } from "./secret-fields.ts";
import { parseTargetConfig, type TargetConfig } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

export interface CheckNowDeps {
  readonly engine: CheckEngine;
  readonly roundSeconds: number;
  readonly targets: Pick<TargetReader, "get">;
  readonly cipher: FieldCipher;
}

/** Whoever asks waits for the answer, and behind a gateway not for long. Milliseconds. */
const MAX_TIMEOUT_MS = 10_000;

/** Checks a target now, once, and changes nothing: no status, no log, no alert. @throws {RequestError} */
export async function checkTargetNow(deps: CheckNowDeps, id: string): Promise<CheckResult> {
  const { config } = await requireTarget(deps.targets, id);
  return checkOnce(deps, mapSecrets(config, deps.cipher.decrypt));
}

/** Checks a configuration that is not stored. @throws {z.ZodError} @throws {RequestError} */
export async function checkConfigNow(deps: CheckNowDeps, input: unknown): Promise<CheckResult> {
  // It needs no name of its own.
  return checkOnce(deps, parseTargetConfig(isObject(input) ? { name: "check", ...input } : input, deps.roundSeconds));
}

async function checkOnce({ engine }: CheckNowDeps, config: TargetConfig): Promise<CheckResult> {
  if (checkTypeOf(config).callsUs) throw new RequestError("invalid", "A target of this type calls us: there is nothing to check.");
  const once = { ...config, retries: 0, timeoutMs: Math.min(config.timeoutMs, MAX_TIMEOUT_MS) };
  const result = await runCheck({ config: once, heartbeat: { awaitedSince: engine.clock.now() } }, engine);
  if (result === undefined) throw new RequestError("invalid", "There is nothing to say of this target yet.");
  return result;
}
