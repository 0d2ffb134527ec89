import { useIsFetching } from "@tanstack/react-query";
import { LogAsleepError } from "../api.ts";
import { useOverview } from "../queries.ts";
import { duration, useNow } from "./time.tsx";

/** Rounds after which the monitor counts as late: one may be long and one may be lost. */
const LATE_ROUNDS = 3;

/** The monitor's own state, always in sight: who watches must be seen to live. */
export function MonitorHealth() {
  const { data, error, dataUpdatedAt } = useOverview();
  const now = useNow(5_000);
  const isWaking = useIsFetching({ predicate: ({ state }) => state.fetchFailureReason instanceof LogAsleepError }) > 0;
  const problem = problemOf();
  // It takes its room from the start.
  if (data === undefined) return <span className="health">&nbsp;</span>;
  const { lastRound } = data.monitor;
  return (
    <span className={problem === undefined ? "health" : "health health-bad"} role="status">
      {isWaking && "The log sleeps between its hours, and is waking: half a minute at most. "}
      {problem ??
        (lastRound === null
          ? "First round to come"
          : `Checked ${duration(now / 1_000 - lastRound.finishedAt)} ago, ${lastRound.checked} of ${lastRound.planned} due`)}
    </span>
  );

  function problemOf(): string | undefined {
    if (error !== null && data !== undefined) return `The API does not answer since ${new Date(dataUpdatedAt).toLocaleTimeString()}`;
    if (data === undefined) return undefined;
    const { lastRound, log } = data.monitor;
    if (lastRound !== null && now / 1_000 - lastRound.finishedAt > LATE_ROUNDS * data.roundSeconds) {
      return `No round for ${duration(now / 1_000 - lastRound.finishedAt)}: nothing is checked`;
    }
    if (lastRound !== null && lastRound.checked < lastRound.planned) {
      return `${lastRound.planned - lastRound.checked} of ${lastRound.planned} were not checked in the last round`;
    }
    return log === "unavailable" ? "The log is away: checks and alerts go on, history waits" : undefined;
  }
}
