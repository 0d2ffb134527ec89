import { LogAsleepError, messageOf } from "../errors.ts";
import type { DayTotals, LogPages } from "../log/log-pages.ts";
import type { LogWarning } from "../log/record.ts";
import type { Target } from "../targets/target.ts";
import type { KeptHistory } from "./manifest.ts";
import { daysOf } from "./page-days.ts";
import type { PageHistory } from "./page-view.ts";
import type { StatusPage } from "./status-page.ts";

/** Incidents that are read, and counted: more than a page tells. Of one target that falls each hour of 90 days, all. */
const MAX_READ = 2_500;

interface History {
  readonly shown: PageHistory;
  /** For the next time. */
  readonly kept: KeptHistory | undefined;
}

/**
 * What is known of the past of a page's targets: days that are over stay as they were read, and all of it while the log
 * is away. @param options.before what was kept the last time @param options.now epoch ms
 */
export async function readHistory(
  { logPages, logger }: { readonly logPages: LogPages; readonly logger: LogWarning },
  page: StatusPage,
  { members, before, now }: { members: readonly Target[]; before: KeptHistory | undefined; now: number },
): Promise<History> {
  const days = daysOf(page, now).map(({ date, from, to }) => ({ date, from: from / 1_000, to: to / 1_000 }));
  const [first, yesterday] = [days[0], days.at(-2)];
  if (first === undefined || yesterday === undefined) throw new Error("a page shows a week at least");
  const seqs = members.map(({ seq }) => seq);
  const known = before?.zone === page.timeZone ? before : undefined;
  const today = days.at(-1)?.date;
  // Once a day all of it is read again: windows are written down later, and rows come late.
  const isWhole =
    known?.to != null &&
    known.readOn === today &&
    known.first <= first.date &&
    known.to > yesterday.to &&
    seqs.every((seq) => known.days[String(seq)] !== undefined);
  try {
    const to = await logPages.rolledUpTo();
    const [read, incidents, latencies, maintenance] = await Promise.all([
      // Checks may come late into the log, by a day at most.
      logPages.days({ seqs, days: isWhole ? days.slice(-2) : days }),
      logPages.incidents({ seqs, from: first.from, limit: MAX_READ }),
      logPages.latencies({ seqs, now: Math.floor(now / 1_000) }),
      logPages.maintenance({ seqs, from: first.from }),
    ]);
    const totalsOf = (seq: number): [string, DayTotals][] =>
      days.flatMap(({ date }, index) => {
        const isOver = isWhole && index < days.length - 2;
        const totals = isOver ? known.days[String(seq)]?.[date] : read.get(seq)?.get(date);
        return totals === undefined ? [] : [[date, totals]];
      });
    const shown = { to, days: new Map(seqs.map((seq) => [seq, new Map(totalsOf(seq))])), incidents, latencies, maintenance };
    return { shown, kept: packed(shown, { zone: page.timeZone, first: first.date, readOn: today }) };
  } catch (error) {
    if (!(error instanceof LogAsleepError))
      logger.warn("the log did not tell a status page of the past: what was known stays", { page: page.slug, reason: messageOf(error) });
    return { shown: known === undefined ? NOTHING : unpacked(known), kept: known };
  }
}

const NOTHING: PageHistory = { to: null, days: new Map(), incidents: [], latencies: new Map(), maintenance: new Map() };

function packed(
  { days, incidents, latencies, maintenance, to }: PageHistory,
  more: Pick<KeptHistory, "zone" | "first" | "readOn">,
): KeptHistory {
  return {
    ...more,
    to,
    days: Object.fromEntries([...days].map(([seq, of]) => [seq, Object.fromEntries(of)])),
    incidents: incidents.map((incident) => ({ ...incident, said: [...incident.said] })),
    latencies: Object.fromEntries(latencies),
    maintenance: Object.fromEntries(
      [...maintenance].map(([seq, times]) => [seq, times.map(([from, until]): [number, number] => [from, until])]),
    ),
  };
}

function unpacked({ to, days, incidents, latencies, maintenance }: KeptHistory): PageHistory {
  const numbered = <T>(values: Readonly<Record<string, T>>) =>
    Object.entries(values).map(([seq, value]): [number, T] => [Number(seq), value]);
  return {
    to,
    days: new Map(numbered(days).map(([seq, of]) => [seq, new Map(Object.entries(of))])),
    incidents,
    latencies: new Map(numbered(latencies)),
    maintenance: new Map(numbered(maintenance)),
  };
}
