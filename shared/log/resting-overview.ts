import { LogAsleepError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import { STATUS_CODES } from "./codes.ts";
import { type KeptOverviewStore, laterStrip } from "./kept-overview.ts";
import type { LastCheck, LogOverview, Reason } from "./log-overview.ts";
import type { RecentChecks, WaitingCheck } from "./recent-checks.ts";

/** Rounds are 10 to 60 s long: the last checks of most targets are among those of this time, in ms. */
const GLANCE_MS = 300_000;

/**
 * What a page shows of all targets, without waking the log for it: as it was known when it was last awake, with what
 * waits since.
 * @param log over what does not wake it for strips, reasons, last checks and the use of channels
 */
export function createRestingOverview(
  log: LogOverview,
  { kept, recent, clock }: { readonly kept: KeptOverviewStore; readonly recent: RecentChecks; readonly clock: Pick<Clock, "now"> },
): LogOverview {
  const glance = () => recent.since(clock.now() - GLANCE_MS);
  return {
    ...log,

    strips: (now) =>
      orElse(log.strips(now), async () => {
        const before = await kept.get();
        return before === undefined ? [] : before.strips.map((strip) => laterStrip(strip, before.at, clock.now()));
      }),

    reasons: (seqs) =>
      orElse(log.reasons(seqs), async () => {
        const [before, checks] = await Promise.all([kept.get(), glance()]);
        const wanted = new Set(seqs);
        const reasons = [...(before?.reasons ?? []), ...checks.toReversed().flatMap(reasonOf)].filter(({ seq }) => wanted.has(seq));
        // The latest of each.
        return [...new Map(reasons.map((reason) => [reason.seq, reason])).values()];
      }),

    lastChecks: (now) =>
      orElse(log.lastChecks(now), async () => {
        const [before, checks] = await Promise.all([kept.get(), glance()]);
        const all = [...(before?.lastChecks ?? []), ...checks.toReversed().map(lastCheckOf)];
        return [...new Map(all.map((check) => [check.seq, check])).values()];
      }),
  };
}

async function orElse<Answer>(asked: Promise<Answer>, other: () => Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof LogAsleepError) return other();
    throw error;
  }
}

function reasonOf({ target, status, error }: WaitingCheck): Reason[] {
  return status === STATUS_CODES.up || error === null ? [] : [{ seq: target, text: error }];
}

function lastCheckOf(row: WaitingCheck): LastCheck {
  return {
    seq: row.target,
    at: Math.floor(Date.parse(row.at) / 1_000),
    totalMs: row.total_ms,
    phases: { dnsMs: row.dns_ms, connectMs: row.connect_ms, tlsMs: row.tls_ms, ttfbMs: row.ttfb_ms, transferMs: row.transfer_ms },
    certificateDays: row.certificate_days,
  };
}
