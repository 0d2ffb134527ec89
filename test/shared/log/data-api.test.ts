import { createServer } from "node:http";
import { DatabaseResumingException, ExecuteStatementCommand, RDSDataClient } from "@aws-sdk/client-rds-data";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { listen, unusedPort } from "../../../local/stand-ins/listen.ts";
import { StatementError, StoreUnavailableError } from "../../../shared/errors.ts";
import { createDataApi } from "../../../shared/log/data-api.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";

const settings = { resourceArn: "arn:local", secretArn: "arn:local", database: "log" };
let engine: LogEngine;

beforeAll(async () => {
  engine = await startLog({ migrated: false });
});
afterAll(() => engine.close());

const clientAt = (endpoint: string) =>
  new RDSDataClient({ endpoint, region: "local", credentials: { accessKeyId: "x", secretAccessKey: "x" }, maxAttempts: 1 });

it("waits for a database that is resuming, which the SDK does not", async () => {
  const client = clientAt(engine.url);
  const mock = mockClient(client);
  onTestFinished(() => mock.restore());
  let calls = 0;
  // Resuming twice, then answering from Postgres.
  mock.on(ExecuteStatementCommand).callsFake(async (input) => {
    calls++;
    if (calls <= 2) throw new DatabaseResumingException({ message: "resuming", $metadata: { httpStatusCode: 400 } });
    return clientAt(engine.url).send(new ExecuteStatementCommand(input));
  });
  const clock = { now: Date.now, sleep: async () => undefined };
  expect(await createDataApi(client, settings, clock).execute("select :n::integer as n", { n: 7 })).toEqual([{ n: 7 }]);
  expect(calls).toBe(3);
});

it("does not wait for it longer than the call's deadline", async () => {
  const client = clientAt(engine.url);
  const mock = mockClient(client);
  onTestFinished(() => mock.restore());
  mock.on(ExecuteStatementCommand).rejects(new DatabaseResumingException({ message: "resuming", $metadata: { httpStatusCode: 400 } }));
  // It would go on asking for ever.
  await expect(createDataApi(client, settings, systemClock).execute("select 1", {}, { timeoutMs: 1_500 })).rejects.toThrow(
    StoreUnavailableError,
  );
});

it("tells a database that is away from a statement that is wrong", async () => {
  const nobody = createDataApi(clientAt(`http://127.0.0.1:${await unusedPort()}`), settings, systemClock);
  await expect(nobody.execute("select 1")).rejects.toThrow(StoreUnavailableError);
  await expect(engine.sql.execute("select * from nowhere")).rejects.toThrow(StatementError);
});

it("ends a call that hangs at its deadline", async () => {
  const server = createServer(() => undefined);
  const url = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await expect(createDataApi(clientAt(url), settings, systemClock).execute("select 1", {}, { timeoutMs: 300 })).rejects.toThrow(
    StoreUnavailableError,
  );
});

it("rolls back what a failed transaction did, and tells the first error", async () => {
  await engine.sql.execute("create table kept (x integer)");
  const failing = engine.sql.transaction(async (transactionId) => {
    await engine.sql.execute("insert into kept values (1)", {}, { transactionId });
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await engine.sql.execute("select count(*)::integer as n from kept")).toEqual([{ n: 0 }]);
});

it("hands every kind of value over and back", async () => {
  const values = { text: "ünï 'q'", whole: 2 ** 40, part: 0.5, yes: true, nothing: null };
  const [row] = await engine.sql.execute(
    "select :text as text, :whole as whole, :part as part, :yes as yes, :nothing::text as nothing",
    values,
  );
  expect(row).toEqual(values);
});

it.each([
  ["53300", "too many connections", true],
  ["53100", "disk full", true],
  ["53200", "out of memory", true],
  ["25006", "read-only transaction", true],
  ["40P01", "deadlock detected", true],
  ["40001", "could not serialize access", true],
  ["55P03", "lock not available", true],
  ["58030", "I/O error", true],
  ["XX000", "internal error", true],
  ["57P01", "terminating connection due to administrator command", true],
  ["57P03", "the database system is starting up", true],
  ["08006", "connection failure", true],
  ["42804", "column is of type uuid", false],
  ["22P02", "invalid input syntax", false],
  ["23505", "duplicate key", false],
  ["42P01", "relation does not exist", false],
])("tells SQLSTATE %s, %s, from a statement that is wrong: trouble is %j", async (state, text, isTrouble) => {
  const client = clientAt(engine.url);
  const mock = mockClient(client);
  onTestFinished(() => mock.restore());
  const refusal = Object.assign(new Error(`ERROR: ${text}; SQLState: ${state}`), {
    name: "DatabaseErrorException",
    $metadata: { httpStatusCode: 400 },
  });
  mock.on(ExecuteStatementCommand).rejects(refusal);
  const failure = await createDataApi(client, settings, systemClock)
    .execute("select 1")
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(isTrouble ? StoreUnavailableError : StatementError);
});
