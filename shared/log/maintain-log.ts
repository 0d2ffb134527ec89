import type { Clock } from "../clock.ts";
import type { TargetReader } from "../target/target-store.ts";
import { targetBatch } from "./batches.ts";
import type { MaintenanceReport, Retention } from "./log-store.ts";
import { type Recorder, record } from "./record.ts";

export interface MaintainLogDeps extends Recorder {
  readonly targets: Pick<TargetReader, "list">;
  readonly clock: Clock;
  readonly retention: Retention;
}

const TARGETS_AT_ONCE = 500;

/**
 * Keeps the log in shape: partitions ahead, roll-ups, retention; and names every target in it anew,
 * which mends what a crash between the two stores left out.
 */
export async function maintainLog(deps: MaintainLogDeps): Promise<MaintenanceReport> {
  const report = await deps.log.maintain(deps.clock.now(), deps.retention);
  let after: string | undefined;
  do {
    const targets = await deps.targets.list({ after, limit: TARGETS_AT_ONCE });
    await record(deps, `${new Date(deps.clock.now()).toISOString()}#targets`, targetBatch(targets.map((target) => ({ target }))));
    after = targets.length === TARGETS_AT_ONCE ? targets.at(-1)?.id : undefined;
  } while (after !== undefined);
  return report;
}
