import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  RollbackTransactionCommand,
  type SqlParameter,
} from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LogEngine, startLog } from "../../support/log-engine.ts";

let engine: LogEngine;
const named = { resourceArn: "arn:local", secretArn: "arn:local", database: "log" };

beforeAll(async () => {
  engine = await startLog({ migrated: false });
  await run("create table thing (id uuid primary key, n integer, label text, at timestamptz)");
});
afterAll(() => engine.close());

function run(sql: string, parameters: SqlParameter[] = [], more: Partial<ExecuteStatementCommandInput> = {}) {
  return engine.client.send(new ExecuteStatementCommand({ ...named, sql, parameters, ...more }));
}

async function one(sql: string, parameters: SqlParameter[] = []): Promise<Field | undefined> {
  return (await run(sql, parameters)).records?.[0]?.[0];
}

describe("values", () => {
  it.each<[string, Field]>([
    ["1::smallint", { longValue: 1 }],
    ["2147483648::bigint", { longValue: 2147483648 }],
    ["1.5::real", { doubleValue: 1.5 }],
    ["'NaN'::float8", { doubleValue: Number.NaN }],
    ["12.50::numeric", { stringValue: "12.50" }],
    ["true", { booleanValue: true }],
    ["null::text", { isNull: true }],
    ["'it''s'::text", { stringValue: "it's" }],
    ["'\\x00ff'::bytea", { blobValue: new Uint8Array([0, 255]) }],
    ["timestamptz '2026-11-23 12:00:00.5+02'", { stringValue: "2026-11-23 10:00:00.5" }],
    ["date '2026-11-23'", { stringValue: "2026-11-23" }],
    ["'{\"a\":1}'::jsonb", { stringValue: '{"a": 1}' }],
    ["'11111111-1111-4111-8111-111111111111'::uuid", { stringValue: "11111111-1111-4111-8111-111111111111" }],
    ["array[1,2,3]", { arrayValue: { longValues: [1, 2, 3] } }],
    ["array['a','b \"c\"','d,e']", { arrayValue: { stringValues: ["a", 'b "c"', "d,e"] } }],
  ])("%s comes back as %j", async (expression, field) => {
    expect(await one(`select ${expression} as v`)).toEqual(field);
  });

  it.each<[SqlParameter["value"], string, Field]>([
    [{ longValue: 5 }, "bigint", { longValue: 5 }],
    [{ doubleValue: 0.25 }, "double precision", { doubleValue: 0.25 }],
    [{ booleanValue: false }, "boolean", { booleanValue: false }],
    [{ stringValue: "ünï 'quoted' :name $1" }, "character varying", { stringValue: "ünï 'quoted' :name $1" }],
    [{ blobValue: new Uint8Array([1, 2]) }, "bytea", { blobValue: new Uint8Array([1, 2]) }],
  ])("%j goes in as %s", async (value, type, field) => {
    const { records } = await run("select :v as v, pg_typeof(:v)::text as t", [{ name: "v", value }]);
    expect(records?.[0]).toEqual([field, { stringValue: type }]);
  });

  it("null goes in as null", async () => {
    expect(await one("select :v::integer as v", [{ name: "v", value: { isNull: true } }])).toEqual({ isNull: true });
  });

  it("type hints cast", async () => {
    const id = "22222222-2222-4222-8222-222222222222";
    const at = "2026-11-23 10:00:00";
    await run("insert into thing (id, n, at) values (:id, :n, :at)", [
      { name: "id", value: { stringValue: id }, typeHint: "UUID" },
      { name: "n", value: { longValue: 7 } },
      { name: "at", value: { stringValue: at }, typeHint: "TIMESTAMP" },
    ]);
    const { records } = await run("select n, at from thing where id = :id::uuid", [{ name: "id", value: { stringValue: id } }]);
    expect(records).toEqual([[{ longValue: 7 }, { stringValue: at }]]);
  });

  it("records can be JSON", async () => {
    const { formattedRecords, records } = await run("select 1 as a, 'x' as b, null::text as c, true as d, array[1.5::float8] as e", [], {
      formatRecordsAs: "JSON",
    });
    expect(JSON.parse(formattedRecords ?? "")).toEqual([{ a: 1, b: "x", c: null, d: true, e: [1.5] }]);
    expect(records).toBeUndefined();
  });

  it("counts updated records and describes columns when asked", async () => {
    expect((await run("insert into thing (id) select gen_random_uuid() from generate_series(1, 3)")).numberOfRecordsUpdated).toBe(3);
    const { columnMetadata } = await run("select 1 as first, 2 as second", [], { includeResultMetadata: true });
    expect(columnMetadata?.map(({ name }) => name)).toEqual(["first", "second"]);
  });
});

describe("named parameters", () => {
  it("are not looked for in casts, strings, comments, identifiers and dollar quotes", async () => {
    const sql = `select ':v' as a, $$:v$$ as b, 1::text as c, ":v" as d, :v as e /* :w */ from (select 2 as ":v") x -- :w`;
    expect((await run(sql, [{ name: "v", value: { longValue: 9 } }])).records?.[0]).toEqual([
      { stringValue: ":v" },
      { stringValue: ":v" },
      { stringValue: "1" },
      { longValue: 2 },
      { longValue: 9 },
    ]);
  });

  it("must all be given", async () => {
    await expect(run("select :missing")).rejects.toMatchObject({ name: "BadRequestException", message: "Cannot find parameter: missing" });
  });
});

describe("errors", () => {
  it("a string does not fit a uuid column without a cast, as on Aurora", async () => {
    const insert = run("insert into thing (id) values (:id)", [
      { name: "id", value: { stringValue: "33333333-3333-4333-8333-333333333333" } },
    ]);
    await expect(insert).rejects.toMatchObject({ name: "DatabaseErrorException", message: expect.stringContaining("SQLState: 42804") });
  });

  it("name the SQL state and position", async () => {
    await expect(run("select * from nowhere")).rejects.toMatchObject({
      message: 'ERROR: relation "nowhere" does not exist; Position: 15; SQLState: 42P01',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it("refuse several statements in one call", async () => {
    await expect(run("select 1; select 2")).rejects.toMatchObject({ name: "DatabaseErrorException" });
  });

  it("refuse arrays as parameters", async () => {
    await expect(run("select :a", [{ name: "a", value: { arrayValue: { longValues: [1] } } }])).rejects.toMatchObject({
      name: "BadRequestException",
    });
  });

  it("leave the connection usable", async () => {
    expect(await one("select 1")).toEqual({ longValue: 1 });
  });
});

describe("limits", () => {
  it("1 MiB of answer ends the call", async () => {
    await expect(run("select repeat('x', 1000) as x from generate_series(1, 1100)")).rejects.toMatchObject({
      message: expect.stringContaining("response size limit"),
    });
    expect((await run("select repeat('x', 1000) as x from generate_series(1, 900)")).records).toHaveLength(900);
  });

  it("64 KB are a row's limit", async () => {
    await expect(run("select repeat('x', 70000) as x")).rejects.toMatchObject({ message: expect.stringContaining("64 KB") });
  });

  it("4 MiB are a request's limit, 64 KiB a statement's", async () => {
    const value = { stringValue: "x".repeat(4 * 1024 * 1024) };
    await expect(run("select length(:v)", [{ name: "v", value }])).rejects.toMatchObject({ message: expect.stringContaining("4 MiB") });
    await expect(run(`select 1 -- ${"x".repeat(70_000)}`)).rejects.toMatchObject({ message: expect.stringContaining("64 KiB") });
  });

  it("a batch as a shard writes it fits well", async () => {
    const rows = JSON.stringify(Array.from({ length: 1_000 }, (_, n) => ({ n, label: "x".repeat(200) })));
    const sql = "select count(*) as n from jsonb_to_recordset(:rows::jsonb) as r(n integer, label text)";
    expect(await one(sql, [{ name: "rows", value: { stringValue: rows } }])).toEqual({ longValue: 1_000 });
  });
});

describe("transactions", () => {
  const begin = async () => (await engine.client.send(new BeginTransactionCommand(named))).transactionId!;
  const count = async (label: string) =>
    one("select count(*) from thing where label = :label", [{ name: "label", value: { stringValue: label } }]);
  const insert = (label: string, transactionId?: string) =>
    run(
      "insert into thing (id, label) values (gen_random_uuid(), :label)",
      [{ name: "label", value: { stringValue: label } }],
      transactionId ? { transactionId } : {},
    );

  it("commit", async () => {
    const transactionId = await begin();
    await insert("committed", transactionId);
    await insert("committed", transactionId);
    await engine.client.send(new CommitTransactionCommand({ ...named, transactionId }));
    expect(await count("committed")).toEqual({ longValue: 2 });
  });

  it("roll back", async () => {
    const transactionId = await begin();
    await insert("rolled back", transactionId);
    await engine.client.send(new RollbackTransactionCommand({ ...named, transactionId }));
    expect(await count("rolled back")).toEqual({ longValue: 0 });
  });

  it("do nothing more after an error but roll back", async () => {
    const transactionId = await begin();
    await insert("broken", transactionId);
    await expect(run("select * from nowhere", [], { transactionId })).rejects.toThrow();
    await expect(insert("broken", transactionId)).rejects.toMatchObject({ message: expect.stringContaining("25P02") });
    await engine.client.send(new RollbackTransactionCommand({ ...named, transactionId }));
    expect(await count("broken")).toEqual({ longValue: 0 });
  });

  it("are unknown once they ended", async () => {
    const transactionId = await begin();
    await engine.client.send(new CommitTransactionCommand({ ...named, transactionId }));
    await expect(insert("late", transactionId)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
  });

  it("take batches", async () => {
    const sets = [1, 2, 3].map((n) => [{ name: "n", value: { longValue: n } }]);
    await engine.client.send(
      new BatchExecuteStatementCommand({
        ...named,
        sql: "insert into thing (id, n, label) values (gen_random_uuid(), :n, 'batch')",
        parameterSets: sets,
      }),
    );
    expect(await count("batch")).toEqual({ longValue: 3 });
  });
});

it("many calls at once are all answered", async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => one("select :n::integer as n", [{ name: "n", value: { longValue: n } }])),
  );
  expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => ({ longValue: n })));
});
