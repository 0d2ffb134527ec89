import * as z from "zod";
import { SEVERITIES, type Severity } from "../status/alert-kinds.ts";
import type { Target } from "../targets/target.ts";
import { visibleText } from "../text/visible-text.ts";
import { isTimeZone, momentOf, wallTimeAt } from "../time/zoned-time.ts";
import { LIVING, type Living } from "./living-message.ts";
import { isInGroup, WEEKDAYS } from "./maintenance.ts";

const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 08:30");

/** Which targets and events a channel is for. What is left out takes all; what is given must hold, each of it. */
export const matchSchema = z.strictObject({
  anyTag: z.array(visibleText(50)).max(20).default([]).meta({ description: "Targets with one of these tags." }),
  allTags: z.array(visibleText(50)).max(20).default([]).meta({ description: "Targets with each of these tags." }),
  groups: z.array(visibleText(100)).max(20).default([]).meta({ description: "With the groups in them: Shop is Shop / Backend, too." }),
  targets: z.array(z.uuid("must be targets' ids").toLowerCase()).max(200, "must name at most 200 targets").default([]),
  severities: z.array(z.enum(SEVERITIES)).max(SEVERITIES.length).default([]),
});
export type Match = z.output<typeof matchSchema>;

/** When a channel may be used. */
export const hoursSchema = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1, "must name at least one day").max(7),
  from: clockTime,
  to: clockTime.meta({ description: "Of the next day, where it is not after `from`." }),
  timeZone: z.string().max(60).refine(isTimeZone, "must be a time zone such as Europe/Berlin").default("UTC"),
  outside: z
    .enum(["hold", "drop"])
    .default("hold")
    .meta({ description: "What becomes of an alert outside of them: told when they begin, or never." }),
});
export type Hours = z.output<typeof hoursSchema>;

export const livingSchema = z.enum(LIVING);

/** What decides which alerts a channel gets, and when. */
export interface Routing {
  readonly match: Match;
  readonly hours?: Hours | undefined;
  readonly paused: boolean;
  /** More alerts than this for the channel in one round become one message that counts them. */
  readonly digestAbove: number;
  /** How what comes after a first message is told. */
  readonly living: Living;
}

/** A channel that takes everything at any time. */
export const TAKES_ALL: Routing = {
  match: { anyTag: [], allTags: [], groups: [], targets: [], severities: [] },
  paused: false,
  digestAbove: 10,
  living: "message",
};

/** Whether a channel is for a target that names no channels itself. */
export function takesTarget({ match }: Routing, { id, config }: Pick<Target, "id" | "config">): boolean {
  const { anyTag, allTags, groups, targets } = match;
  return (
    (anyTag.length === 0 || anyTag.some((tag) => config.tags.includes(tag))) &&
    allTags.every((tag) => config.tags.includes(tag)) &&
    (groups.length === 0 || groups.some((group) => isInGroup(config.group, group))) &&
    (targets.length === 0 || targets.includes(id))
  );
}

/** Whether a channel is for alerts of a severity. */
export function takesSeverity({ match: { severities } }: Routing, severity: Severity): boolean {
  return severities.length === 0 || severities.includes(severity);
}

/** The next moment at which a channel may be used; the same moment within its hours. @param at epoch ms @returns epoch ms */
export function nextWithin({ days, from, to, timeZone }: Hours, at: number): number {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const length = end > start ? end - start : end - start + DAY_MINUTES;
  const today = wallTimeAt(at, timeZone);
  for (let offset = -1; offset <= 8; offset++) {
    const day = new Date(Date.UTC(today.year, today.month - 1, today.day + offset));
    const weekday = WEEKDAYS[day.getUTCDay()];
    if (weekday === undefined || !days.includes(weekday)) continue;
    const wall = { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
    const begins = momentOf({ ...wall, hour: Math.floor(start / 60), minute: start % 60 }, timeZone);
    // By the clock on the wall, whatever happens to it in between.
    const last = start + length;
    const ends = momentOf(
      { ...wall, day: wall.day + Math.floor(last / DAY_MINUTES), hour: Math.floor(last / 60) % 24, minute: last % 60 },
      timeZone,
    );
    if (at < ends) return Math.max(at, begins);
  }
  throw new RangeError("a week has a day of each name");
}

const DAY_MINUTES = 24 * 60;

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}
