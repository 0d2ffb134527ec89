import { stringify } from "csv-stringify/sync";
import * as z from "zod";
import { invalidField } from "../../../shared/errors.ts";
import { ROLLUP_MS } from "../../../shared/log/log-history.ts";
import type { TargetReport } from "../../../shared/log/log-reports.ts";
import { uptimePercent } from "../../../shared/log/summarise.ts";
import { budgetOfAll } from "../../../shared/status/slo.ts";
import { isTimeZone, momentOf } from "../../../shared/time/zoned-time.ts";
import { filterText, momentField } from "../paging.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { allTargets } from "./overview.ts";

/** Longest window of a report. */
const MAX_DAYS = 400;
const DAY_MS = 86_400_000;
/** Targets in one read: a row has some 300 bytes as JSON, and the Data API ends a call at 1 MiB. */
const TARGETS_A_READ = 1_000;

/** How the figures come about: they stand in each answer. */
const RULES = {
  uptimePercent: "up and degraded, of the time that is known",
  degraded: "counts as up",
  unknown: "time that no check accounts for is left out: neither up nor down",
  paused: "left out",
  maintenance: "left out, in steps of 5 minutes: neither up nor down nor unknown",
  incidents:
    "times it was down, those that began before included; times it was degraded are none here, whatever the target says, nor are those that lie in maintenance as a whole",
  detectSeconds: "from the first failing check to the decision, on average, of incidents that began here (MTTD)",
  recoverSeconds: "from the first failing check to the first good one, on average, of incidents that ended here by recovery (MTTR)",
  budget:
    "how long the objectives of today allow to be down, of the time here that is known, and what is left of it; a target's summary has it of the objective's own days, known or not",
} as const;

const figures = {
  uptimePercent: z.number().nullable(),
  upSeconds: z.int(),
  degradedSeconds: z.int(),
  downSeconds: z.int(),
  unknownSeconds: z.int(),
  maintenanceSeconds: z.int(),
  pausedSeconds: z.int(),
  incidents: z.int(),
  detectSeconds: z.number().nullable(),
  recoverSeconds: z.number().nullable(),
  objectivePercent: z.number().nullable().meta({ description: "Of a group: the one that all its targets with an objective have." }),
  budgetSeconds: z.int().nullable().meta({ description: "Null without an objective." }),
  budgetLeftPercent: z.number().nullable().meta({ description: "Below 0 when more was spent than there is." }),
};

const reportView = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime().meta({ description: "Not later than what is rolled up: at most some minutes ago." }),
  rules: z.record(z.string(), z.string()),
  targets: z.array(z.object({ id: z.string(), name: z.string(), group: z.string().nullable(), ...figures })),
  groups: z.array(z.object({ group: z.string(), targets: z.int(), ...figures })),
});
type Figures = z.output<z.ZodObject<typeof figures>>;

export const uptimeReport = defineRoute({
  method: "GET",
  path: "/reports/uptime",
  id: "uptimeReport",
  summary: "Uptime, incidents, time to detect and to recover, by target and by group",
  tag: "History",
  access: "viewer",
  query: z.strictObject({
    from: momentField.optional(),
    to: momentField.optional(),
    month: z
      .string()
      .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "must be a month such as 2026-11")
      .optional()
      .meta({ description: "Instead of from and to: a whole month in `timeZone`." }),
    timeZone: z.string().max(60).refine(isTimeZone, "must be a time zone such as Europe/Berlin").default("UTC"),
    tag: filterText(50),
    group: filterText(100).meta({ description: "With the groups in it." }),
    format: z.enum(["json", "csv"]).default("json"),
  }),
  responses: { 200: { description: "The report; with format csv, its targets as a table (text/csv).", schema: reportView } },
  async handle(deps, { query }) {
    const window = await windowOf(deps, query);
    const [reports, targetsNow] = await Promise.all([
      allReports(deps, { ...window, tag: query.tag, group: query.group }),
      allTargets(deps),
    ]);
    const objectives = new Map(targetsNow.map(({ id, config }) => [id, config.slo?.objectivePercent]));
    const rows = reports.map((report) => ({ ...report, objectivePercent: objectives.get(report.id) }));
    const targets = rows.map(({ id, name, group, ...row }) => ({ id, name, group, ...figuresOf([row]) }));
    if (query.format === "csv") {
      return {
        status: 200,
        headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": 'attachment; filename="uptime.csv"' },
        // A byte order mark, without which spreadsheets guess the charset; a cell that would be a formula is none.
        body: stringify(targets, {
          header: true,
          bom: true,
          escape_formulas: true,
          columns: ["id", "name", "group", ...Object.keys(figures)],
        }),
      };
    }
    const names = [...new Set(rows.flatMap(({ group }) => group ?? []))].sort();
    const groups = names.map((group) => {
      const own = rows.filter((row) => row.group === group);
      return { group, targets: own.length, ...figuresOf(own) };
    });
    return { status: 200, body: { ...window, rules: RULES, targets, groups } };
  },
});

/** The window that is asked for, cut to what is known. @throws {RequestError} */
async function windowOf(
  { reports, clock }: ApiDeps,
  { from, to, month, timeZone }: { from?: string | undefined; to?: string | undefined; month?: string | undefined; timeZone: string },
): Promise<{ from: string; to: string }> {
  if (month !== undefined && (from !== undefined || to !== undefined)) throw invalidField("month", "must be given without from and to");
  const [year = 0, number = 0] = (month ?? "").split("-").map(Number);
  const begins = (of: number) => momentOf({ year, month: of, day: 1, hour: 0, minute: 0 }, timeZone);
  const now = clock.now();
  const wantedTo = month === undefined ? Date.parse(to ?? new Date(now).toISOString()) : begins(number + 1);
  const wantedFrom = month === undefined ? Date.parse(from ?? new Date(wantedTo - 30 * DAY_MS).toISOString()) : begins(number);
  if (wantedFrom >= wantedTo) throw invalidField("from", "must be before to");
  if (wantedTo - wantedFrom > MAX_DAYS * DAY_MS) throw invalidField("from", `must be at most ${MAX_DAYS} days before to`);
  const known = await reports.rolledUpTo();
  const stepped = (ms: number) => Math.floor(ms / ROLLUP_MS) * ROLLUP_MS;
  const start = stepped(wantedFrom);
  const end = Math.max(start, stepped(Math.min(wantedTo, known === null ? start : Date.parse(known))));
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
}

async function allReports(
  { reports }: ApiDeps,
  options: { from: string; to: string; tag: string | undefined; group: string | undefined },
): Promise<TargetReport[]> {
  const all: TargetReport[] = [];
  if (options.from === options.to) return all;
  for (let after = 0; ; ) {
    const page = await reports.targets({ ...options, after, limit: TARGETS_A_READ });
    all.push(...page.map(({ seq: _, ...report }) => report));
    if (page.length < TARGETS_A_READ) return all;
    after = page.at(-1)?.seq ?? after;
  }
}

type Row = Omit<TargetReport, "id" | "name" | "group"> & { readonly objectivePercent: number | undefined };

/** What several targets add up to; one is itself. */
function figuresOf(rows: readonly Row[]): Figures {
  const sum = (pick: (row: Row) => number) => rows.reduce((total, row) => total + pick(row), 0);
  const up = sum(({ upSeconds }) => upSeconds);
  const degraded = sum(({ degradedSeconds }) => degradedSeconds);
  const down = sum(({ downSeconds }) => downSeconds);
  const paused = sum(({ pausedSeconds }) => pausedSeconds);
  const maintenance = sum(({ maintenanceSeconds }) => maintenanceSeconds);
  const known = up + degraded + down;
  return {
    uptimePercent: uptimePercent(up + degraded, known),
    upSeconds: up,
    degradedSeconds: degraded,
    downSeconds: down,
    unknownSeconds: Math.max(0, sum(({ existedSeconds }) => existedSeconds) - maintenance - paused - known),
    maintenanceSeconds: maintenance,
    pausedSeconds: paused,
    incidents: sum((row) => row.incidents),
    detectSeconds: mean(rows.map((row) => [row.detectSeconds, row.incidents])),
    recoverSeconds: mean(rows.map((row) => [row.recoverSeconds, row.recovered])),
    ...budgetFigures(rows),
  };
}

function budgetFigures(rows: readonly Row[]): Pick<Figures, "objectivePercent" | "budgetSeconds" | "budgetLeftPercent"> {
  const budgets = rows.flatMap(({ objectivePercent, upSeconds, degradedSeconds, downSeconds }) =>
    objectivePercent === undefined
      ? []
      : [{ objectivePercent, time: { down: downSeconds, known: upSeconds + degradedSeconds + downSeconds } }],
  );
  const objectives = new Set(budgets.map(({ objectivePercent }) => objectivePercent));
  const [first = null] = objectives;
  const { budgetSeconds, leftPercent } = budgetOfAll(budgets);
  return {
    objectivePercent: objectives.size === 1 ? first : null,
    budgetSeconds: objectives.size === 0 ? null : budgetSeconds,
    budgetLeftPercent: leftPercent,
  };
}

/** The mean of averages, each of so many. */
function mean(averages: readonly (readonly [average: number | null, of: number])[]): number | null {
  const total = averages.reduce((sum, [average, of]) => sum + (average === null ? 0 : of), 0);
  return total === 0 ? null : Math.round(averages.reduce((sum, [average, of]) => sum + (average ?? 0) * of, 0) / total);
}
