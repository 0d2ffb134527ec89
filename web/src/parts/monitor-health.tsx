import { useIsFetching } from "@tanstack/react-query";
import { ApiError, LogAsleepError, type Overview } from "../api.ts";
import { useOverview } from "../queries.ts";
import { duration, useNow } from "./time.tsx";
import { useIsUtc, zoned } from "./zone.ts";

/** Rounds after which the monitor counts as late: one may be long and one may be lost. */
const LATE_ROUNDS = 3;

/** The monitor's own state, always in sight: who watches must be seen to live. */
export function MonitorHealth() {
  const { data, error, dataUpdatedAt } = useOverview();
  const now = useNow(5_000);
  const isUtc = useIsUtc();
  const isWaking = useIsFetching({ predicate: ({ state }) => state.fetchFailureReason instanceof LogAsleepError }) > 0;
  // It takes its room from the start.
  if (data === undefined) return <span className="health">&nbsp;</span>;
  const { lastRound } = data.monitor;
  const problem = error === null ? problemOf(data, now) : troubleOf(error, dataUpdatedAt, isUtc);
  return (
    <span className={problem === undefined ? "health" : "health health-bad"} role="status">
      {isWaking && "The log sleeps between its hours, and is waking: half a minute at most. "}
      {problem ??
        (lastRound === null
          ? "First round to come"
          : `Checked ${duration(now / 1_000 - lastRound.finishedAt)} ago, ${lastRound.checked} of ${lastRound.planned} due`)}
    </span>
  );
}

const clock = zoned({ timeStyle: "long" });

/** @param since epoch ms of the last answer */
function troubleOf(error: Error, since: number, isUtc: boolean): string {
  const at = clock(since, isUtc);
  if (!(error instanceof ApiError) || error.status === 0) return `The API does not answer since ${at}`;
  return error.status === 401 ? `Nobody is signed in since ${at}` : `The API answers ${error.status} since ${at}`;
}

/** @param now epoch ms */
function problemOf({ monitor, roundSeconds }: Overview, now: number): string | undefined {
  const { lastRound, log, blindSince, setAside } = monitor;
  const ageSeconds = lastRound === null ? 0 : now / 1_000 - lastRound.finishedAt;
  if (ageSeconds > LATE_ROUNDS * roundSeconds) return `No round for ${duration(ageSeconds)}: nothing is checked`;
  if (blindSince !== undefined) {
    return `For ${duration(now / 1_000 - blindSince)} nearly every check has failed to connect: the monitor sees nothing, and alarms nobody`;
  }
  if (lastRound !== null && lastRound.checked < lastRound.planned) {
    return `${lastRound.planned - lastRound.checked} of ${lastRound.planned} were not checked in the last round`;
  }
  if (log === "unavailable") return "The log is away: checks and alerts go on, history waits";
  return setAside ? "The log refused rows for good: npm run set-aside lists them" : undefined;
}
