import { matchesHash, parseHeartbeatKey } from "../access/heartbeat-key.ts";
import { RequestError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import type { FormerKeys } from "./former-keys.ts";
import { type PingRequest, readPing } from "./read-ping.ts";
import type { HeartbeatRecord } from "./target.ts";
import type { TargetReader, TargetRegistry } from "./target-store.ts";

export interface TakePingDeps {
  readonly targets: Pick<TargetReader, "get"> & Pick<TargetRegistry, "recordPing">;
  readonly formerKeys: Pick<FormerKeys, "targetOf">;
  readonly clock: Clock;
}

/** What a caller shows. */
export interface PingKeys {
  /** As they may stand in path and headers; the first that can be one of ours counts. */
  readonly own: readonly string[];
  /** What another monitor may know the caller by, with what the path says besides; the first that is somebody's counts. */
  readonly former: readonly { readonly key: string; readonly signal?: string | undefined }[];
}

/**
 * Takes a ping of a heartbeat target. The key is looked at first: who has none learns nothing, and costs little.
 * @throws {RequestError} `not-found`
 */
export async function takePing(deps: TakePingDeps, keys: PingKeys, request: PingRequest): Promise<void> {
  const called = await calledBy(deps, keys, request.signal);
  if (called === undefined) throw new RequestError("not-found", "There is no heartbeat with this key.");
  const { id, heartbeat, signal } = called;
  const { starts, notes, status, message, latencyMs } = await readPing({ ...request, signal });
  const now = deps.clock.now();
  // What is said on the way neither ends a run nor a failure.
  if (notes) return;
  if (starts) {
    await deps.targets.recordPing(id, { startedAt: now });
    return;
  }
  const tookMs = latencyMs ?? (heartbeat.startedAt === undefined ? undefined : now - heartbeat.startedAt);
  const reported = { status, ...(message !== undefined && { message }), ...(tookMs !== undefined && { latencyMs: tookMs }) };
  const saysMore = status !== "up" || message !== undefined || tookMs !== undefined;
  await deps.targets.recordPing(id, { lastPingAt: now, ...(saysMore && { reported }) });
}

async function calledBy(
  { targets, formerKeys }: TakePingDeps,
  { own, former }: PingKeys,
  signal: string | undefined,
): Promise<{ id: string; heartbeat: HeartbeatRecord; signal: string | undefined } | undefined> {
  const [key] = own.flatMap((candidate) => parseHeartbeatKey(candidate) ?? []);
  const named = key && (await targets.get(key.targetId))?.heartbeat;
  if (key !== undefined && named !== undefined && matchesHash(key.secret, named.keyHash))
    return { id: key.targetId, heartbeat: named, signal };
  // Another monitor's key may look like one of ours.
  for (const candidate of former) {
    const id = await formerKeys.targetOf(candidate.key);
    const heartbeat = id === undefined ? undefined : (await targets.get(id))?.heartbeat;
    if (id !== undefined && heartbeat !== undefined) return { id, heartbeat, signal: candidate.signal };
  }
  return undefined;
}
