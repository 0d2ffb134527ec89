import * as z from "zod";
import { ERROR_CLASSES } from "../check/check-type.ts";
import { EVENT_CODES, type EventKind } from "../status/alert-kinds.ts";
import { STATUSES } from "../status/next-status.ts";

/** How the delivery of one alert on one channel stands. */
const deliverySchema = z.object({
  /** `hidden`: never told; `error` says why. */
  outcome: z.enum(["waiting", "sent", "failed", "folded", "hidden"]),
  attempts: z.number(),
  /** Epoch ms before which it is not tried again; for `waiting`. */
  nextAttemptAt: z.number().optional(),
  /** Epoch ms of the last attempt. */
  attemptedAt: z.number(),
  error: z.string().optional(),
  /** What holds it back, where that is not the channel. */
  heldBy: z.string().optional(),
});
export type Delivery = z.output<typeof deliverySchema>;

/**
 * Something that happened to a target and that people must hear of: written in the same item and
 * the same write as the state that changed, and kept there until every channel has settled it.
 */
export const owedAlertSchema = z.object({
  /** Epoch ms; unique within the target, and the alert's key in the ledger. */
  at: z.number(),
  kind: z.enum(Object.keys(EVENT_CODES) as EventKind[]),
  from: z.enum(STATUSES),
  to: z.enum(STATUSES),
  /** Marks, epoch seconds: since when the new and the old status hold. */
  since: z.number(),
  previousSince: z.number(),
  error: z.object({ class: z.enum(ERROR_CLASSES), text: z.string() }).optional(),
  /** What a reader should know of the check besides, such as that its body was cut. */
  note: z.string().optional(),
  httpStatus: z.number().optional(),
  /** Milliseconds. */
  latencyMs: z.number().optional(),
  certificateDaysLeft: z.number().optional(),
  /** Of an escalation: the channels it goes to. */
  channels: z.array(z.string()).optional(),
  /** By channel id. */
  deliveries: z.record(z.string(), deliverySchema).default({}),
});
export type OwedAlert = z.output<typeof owedAlertSchema>;

/** Alerts that one item holds at most, and bytes of them as JSON: an item has 400 KB, a configuration up to 150. */
const MAX_OWED = 200;
const MAX_OWED_BYTES = 150_000;

/**
 * The oldest alerts that must leave an item so that another fits, while no channel takes them.
 * @param owed what the item holds, oldest first
 * @param added what is to be written into it
 */
export function makingRoom(owed: readonly OwedAlert[], added: readonly OwedAlert[]): readonly OwedAlert[] {
  const bytesOf = (alert: OwedAlert) => Buffer.byteLength(JSON.stringify(alert));
  let count = owed.length + added.length;
  let bytes = [...owed, ...added].reduce((sum, alert) => sum + bytesOf(alert), 0);
  const leaving: OwedAlert[] = [];
  for (const alert of owed) {
    if (count <= MAX_OWED && bytes <= MAX_OWED_BYTES) break;
    leaving.push(alert);
    count--;
    bytes -= bytesOf(alert);
  }
  return leaving;
}

/** Whether a channel waits for its time: nothing can be done for the alert now. @param now epoch ms */
export function isWaiting({ deliveries }: OwedAlert, now: number): boolean {
  const open = Object.values(deliveries).filter(({ outcome }) => outcome === "waiting");
  return open.length > 0 && open.every(({ nextAttemptAt = 0 }) => nextAttemptAt > now);
}
