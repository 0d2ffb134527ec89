import { type Recorder, record } from "../log/record.ts";
import { batch } from "../log/tables.ts";
import type { Clock } from "../time/clock.ts";
import { targetRow } from "./target-row.ts";
import type { TargetReader } from "./target-store.ts";

export interface LogTargetsDeps extends Recorder {
  readonly targets: Pick<TargetReader, "list">;
  readonly clock: Clock;
}

const TARGETS_AT_ONCE = 500;

/** Names every target in the log anew, which mends what a crash between the two stores left out. */
export async function logTargets(deps: LogTargetsDeps): Promise<void> {
  let after: string | undefined;
  do {
    const targets = await deps.targets.list({ after, limit: TARGETS_AT_ONCE });
    const rows = targets.map((target) => targetRow(target));
    await record(deps, `${new Date(deps.clock.now()).toISOString()}#targets`, batch("target", rows));
    after = targets.length === TARGETS_AT_ONCE ? targets.at(-1)?.id : undefined;
  } while (after !== undefined);
}
