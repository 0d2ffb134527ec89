import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as z from "zod";
import { type SqlArgument, type SqlEngine, SqlEngineError, type SqlResult, type SqlSession, type SqlText } from "./engines/sql-engine.ts";
import { sqlPieces } from "./sql-pieces.ts";

/*
 * The RDS Data API's wire format over a Postgres, so that the production adapter is what runs here.
 * Its limits are enforced, since code that outgrows them must fail here first.
 * Limits: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.limitations.html
 */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const MAX_RESPONSE_BYTES = 1024 * 1024;
const MAX_ROW_BYTES = 64 * 1024;
const MAX_SQL_BYTES = 64 * 1024;
const TRANSACTION_IDLE_MS = 3 * 60_000;

const parameterSchema = z.object({
  name: z.string(),
  typeHint: z.enum(["DATE", "DECIMAL", "JSON", "TIME", "TIMESTAMP", "UUID"]).optional(),
  value: z.object({
    isNull: z.boolean().optional(),
    booleanValue: z.boolean().optional(),
    longValue: z.number().optional(),
    doubleValue: z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]).optional(),
    stringValue: z.string().optional(),
    blobValue: z.string().optional(),
  }),
});
type Parameter = z.output<typeof parameterSchema>;

const named = { resourceArn: z.string(), secretArn: z.string() };
const executeSchema = z.object({
  ...named,
  sql: z.string(),
  database: z.string().optional(),
  parameters: z.array(parameterSchema).default([]),
  transactionId: z.string().optional(),
  includeResultMetadata: z.boolean().default(false),
  formatRecordsAs: z.enum(["NONE", "JSON"]).default("NONE"),
});
const batchSchema = executeSchema.omit({ parameters: true }).extend({ parameterSets: z.array(z.array(parameterSchema)).default([]) });
const transactionSchema = z.object({ ...named, transactionId: z.string() });

/** An error as the Data API answers it. */
class DataApiError extends Error {
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

const badRequest = (message: string) => new DataApiError(400, "BadRequestException", message);

interface OpenTransaction {
  readonly session: SqlSession;
  idle: NodeJS.Timeout;
  /** Calls of one transaction run one after the other. */
  last: Promise<unknown>;
}

/**
 * An HTTP server that speaks the Data API over `engine`. It does not listen yet.
 * @param roleOf the SQL role whose secret an ARN is; the engine's own user where it is left out
 */
export function createDataApiServer(engine: SqlEngine, roleOf: (secretArn: string) => string | undefined = () => undefined): Server {
  const transactions = new Map<string, OpenTransaction>();

  function idleTimer(id: string): NodeJS.Timeout {
    return setTimeout(() => void end(id, "rollback").catch(() => undefined), TRANSACTION_IDLE_MS).unref();
  }

  async function end(id: string, how: "commit" | "rollback"): Promise<void> {
    const transaction = transactions.get(id);
    if (transaction === undefined) throw new DataApiError(404, "TransactionNotFoundException", `Transaction ${id} is not found`);
    transactions.delete(id);
    clearTimeout(transaction.idle);
    await transaction.last.catch(() => undefined);
    await transaction.session.query(how, []).then(
      () => transaction.session.release(),
      (error: unknown) => {
        transaction.session.release(true);
        throw error;
      },
    );
  }

  async function asRole<T>(session: SqlSession, role: string | undefined, work: (session: SqlSession) => Promise<T>): Promise<T> {
    if (role === undefined) return work(session);
    await session.query(`set role ${role}`, []);
    try {
      return await work(session);
    } finally {
      await session.query("reset role", []);
    }
  }

  interface Caller {
    readonly secretArn: string;
    readonly transactionId?: string | undefined;
  }

  async function inSession<T>({ secretArn, transactionId }: Caller, work: (session: SqlSession) => Promise<T>): Promise<T> {
    if (transactionId === undefined) {
      const session = await engine.session();
      return asRole(session, roleOf(secretArn), work).finally(() => session.release());
    }
    const transaction = transactions.get(transactionId);
    if (transaction === undefined) throw new DataApiError(404, "TransactionNotFoundException", `Transaction ${transactionId} is not found`);
    transaction.idle.refresh();
    const done = transaction.last.catch(() => undefined).then(() => work(transaction.session));
    transaction.last = done;
    return done;
  }

  const operations: Record<string, (body: unknown) => Promise<unknown>> = {
    "/Execute": async (body) => {
      const { sql, parameters, includeResultMetadata, formatRecordsAs, ...caller } = executeSchema.parse(body);
      const { text, args } = bind(sql, parameters);
      const result = await inSession(caller, (session) => session.query(text, args));
      return toResponse(result, { includeResultMetadata, formatRecordsAs });
    },
    "/BatchExecute": async (body) => {
      const { sql, parameterSets, ...caller } = batchSchema.parse(body);
      await inSession(caller, async (session) => {
        for (const parameters of parameterSets) {
          const { text, args } = bind(sql, parameters);
          await session.query(text, args);
        }
      });
      return { updateResults: parameterSets.map(() => ({ generatedFields: [] })) };
    },
    "/BeginTransaction": async () => {
      const session = await engine.session();
      await session.query("begin", []).catch((error: unknown) => {
        session.release(true);
        throw error;
      });
      const transactionId = randomUUID();
      transactions.set(transactionId, { session, idle: idleTimer(transactionId), last: Promise.resolve() });
      return { transactionId };
    },
    "/CommitTransaction": async (body) => {
      await end(transactionSchema.parse(body).transactionId, "commit");
      return { transactionStatus: "Transaction Committed" };
    },
    "/RollbackTransaction": async (body) => {
      await end(transactionSchema.parse(body).transactionId, "rollback");
      return { transactionStatus: "Rollback Complete" };
    },
  };

  const server = createServer((request, response) => {
    answer(request, operations).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const { status, type, message } = asDataApiError(error);
        send(response, status, { message }, { "x-amzn-errortype": type });
      },
    );
  });
  // Its clients are ours: a connection that is closed for being idle, as a call comes, would fail that call.
  server.keepAliveTimeout = 0;
  return server;
}

async function answer(request: IncomingMessage, operations: Record<string, (body: unknown) => Promise<unknown>>): Promise<unknown> {
  const operation = request.method === "POST" ? operations[request.url ?? ""] : undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // Read on, so that the client gets to read the answer.
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  if (operation === undefined) throw new DataApiError(404, "NotFoundException", `${request.method} ${request.url} is not an operation`);
  if (size > MAX_REQUEST_BYTES) throw badRequest("Request is larger than 4 MiB");
  return operation(JSON.parse(Buffer.concat(chunks).toString("utf8")));
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers }).end(text);
}

function asDataApiError(error: unknown): DataApiError {
  if (error instanceof DataApiError) return error;
  if (error instanceof z.ZodError) return badRequest(z.prettifyError(error));
  if (error instanceof SyntaxError) return badRequest(error.message);
  if (error instanceof SqlEngineError) {
    if (error.unreachable) return new DataApiError(504, "DatabaseUnavailableException", `The database is not available: ${error.message}`);
    if (error.sqlState === "57014") return new DataApiError(400, "StatementTimeoutException", error.message);
    const position = error.position === undefined ? "" : `; Position: ${error.position}`;
    return new DataApiError(400, "DatabaseErrorException", `ERROR: ${error.message}${position}; SQLState: ${error.sqlState}`);
  }
  return new DataApiError(500, "InternalServerErrorException", error instanceof Error ? error.message : String(error));
}

const HINT_TYPES = { DATE: "date", DECIMAL: "numeric", JSON: "json", TIME: "time", TIMESTAMP: "timestamp", UUID: "uuid" } as const;

/** Turns `:name` into `$n` of the parameter's type: strings are varchar, as on Aurora, and are not guessed from use. */
function bind(sql: string, parameters: readonly Parameter[]): { text: string; args: SqlArgument[] } {
  if (Buffer.byteLength(sql) > MAX_SQL_BYTES) throw badRequest("SQL text is larger than 64 KiB");
  const byName = new Map(parameters.map((parameter, index) => [parameter.name, { parameter, index }]));
  const args: SqlArgument[] = [];
  const numbers = new Map<string, number>();
  const text = sqlPieces(sql)
    .map((piece) => {
      if (piece.kind !== "code") return piece.text;
      return piece.text.replace(/::|:([A-Za-z_]\w*)(::timestamptz\b)?/g, (match, name: string | undefined, moment: string | undefined) => {
        if (name === undefined) return match;
        const found = byName.get(name);
        if (found === undefined) throw badRequest(`Cannot find parameter: ${name}`);
        const { arg, type } = toArgument(found.parameter);
        if (!numbers.has(name)) numbers.set(name, args.push(arg));
        // As a parameter of its type a moment is known when the statement is planned: of all partitions, one or two.
        const cast = moment !== undefined && type === "varchar" ? "" : type && `::${type}`;
        return `$${numbers.get(name)}${cast}${moment ?? ""}`;
      });
    })
    .join("");
  return { text, args };
}

function toArgument({ name, value, typeHint }: Parameter): { arg: SqlArgument; type: string } {
  if (value.isNull) return { arg: null, type: "" };
  if (value.booleanValue !== undefined) return { arg: value.booleanValue, type: "boolean" };
  if (value.longValue !== undefined) return { arg: value.longValue, type: "bigint" };
  if (value.doubleValue !== undefined) return { arg: value.doubleValue, type: "float8" };
  if (value.blobValue !== undefined) return { arg: Buffer.from(value.blobValue, "base64"), type: "bytea" };
  if (value.stringValue !== undefined) return { arg: value.stringValue, type: typeHint ? `varchar::${HINT_TYPES[typeHint]}` : "varchar" };
  throw badRequest(`Parameter ${name} has no value of a supported kind; arrays are not supported`);
}

/** Type ids of `pg_type` that do not travel as text. */
const TYPE = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, oid: 26, float4: 700, float8: 701, timestamptz: 1184 } as const;
const LONGS = new Set<number>([TYPE.int8, TYPE.int2, TYPE.int4, TYPE.oid]);
const DOUBLES = new Set<number>([TYPE.float4, TYPE.float8]);
const ARRAYS: Readonly<Record<number, { field: string; element: number }>> = {
  1000: { field: "booleanValues", element: TYPE.bool },
  1005: { field: "longValues", element: TYPE.int2 },
  1007: { field: "longValues", element: TYPE.int4 },
  1016: { field: "longValues", element: TYPE.int8 },
  1021: { field: "doubleValues", element: TYPE.float4 },
  1022: { field: "doubleValues", element: TYPE.float8 },
  1009: { field: "stringValues", element: 25 },
  1015: { field: "stringValues", element: 1043 },
  2951: { field: "stringValues", element: 2950 },
};

function toResponse(
  result: SqlResult,
  options: { includeResultMetadata: boolean; formatRecordsAs: "NONE" | "JSON" },
): Record<string, unknown> {
  const { columns, rows, affectedRows } = result;
  const head = { generatedFields: [], numberOfRecordsUpdated: columns.length > 0 ? 0 : affectedRows };
  if (columns.length === 0) return head;
  for (const row of rows) {
    const bytes = row.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    if (bytes > MAX_ROW_BYTES) throw badRequest("Database row is larger than 64 KB");
  }
  const response =
    options.formatRecordsAs === "JSON"
      ? {
          ...head,
          formattedRecords: JSON.stringify(
            rows.map((row) => Object.fromEntries(columns.map(({ name, typeId }, index) => [name, toJson(row[index] ?? null, typeId)]))),
          ),
        }
      : {
          ...head,
          records: rows.map((row) => columns.map(({ typeId }, index) => toField(row[index] ?? null, typeId))),
          ...(options.includeResultMetadata && {
            columnMetadata: columns.map(({ name, typeId }) => ({ name, label: name, type: typeId })),
          }),
        };
  if (JSON.stringify(response).length > MAX_RESPONSE_BYTES) {
    throw badRequest("Database returned more than the allowed response size limit");
  }
  return response;
}

function toField(text: SqlText, typeId: number): Record<string, unknown> {
  if (text === null) return { isNull: true };
  const array = ARRAYS[typeId];
  if (array !== undefined) return { arrayValue: { [array.field]: toJson(text, typeId) } };
  if (typeId === TYPE.bool) return { booleanValue: text === "t" };
  if (typeId === TYPE.bytea) return { blobValue: Buffer.from(text.slice(2), "hex").toString("base64") };
  if (LONGS.has(typeId)) return { longValue: Number(text) };
  // JSON has no NaN or Infinity; AWS writes their names.
  if (DOUBLES.has(typeId)) return { doubleValue: Number.isFinite(Number(text)) ? Number(text) : text };
  return { stringValue: toJson(text, typeId) };
}

function toJson(text: SqlText, typeId: number): unknown {
  if (text === null) return null;
  const array = ARRAYS[typeId];
  if (array !== undefined) return arrayElements(text).map((element) => toJson(element, array.element));
  if (typeId === TYPE.bool) return text === "t";
  if (LONGS.has(typeId) || DOUBLES.has(typeId)) return Number(text);
  // The session is in UTC, and the Data API names no zone.
  if (typeId === TYPE.timestamptz) return text.replace(/\+00$/, "");
  return text;
}

// One dimension: `{1,2,NULL,"a \"b\""}`.
function arrayElements(text: string): SqlText[] {
  const elements = text.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [];
  return elements.map((element) => {
    if (element === "NULL") return null;
    return element.startsWith('"') ? element.slice(1, -1).replace(/\\(.)/g, "$1") : element;
  });
}
