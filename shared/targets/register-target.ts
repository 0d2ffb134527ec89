import { createHeartbeatSecret } from "../access/heartbeat-key.ts";
import { checkTypeOf } from "../check/check-config.ts";
import { type Recorder, record } from "../log/record.ts";
import { batch } from "../log/tables.ts";
import type { Clock } from "../time/clock.ts";
import { type AdmissionDeps, admitConfig, noteDependencies, requireDependencies } from "./admit-config.ts";
import type { FormerKeys } from "./former-keys.ts";
import type { OwedAlert } from "./owed-alert.ts";
import type { Target } from "./target.ts";
import { targetRow } from "./target-row.ts";
import type { TargetReader, TargetRegistry } from "./target-store.ts";

export interface RegisterTargetDeps extends AdmissionDeps, Recorder {
  readonly targets: Pick<TargetReader, "get" | "list"> & Pick<TargetRegistry, "create">;
  readonly formerKeys: Pick<FormerKeys, "claim" | "release">;
  readonly clock: Clock;
  readonly maxTargets: number;
  readonly newId: () => string;
}

/** A target that was just registered. */
export interface RegisteredTarget {
  readonly target: Target;
  /** What it calls us with, where it does; shown now and never again. */
  readonly callSecret?: string;
}

/**
 * Registers a target, which the next round checks.
 * @throws {z.ZodError} @throws {RequestError} @throws {NameTakenError} @throws {TooManyTargetsError}
 */
export async function registerTarget(deps: RegisterTargetDeps, input: unknown): Promise<RegisteredTarget> {
  const config = await admitConfig(deps, input);
  await requireDependencies(deps.targets, config);
  const key = checkTypeOf(config).callsUs ? createHeartbeatSecret() : undefined;
  const id = deps.newId();
  await deps.formerKeys.claim(config, id);
  const options = { id, maxTargets: deps.maxTargets, ...(key && { heartbeatKeyHash: key.hash }) };
  const target = await deps.targets.create(config, options).catch(async (error: unknown) => {
    // Who sends it again, corrected, is another target.
    await deps.formerKeys.release(config, id, Number.MAX_SAFE_INTEGER);
    throw error;
  });
  await noteDependencies(deps.targets, target);
  const now = deps.clock.now();
  await record(deps, spoolKey(target, now), batch("target", [targetRow(target)]));
  // What is paused from the first is not unknown: the log tells pauses by their beginning.
  if (config.paused) await record(deps, spoolKey(target, now), batch("transition", [{ seq: target.seq, alert: pausedAtFirst(target) }]));
  return { target, ...(key && { callSecret: key.secret }) };
}

function pausedAtFirst({ state: { since }, createdAt }: Target): OwedAlert {
  return { at: Date.parse(createdAt), kind: "status", from: "pending", to: "paused", since, previousSince: since, deliveries: {} };
}

/** Names what is logged of a target at a moment. @param now epoch ms */
export function spoolKey({ id }: Pick<Target, "id">, now: number): string {
  return `${new Date(now).toISOString()}#${id}`;
}
