import type { OwedAlert } from "../targets/owed-alert.ts";
import type { Target } from "../targets/target.ts";

/** Within which changes are counted, seconds. */
const SPAN_S = 3_600;
/** What has not changed for this long has come to rest, ms. */
export const FLAP_REST_MS = 600_000;

type Flapper = Pick<Target, "state" | "config">;

/** Changes within the hour that ends with one; of what flapped and came to rest, those since. @param mark epoch seconds */
function changesUntil({ state: { changes = [] }, config: { flapThreshold } }: Flapper, mark: number): number {
  let counted: number[] = [];
  for (const each of changes.filter((change) => change <= mark)) {
    const rested = counted.length > flapThreshold && each - (counted.at(-1) ?? each) >= FLAP_REST_MS / 1_000;
    counted = rested ? [each] : [...counted.filter((earlier) => earlier > each - SPAN_S), each];
  }
  return counted.filter((each) => each > mark - SPAN_S).length;
}

function isMany(target: Flapper, mark: number): boolean {
  const { flapThreshold } = target.config;
  return flapThreshold > 0 && changesUntil(target, mark) > flapThreshold;
}

/** Whether an alert is the one with which a target begins to flap: it is told, and says so. */
export function beginsToFlap(target: Flapper, { kind, at }: Pick<OwedAlert, "kind" | "at">): boolean {
  const mark = Math.floor(at / 1_000);
  const before = target.state.changes?.filter((each) => each < mark).at(-1);
  return kind === "status" && isMany(target, mark) && (before === undefined || !isMany(target, before));
}

/** What the first message of a target that flaps says besides. */
export function flapNote(target: Flapper, { at }: Pick<OwedAlert, "at">): string {
  const count = changesUntil(target, Math.floor(at / 1_000));
  return `it changed ${count} times within an hour: it is told of again once it has not changed for ${FLAP_REST_MS / 60_000} minutes`;
}

/** What holds an alert of a target that flaps, which people were told of, until it rests. @param now epoch ms */
export function flapHold(
  target: Flapper,
  first: Pick<OwedAlert, "kind" | "at">,
  now: number,
): { reason: string; until: number } | undefined {
  const last = target.state.changes?.at(-1);
  if (first.kind !== "status" || last === undefined || !isMany(target, Math.floor(first.at / 1_000)) || beginsToFlap(target, first))
    return undefined;
  const until = last * 1_000 + FLAP_REST_MS;
  if (now >= until) return undefined;
  return { reason: `it flaps: it is told of once it has not changed for ${FLAP_REST_MS / 60_000} minutes`, until };
}
