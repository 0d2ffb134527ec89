/** One value as Postgres prints it; `null` is NULL. */
export type SqlText = string | null;

/** What a parameter may be on its way to the engine. */
export type SqlArgument = string | number | boolean | Uint8Array | null;

export interface SqlResult {
  readonly columns: readonly { readonly name: string; readonly typeId: number }[];
  readonly rows: readonly (readonly SqlText[])[];
  readonly affectedRows: number;
}

/** A connection of one's own: a transaction stays on it. */
export interface SqlSession {
  /** @throws {SqlEngineError} */
  query(sql: string, args: readonly SqlArgument[]): Promise<SqlResult>;
  /** Gives the connection back. @param broken true to close it instead */
  release(broken?: boolean): void;
}

/** A Postgres: PGlite, or a server. */
export interface SqlEngine {
  /** @throws {SqlEngineError} with `unreachable` when there is none to be had */
  session(): Promise<SqlSession>;
  close(): Promise<void>;
}

export class SqlEngineError extends Error {
  override readonly name = "SqlEngineError";
  /** SQLSTATE, such as `42P01`. */
  readonly sqlState: string | undefined;
  readonly position: string | undefined;
  /** The server did not answer, as opposed to refusing the statement. */
  readonly unreachable: boolean;

  constructor(cause: unknown) {
    const fields = (typeof cause === "object" && cause !== null ? cause : {}) as { message?: string; code?: string; position?: string }; // pg's and PGlite's error fields
    super(fields.message || String(cause), { cause });
    this.sqlState = /^[0-9A-Z]{5}$/.test(fields.code ?? "") ? fields.code : undefined;
    this.position = fields.position;
    // Classes 08 and 57: connection lost, server shutting down or starting.
    this.unreachable = this.sqlState === undefined || /^(08|57P)/.test(this.sqlState);
  }
}
