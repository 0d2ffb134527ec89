import { matchesHash, parseHeartbeatKey } from "../access/heartbeat-key.ts";
import { RequestError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import { type PingRequest, readPing } from "./read-ping.ts";
import type { TargetReader, TargetRegistry } from "./target-store.ts";

export interface TakePingDeps {
  readonly targets: Pick<TargetReader, "get"> & Pick<TargetRegistry, "recordPing">;
  readonly clock: Clock;
}

/**
 * Takes a ping of a heartbeat target. The key is looked at first: who has none learns nothing, and costs little.
 * @param keys as they may stand in path and headers; the first that is one counts
 * @throws {RequestError} `not-found`
 */
export async function takePing(deps: TakePingDeps, keys: readonly string[], request: PingRequest): Promise<void> {
  const [key] = keys.flatMap((candidate) => parseHeartbeatKey(candidate) ?? []);
  const target = key && (await deps.targets.get(key.targetId));
  const heartbeat = target?.heartbeat;
  if (key === undefined || heartbeat === undefined || !matchesHash(key.secret, heartbeat.keyHash)) {
    throw new RequestError("not-found", "There is no heartbeat with this key.");
  }
  const { starts, status, message, latencyMs } = readPing(request);
  const now = deps.clock.now();
  if (starts) {
    await deps.targets.recordPing(key.targetId, { startedAt: now });
    return;
  }
  const tookMs = latencyMs ?? (heartbeat.startedAt === undefined ? undefined : now - heartbeat.startedAt);
  const reported = { status, ...(message !== undefined && { message }), ...(tookMs !== undefined && { latencyMs: tookMs }) };
  const saysMore = status !== "up" || message !== undefined || tookMs !== undefined;
  await deps.targets.recordPing(key.targetId, { lastPingAt: now, ...(saysMore && { reported }) });
}
