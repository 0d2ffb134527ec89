import type { DeliveryRow } from "../log/tables.ts";
import type { OwedAlert } from "./owed-alert.ts";

/**
 * Deliveries of an alert as they stand; none waits any longer.
 * @param now epoch ms @param why of those that waited
 */
export function endedDeliveries(
  of: Pick<DeliveryRow, "seq" | "at">,
  deliveries: OwedAlert["deliveries"],
  now: number,
  why: string,
): DeliveryRow[] {
  return Object.entries(deliveries).map(([channel, delivery]) => {
    if (delivery.outcome !== "waiting") return { ...of, channel, delivery };
    const { attempts, error } = delivery;
    const reason = `${why}${error === undefined ? "" : `: ${error}`}`;
    return { ...of, channel, delivery: { outcome: "failed", attempts, attemptedAt: now, error: reason } };
  });
}
