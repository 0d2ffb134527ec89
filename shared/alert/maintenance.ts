import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { managedSchema } from "../targets/managed.ts";
import type { TargetConfig } from "../targets/target.ts";
import { visibleText } from "../text/visible-text.ts";
import { isTimeZone, momentOf, wallTimeAt } from "../time/zoned-time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

const moment = z.iso.datetime({ offset: true, error: "must be a moment with its zone, such as 2026-11-23T22:00:00+01:00" });

const onceSchema = z.strictObject({ from: moment, to: moment });
const weeklySchema = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1, "must name at least one day").max(7),
  at: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 02:30"),
  durationMinutes: z
    .int()
    .min(1)
    .max(7 * 24 * 60, "must be at most a week"),
});

/** What an owner sets: when, and of what nothing is told. */
export const maintenanceInput = z.strictObject({
  name: visibleText(200).meta({ description: "Status pages show it, of a maintenance." }),
  kind: z
    .enum(["maintenance", "silence"])
    .default("maintenance")
    .meta({ description: "A silence holds alerts back in the same way, and is no maintenance to reports and status pages." }),
  targets: z.array(z.uuid("must be targets' ids").toLowerCase()).max(200, "must name at most 200 targets").default([]),
  tags: z.array(visibleText(50)).max(20).default([]),
  groups: z.array(visibleText(100)).max(20).default([]).meta({ description: "With the groups in them: Shop is Shop / Backend, too." }),
  all: z.boolean().default(false),
  once: onceSchema.optional(),
  weekly: weeklySchema.optional(),
  timeZone: z
    .string()
    .max(60)
    .refine(isTimeZone, "must be a time zone such as Europe/Berlin")
    .default("UTC")
    .meta({ description: "Of `weekly`. A time that clocks skip begins when they change; one they show twice, at the first." }),
  managed: managedSchema,
});

type Input = z.output<typeof maintenanceInput>;

/** A time in which checks go on and nothing is told. */
export interface MaintenanceWindow extends Input {
  readonly id: string;
  /** Grows by one with each change. */
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601: when what decides when it is, and of what, was last changed, if ever. */
  readonly effectiveFrom?: string | undefined;
}

/** Since when a window is as it is, epoch ms: one that repeats says nothing of the time before. One written down once may. */
export function effectiveSince({ weekly, effectiveFrom, createdAt }: MaintenanceWindow): number {
  return weekly === undefined ? Number.NEGATIVE_INFINITY : Date.parse(effectiveFrom ?? createdAt);
}

/** Whether a change leaves when a window is, and of what. */
export function isOfSameTime(before: Input, after: Input): boolean {
  const timeOf = ({ name: _name, managed: _managed, ...rest }: Input) => rest;
  return isDeepStrictEqual(timeOf(before), timeOf(after));
}

/** What the API shows of a window besides its configuration: read back, and never a change. */
export const SHOWN_OF_WINDOWS: ReadonlySet<string> = new Set(["id", "version", "createdAt", "effectiveFrom", "active", "next"]);

/** A window as it lies in time. Epoch ms. */
export interface Occurrence {
  readonly from: number;
  readonly to: number;
}

/** Longest single window, ms: what lasts longer is no maintenance. */
export const MAX_ONCE_MS = 60 * DAY_MS;

/** @throws {z.ZodError} naming each wrong field */
export function parseMaintenance(input: unknown): Input {
  return maintenanceInput
    .superRefine(({ once, weekly, all, targets, tags, groups }, context) => {
      const issue = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
      if ((once === undefined) === (weekly === undefined)) issue("once", "or weekly must be set, and not both");
      if (!all && targets.length + tags.length + groups.length === 0)
        issue("targets", "tags or groups must name something, or all must be true");
      if (once !== undefined && !(Date.parse(once.to) > Date.parse(once.from))) issue("once", "must end after it begins");
      if (once !== undefined && Date.parse(once.to) - Date.parse(once.from) > MAX_ONCE_MS)
        issue("once", "must be at most 60 days: pause the targets instead");
    })
    .parse(input);
}

/** Whether a window is of a target. */
export function appliesTo(window: Input, { id, config }: { id: string; config: Pick<TargetConfig, "tags" | "group"> }): boolean {
  const { tags, groups } = window;
  const { group } = config;
  return appliesAlways(window, { id }) || tags.some((tag) => config.tags.includes(tag)) || groups.some((name) => isInGroup(group, name));
}

/** Whether a window is a target's whatever its tags and group are, as both may change. */
export function appliesAlways({ all, targets }: Input, { id }: { id: string }): boolean {
  return all || targets.includes(id);
}

/** Whether a target's group is one, or in one. */
export function isInGroup(group: string | undefined, name: string): boolean {
  return group === name || (group?.startsWith(`${name} / `) ?? false);
}

/** The occurrence that a moment lies in. @param at epoch ms */
export function occurrenceAt(window: Input, at: number): Occurrence | undefined {
  return occurrencesFrom(window, at).find(({ from, to }) => from <= at && at < to);
}

/** The occurrence that a moment lies in, or the next one. @param at epoch ms */
export function nextOccurrence(window: Input, at: number): Occurrence | undefined {
  return occurrencesFrom(window, at).find(({ to }) => to > at);
}

/** Those that touch [from, to), the earliest first. Epoch ms; at most 400 days are looked through. */
export function occurrencesBetween(window: Input, from: number, to: number): Occurrence[] {
  const days = Math.min(400, Math.max(0, Math.ceil((to - from) / DAY_MS)));
  return occurrencesFrom(window, from, days + 1).filter((each) => each.to > from && each.from < to);
}

/** Those around a moment, the earliest first: as far back as one may reach, and `ahead` days on. */
function occurrencesFrom({ once, weekly, timeZone }: Input, at: number, ahead = 7): Occurrence[] {
  if (once !== undefined) return [{ from: Date.parse(once.from), to: Date.parse(once.to) }];
  if (weekly === undefined) return [];
  const [hour = 0, minute = 0] = weekly.at.split(":").map(Number);
  const today = wallTimeAt(at, timeZone);
  const back = Math.ceil(weekly.durationMinutes / (24 * 60)) + 1;
  return Array.from({ length: back + 1 + ahead }, (_, index) => index - back).flatMap((offset) => {
    const day = new Date(Date.UTC(today.year, today.month - 1, today.day + offset));
    const weekday = WEEKDAYS[day.getUTCDay()];
    if (weekday === undefined || !weekly.days.includes(weekday)) return [];
    const from = momentOf({ year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate(), hour, minute }, timeZone);
    return [{ from, to: from + weekly.durationMinutes * MINUTE_MS }];
  });
}

/** Windows there may be. */
export const MAX_WINDOWS = 200;

/** Where windows are kept. */
export interface MaintenanceStore {
  /** All, those that begin first, first. */
  list(): Promise<MaintenanceWindow[]>;
  /** @returns false when the stored one is not of the version before; a first version is new */
  put(window: MaintenanceWindow): Promise<boolean>;
  /** @returns what it was */
  remove(id: string): Promise<MaintenanceWindow | undefined>;
}
