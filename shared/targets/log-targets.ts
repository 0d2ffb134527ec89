import { type Recorder, record } from "../log/record.ts";
import { batch } from "../log/tables.ts";
import type { Clock } from "../time/clock.ts";
import type { Target } from "./target.ts";
import { targetRow } from "./target-row.ts";

/** Names targets in the log anew, which mends what a crash between the two stores left out. */
export async function logTargets(deps: Recorder & { readonly clock: Clock }, targets: readonly Target[]): Promise<void> {
  const rows = targets.map((target) => targetRow(target));
  await record(deps, `${new Date(deps.clock.now()).toISOString()}#targets`, batch("target", rows));
}
