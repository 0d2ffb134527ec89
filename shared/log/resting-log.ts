import { LogAsleepError, StoreUnavailableError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import type { SqlExecutor } from "./data-api.ts";
import { isAwake, isFailing, isWarm, type LogRest } from "./log-rest.ts";
import type { LogWriter } from "./log-writer.ts";

/** Writes while the log is awake; else what is to be written waits. */
export function createRestingWriter(log: LogWriter, rest: Pick<LogRest, "state">, clock: Pick<Clock, "now">): LogWriter {
  return {
    async write(batch, options) {
      if (!isAwake(await rest.state(), clock.now())) throw new LogAsleepError();
      await log.write(batch, options);
    },
  };
}

/** Writes nothing: all of it waits, where it can be read meanwhile. */
export const waitingWriter: LogWriter = {
  async write() {
    throw new LogAsleepError();
  },
};

/** Whoever waits is not told to wait on for what does not come. */
function doesNotWake(): StoreUnavailableError {
  return new StoreUnavailableError("the log does not wake");
}

/** Reads while the log does not sleep, for those who look at it by the way: they never wake it. */
export function createQuietSql(sql: SqlExecutor, rest: Pick<LogRest, "state">, clock: Pick<Clock, "now">): SqlExecutor {
  return {
    async execute(...statement) {
      const state = await rest.state();
      if (!isWarm(state, clock.now())) throw isFailing(state, clock.now()) ? doesNotWake() : new LogAsleepError();
      return sql.execute(...statement);
    },
  };
}

/**
 * Reads for somebody who looks: they keep the log awake, and wake it where it sleeps, which is not waited for.
 * @param wake begins it, for the moment that it is given
 */
export function createWakingSql(sql: SqlExecutor, rest: Pick<LogRest, "look">, wake: (wokenAt: number) => Promise<void>): SqlExecutor {
  return {
    async execute(...statement) {
      const { isAwake: isReadable, isFailing: hasFailed, wakes } = await rest.look();
      if (wakes !== undefined) await wake(wakes);
      if (!isReadable) throw hasFailed ? doesNotWake() : new LogAsleepError();
      return sql.execute(...statement);
    },
  };
}
