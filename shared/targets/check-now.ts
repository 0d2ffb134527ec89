import { checkTypeOf } from "../check/check-config.ts";
import type { CheckResult } from "../check/check-result.ts";
import { type CheckEngine, runCheck } from "../check/run-check.ts";
import { RequestError } from "../errors.ts";
import { isObject } from "../text/is-object.ts";
import { type AdmissionDeps, admitConfig } from "./admit-config.ts";
import { patchedConfig } from "./change-target.ts";
import { requireTarget } from "./require-target.ts";
import { mapSecrets } from "./secret-fields.ts";
import type { TargetConfig } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

export interface CheckNowDeps extends AdmissionDeps {
  readonly engine: CheckEngine;
  readonly targets: Pick<TargetReader, "get">;
}

/** Whoever asks waits for the answer, and behind a gateway not for long. Milliseconds. */
const MAX_TIMEOUT_MS = 10_000;

/**
 * Checks a target now, once, and changes nothing: no status, no log, no alert.
 * @param patch JSON merge patch: as it would be with this change
 * @throws {z.ZodError} @throws {RequestError}
 */
export async function checkTargetNow(deps: CheckNowDeps, id: string, patch?: unknown): Promise<CheckResult> {
  const { config } = await requireTarget(deps.targets, id);
  return checkOnce(deps, patch === undefined ? config : await patchedConfig(deps, config, patch));
}

/** Checks a configuration that is not stored. @throws {z.ZodError} @throws {RequestError} */
export async function checkConfigNow(deps: CheckNowDeps, input: unknown): Promise<CheckResult> {
  // It needs no name of its own.
  return checkOnce(deps, await admitConfig(deps, isObject(input) ? { name: "check", ...input } : input));
}

async function checkOnce({ engine, cipher }: CheckNowDeps, sealed: TargetConfig): Promise<CheckResult> {
  const config = mapSecrets(sealed, cipher.decrypt);
  if (checkTypeOf(config).callsUs) throw new RequestError("invalid", "A target of this type calls us: there is nothing to check.");
  const once = { ...config, retries: 0, timeoutMs: Math.min(config.timeoutMs, MAX_TIMEOUT_MS) };
  const result = await runCheck({ config: once, heartbeat: { awaitedSince: engine.clock.now() } }, { ...engine, inDetail: true });
  if (result === undefined) throw new RequestError("invalid", "There is nothing to say of this target yet.");
  return result;
}
