import type { CheckStatus } from "../../shared/check/check-type.ts";
import { toCheckRecord } from "../../shared/log/check-record.ts";
import { STATUS_CODES } from "../../shared/log/codes.ts";
import type { CheckRecord, TimeCursor } from "../../shared/log/log-history.ts";
import { isAwake } from "../../shared/log/log-rest.ts";
import { RECENT_MS } from "../../shared/log/recent-checks.ts";
import { encodeCursor } from "./paging.ts";
import type { ApiDeps } from "./route.ts";

interface WaitingPage {
  readonly items: CheckRecord[];
  readonly next: string | null;
}

interface WaitingOptions {
  /** ISO 8601; `to` is exclusive. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly before: TimeCursor | undefined;
  /** Only those that found one of these. */
  readonly statuses?: readonly CheckStatus[] | undefined;
}

/** An hour ago, as somebody wrote it, is a little longer ago when it is read. Checks are kept for five minutes more. */
const ON_THE_WAY_MS = 120_000;

/**
 * Checks of the last hour, where the log sleeps: read where they wait, without waking it.
 * @param names of the targets whose checks are wanted, by their number in the log
 * @returns the newest first; `undefined` where the log is to be asked
 */
export async function waitingChecks(
  { sleeping, clock }: Pick<ApiDeps, "sleeping" | "clock">,
  names: ReadonlyMap<number, { readonly id: string; readonly name: string }>,
  { from, to, limit, before, statuses }: WaitingOptions,
): Promise<WaitingPage | undefined> {
  const isRecent = Date.parse(from) >= clock.now() - RECENT_MS - ON_THE_WAY_MS;
  if (sleeping === undefined || !isRecent || isAwake(await sleeping.rest.state(), clock.now())) return undefined;
  const codes = statuses?.map((status) => STATUS_CODES[status]);
  const isWanted = ({ at, target, status }: { at: string; target: number; status: number }) => {
    if (codes?.includes(status as (typeof codes)[number]) === false) return false;
    if (!names.has(target) || Date.parse(at) >= Date.parse(to)) return false;
    // One may have thousandths, and the other none.
    const [mark, last] = [Date.parse(at), before === undefined ? Number.POSITIVE_INFINITY : Date.parse(before.at)];
    return mark < last || (mark === last && target > (before?.seq ?? 0));
  };
  const rows = (await sleeping.recent.since(Date.parse(from))).filter(isWanted);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.flatMap((row) => {
      const named = names.get(row.target);
      return named === undefined ? [] : [toCheckRecord({ ...row, ...named })];
    }),
    next: last === undefined ? null : encodeCursor({ at: last.at, seq: last.target }),
  };
}
