import { messageOf, SettingError } from "../shared/errors.ts";
import { type RunningServerTracker, type ServerTrackerEvents, startServerTracker } from "./server-tracker.ts";
import { type LocalSettings, readLocalSettings } from "./settings.ts";
import { complain, say, showChanges, showRound } from "./terminal.ts";

/** A stop takes under 2 s; on a machine that is busy with other things, more. */
const STOP_LIMIT_MS = 15_000;

/**
 * Runs Server Tracker until Ctrl-C, as `npm start` and `npm run demo` do: rounds in the terminal,
 * one clear line and an exit code when it cannot start.
 * @param prepare what comes before, such as defaults of the demo; what it returns is called at the end
 */
export async function runUntilStopped(options: {
  readonly prepare?: () => Promise<() => Promise<void>>;
  readonly onReady: (running: Omit<RunningServerTracker, "stop">, settings: LocalSettings) => Promise<void>;
}): Promise<void> {
  let running: RunningServerTracker | undefined;
  let tidyUp = async () => {};
  let stopping = false;
  const stop = async (exitCode: number) => {
    if (stopping) return;
    stopping = true;
    // Whatever hangs, the process ends.
    setTimeout(() => process.exit(exitCode || 1), STOP_LIMIT_MS).unref();
    await running?.stop();
    await tidyUp();
    process.exit(exitCode);
  };
  const events: ServerTrackerEvents = {
    onRound: showRound,
    onTold: showChanges,
    onError: (what, error) => complain(`${what} failed: ${messageOf(error)}`),
    onCrash: (error) => {
      complain(`Server Tracker stops: ${error.message}`);
      void stop(1);
    },
  };
  // Whoever reads the terminal may stop reading; the monitor goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (!stopping) say("\nstopping …");
      void stop(0);
    });
  }
  if (process.env["npm_lifecycle_event"] !== undefined) whenOrphaned(() => void stop(0));
  try {
    tidyUp = (await options.prepare?.()) ?? tidyUp;
    const settings = readLocalSettings();
    running = await startServerTracker(settings, { ...events, onReady: (ready) => options.onReady(ready, settings) });
  } catch (error) {
    if (stopping) return;
    complain(
      error instanceof SettingError
        ? `Server Tracker cannot start: ${error.message}`
        : `Server Tracker cannot start: ${error instanceof Error ? error.stack : messageOf(error)}`,
    );
    await tidyUp();
    process.exit(1);
  }
}

const LOOK_FOR_PARENT_EVERY_MS = 500;

/** npm hands a signal on to its shell alone, which dies without telling whom it started: whoever stops `npm start` means all of it. */
function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, LOOK_FOR_PARENT_EVERY_MS);
  timer.unref();
}
