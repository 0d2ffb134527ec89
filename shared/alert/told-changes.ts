import type { DeliveryReport } from "./deliver-owed.ts";

/** A change of status, in short. */
export interface ToldChange {
  readonly target: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

const MAX_NAMED = 50;

/** The changes of status of a round among what was owed; the first 50. @param round mark, epoch seconds */
export function toldChanges(owed: DeliveryReport["owed"], round: number): readonly ToldChange[] {
  return owed
    .filter(({ alert }) => alert.kind === "status" && alert.at === round * 1_000)
    .slice(0, MAX_NAMED)
    .map(({ targetName, alert }) => ({ target: targetName, from: alert.from, to: alert.to, reason: alert.error?.text ?? "" }));
}
