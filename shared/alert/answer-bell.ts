import * as z from "zod";
import { type DeliveryDeps, type DeliveryReport, deliverOwed } from "./deliver-owed.ts";
import { type ToldChange, toldChanges } from "./told-changes.ts";

/** What a shard rings with. */
const bellCall = z.object({
  /** Mark, epoch seconds. */
  round: z.number(),
  targets: z.array(z.string()).max(1_000),
  earlier: z.array(z.string()).max(1_000).default([]),
});

/** Delivers what the named targets owe, in the middle of a round; who has them claimed already is left alone. */
export async function answerBell(deps: DeliveryDeps, input: unknown): Promise<BellReport> {
  const { round, targets, earlier } = bellCall.parse(input);
  const { owed, ...counts } = await deliverOwed(deps, targets, round, { checkedUntil: round - deps.roundSeconds, earlier });
  return { ...counts, round, changes: toldChanges(owed, round) };
}

export interface BellReport extends Omit<DeliveryReport, "owed"> {
  /** Mark, epoch seconds. */
  readonly round: number;
  /** Changes of status that were told; the first 50. */
  readonly changes: readonly ToldChange[];
}
