import { type Recorder, record } from "../log/record.ts";
import { batch } from "../log/tables.ts";
import type { Clock } from "../time/clock.ts";
import { pagesOf } from "./pages-of.ts";
import { targetRow } from "./target-row.ts";
import type { TargetReader } from "./target-store.ts";

export interface LogTargetsDeps extends Recorder {
  readonly targets: Pick<TargetReader, "list">;
  readonly clock: Clock;
}

/** Names every target in the log anew, which mends what a crash between the two stores left out. */
export async function logTargets(deps: LogTargetsDeps): Promise<void> {
  for await (const targets of pagesOf(deps.targets)) {
    const rows = targets.map((target) => targetRow(target));
    await record(deps, `${new Date(deps.clock.now()).toISOString()}#targets`, batch("target", rows));
  }
}
