import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type RDSDataClient,
  RollbackTransactionCommand,
  type SqlParameter,
} from "@aws-sdk/client-rds-data";
import { messageOf, StatementError, StoreUnavailableError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";

/** Where the log lives, as the Data API names it. */
export interface DataApiSettings {
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** The Data API has no arrays: lists travel as one JSON text and `jsonb_to_recordset`. */
export type SqlValue = string | number | boolean | null;

export interface SqlOptions {
  readonly transactionId?: string;
  /** Milliseconds for the call, retries included. Default 10,000. */
  readonly timeoutMs?: number;
}

/** SQL over the RDS Data API: the one way to the log, in AWS and on a laptop. */
export interface SqlExecutor {
  /**
   * Runs one statement with `:name` parameters; strings arrive as varchar, so cast where a column wants more.
   * @returns its rows; a call answers at most 1 MiB, so reads are paged
   * @throws {StoreUnavailableError} when trying again can help
   * @throws {StatementError} when the statement itself was refused
   */
  execute(sql: string, parameters?: Readonly<Record<string, SqlValue>>, options?: SqlOptions): Promise<unknown[]>;
}

/** With transactions, which only migrations need. */
export interface TransactionalSql extends SqlExecutor {
  /** Runs `work` in a transaction: commits when it returns, rolls back when it throws. */
  transaction<T>(work: (transactionId: string) => Promise<T>): Promise<T>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Aurora that scales up from 0 takes some 15 s; the caller's deadline usually ends this sooner. */
const RESUMING_PAUSE_MS = 1_000;

const UNAVAILABLE = new Set([
  "DatabaseResumingException",
  "DatabaseUnavailableException",
  "InternalServerErrorException",
  "ServiceUnavailableError",
  "StatementTimeoutException",
  "TimeoutError",
  "AbortError",
  "ThrottlingException",
]);

type Send = <T>(call: (abortSignal: AbortSignal) => Promise<T>, timeoutMs: number) => Promise<T>;

function sender(clock: Clock): Send {
  return async function send<T>(call: (abortSignal: AbortSignal) => Promise<T>, timeoutMs: number): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      try {
        return await call(signal);
      } catch (error) {
        // The SDK retries 500, 503 and 504, but not this one, which is a 400.
        if (error instanceof Error && error.name === "DatabaseResumingException" && !signal.aborted) {
          await clock.sleep(RESUMING_PAUSE_MS, signal).catch(() => undefined);
          if (!signal.aborted) continue;
        }
        throw classified(error, signal.aborted);
      }
    }
  };
}

export function createDataApi(client: RDSDataClient, settings: DataApiSettings, clock: Clock): SqlExecutor {
  const { resourceArn, secretArn, database } = settings;
  const send = sender(clock);
  return {
    async execute(sql, parameters = {}, { transactionId, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const command = new ExecuteStatementCommand({
        resourceArn,
        secretArn,
        database,
        sql,
        parameters: Object.entries(parameters).map(([name, value]) => toParameter(name, value)),
        formatRecordsAs: "JSON",
        ...(transactionId && { transactionId }),
      });
      const { formattedRecords } = await send((abortSignal) => client.send(command, { abortSignal }), timeoutMs);
      return formattedRecords ? JSON.parse(formattedRecords) : [];
    },
  };
}

export function createTransactionalDataApi(client: RDSDataClient, settings: DataApiSettings, clock: Clock): TransactionalSql {
  const { resourceArn, secretArn, database } = settings;
  const send = sender(clock);
  return {
    ...createDataApi(client, settings, clock),

    async transaction(work) {
      const begin = new BeginTransactionCommand({ resourceArn, secretArn, database });
      const { transactionId } = await send((abortSignal) => client.send(begin, { abortSignal }), DEFAULT_TIMEOUT_MS);
      if (!transactionId) throw new StoreUnavailableError("the Data API began no transaction");
      const named = { resourceArn, secretArn, transactionId };
      try {
        const result = await work(transactionId);
        await send((abortSignal) => client.send(new CommitTransactionCommand(named), { abortSignal }), DEFAULT_TIMEOUT_MS);
        return result;
      } catch (error) {
        // The error to tell is the first one; a transaction left open is ended by the Data API after 3 minutes.
        await send((abortSignal) => client.send(new RollbackTransactionCommand(named), { abortSignal }), DEFAULT_TIMEOUT_MS).catch(
          () => undefined,
        );
        throw error;
      }
    },
  };
}

function toParameter(name: string, value: SqlValue): SqlParameter {
  if (value === null) return { name, value: { isNull: true } };
  if (typeof value === "string") return { name, value: { stringValue: value } };
  if (typeof value === "boolean") return { name, value: { booleanValue: value } };
  return { name, value: Number.isInteger(value) ? { longValue: value } : { doubleValue: value } };
}

/**
 * Classes of SQLSTATE in which the database is in trouble, and not the statement wrong: connections, limits (resources,
 * disk, memory, connections), operator intervention, system and internal errors, rolled back transactions, locks,
 * a read-only or not yet promoted server. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const TROUBLE = /^(?:08|53|57|58|XX|40|55P03|55006|25006|F0)/;

function isTrouble(message: string): boolean {
  const state = /SQLState: (\w{5})/.exec(message)?.[1];
  return state !== undefined && TROUBLE.test(state);
}

function classified(error: unknown, timedOut: boolean): Error {
  if (!(error instanceof Error)) return new StatementError(messageOf(error));
  const status = "$metadata" in error ? (error.$metadata as { httpStatusCode?: number }).httpStatusCode : undefined; // AWS SDK's
  // No status: nobody answered. Connection errors, timeouts.
  const unavailable = timedOut || UNAVAILABLE.has(error.name) || status === undefined || status >= 500 || isTrouble(error.message);
  return unavailable
    ? new StoreUnavailableError(`the log does not answer: ${error.message || error.name}`, { cause: error })
    : new StatementError(error.message, { cause: error });
}
