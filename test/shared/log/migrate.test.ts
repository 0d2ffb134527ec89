import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { checksumOf, migrate, readMigrations } from "../../../shared/log/migrate.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";

let engine: LogEngine;
beforeAll(async () => {
  engine = await startLog({ migrated: false });
});
afterAll(() => engine.close());

const first = { version: 1, name: "first", sql: "create table a (x integer);\n-- next\ninsert into a values (1);\n" };

it("applies each migration once, in order, and is safe to run again", async () => {
  const second = { version: 2, name: "second", sql: "insert into a select x + 1 from a;" };
  expect(await migrate(engine.sql, [first])).toEqual([1]);
  expect(await migrate(engine.sql, [first, second])).toEqual([2]);
  expect(await migrate(engine.sql, [first, second])).toEqual([]);
  expect(await engine.sql.execute("select x from a order by x")).toEqual([{ x: 1 }, { x: 2 }]);
});

it("applies nothing of a migration that fails, and tells the SQL error", async () => {
  const broken = { version: 3, name: "broken", sql: "create table b (x integer);\n-- next\ninsert into nowhere values (1);" };
  await expect(migrate(engine.sql, [broken])).rejects.toThrow('relation "nowhere" does not exist');
  expect(await engine.sql.execute("select to_regclass('b') is null as gone")).toEqual([{ gone: true }]);
});

it("refuses a migration that was changed after it was applied", async () => {
  await expect(migrate(engine.sql, [{ ...first, sql: `${first.sql} -- changed` }])).rejects.toThrow(
    "migration 1_first was applied and then changed",
  );
});

it("takes a file that got its marks after it was applied for the same", async () => {
  const unmarked = { version: 3, name: "unmarked", sql: "create table d (x integer);\n\ncreate table e (x integer);\n" };
  const one = { ...unmarked, sql: "create table d (x integer);\n" };
  expect(await migrate(engine.sql, [first, one])).toEqual([3]);
  expect(await migrate(engine.sql, [first, { ...one, sql: `-- next\n${one.sql}` }])).toEqual([]);
});

it("are cut at their marks alone: bodies of functions have semicolons too", async () => {
  const body = "create function f() returns integer language sql begin atomic select 1; select case when true then 2 else 3 end; end;";
  await migrate(engine.sql, [first, { version: 5, name: "body", sql: `${body}\n-- next\ncreate table g (x integer);\n` }]);
  expect(await engine.sql.execute("select f() as two")).toEqual([{ two: 2 }]);
});

/** As logs in use have them. A new migration is a line here; one that is here is never changed. */
const APPLIED = [
  ["0001_log", "b8999788a6ccbd65"],
  ["0002_grafana_views", "1c053b9c88c36155"],
  ["0003_audit", "5b0fd2ea095a9685"],
  ["0004_known_time", "7a8fb9f19d4630fe"],
  ["0005_hidden_deliveries", "06e454de8204c650"],
  ["0006_writer_role", "114ee651012b85f3"],
  ["0007_incident_events", "de774f3f426f2eb4"],
  ["0008_maintenance_time", "e40314f033b3b4a3"],
  ["0009_opinions", "9a5dcaa59d0ae017"],
  ["0010_target_rollup_plans", "fe824761353bcffd"],
  ["0011_grafana_maintenance", "a6779d2523881236"],
  ["0012_degraded_incidents", "a2e2b238d888859e"],
  ["0013_grafana_availability", "1e39901888e5fd55"],
  ["0014_audit_of", "fae5ada4ae3df167"],
  ["0015_maintenance_found", "f1ea7341565ba171"],
];

it("of ours are as they were applied, since a log refuses one that was changed", async () => {
  const ours = (await readMigrations("sql")).map((migration) => [
    `${String(migration.version).padStart(4, "0")}_${migration.name}`,
    checksumOf(migration).slice(0, 16),
  ]);
  expect(ours).toEqual(APPLIED);
});

it("of ours have one statement between two marks", async () => {
  for (const { name, sql } of await readMigrations("sql")) {
    for (const statement of sql.split(/^-- next\n/m)) {
      const code = statement.replace(/--[^\n]*/g, "").trim();
      expect([name, code]).toEqual([name, expect.stringMatching(/^(create|insert|alter|grant|revoke|drop|comment|do|update)\b/i)]);
      // What a body may hold, a statement beside another may not: a line that begins one.
      if (!/begin atomic|\$\$/.test(code)) expect([name, code.replace(/;$/, "")]).toEqual([name, expect.not.stringMatching(/;\s*\n/)]);
    }
  }
});

it("is done once by two runners at once", async () => {
  const third = { version: 6, name: "third", sql: "create table c (x integer);" };
  const outcomes = await Promise.all([migrate(engine.sql, [third]), migrate(engine.sql, [third])]);
  expect(outcomes.flat()).toEqual([6]);
});

it("refuses files whose names do not fit, and versions that are there twice", async () => {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "0001_a.sql"), "");
  await writeFile(join(folder, "0001_b.sql"), "");
  await expect(readMigrations(folder)).rejects.toThrow("two migrations have version 1");
  await writeFile(join(folder, "second.sql"), "");
  await expect(readMigrations(folder)).rejects.toThrow("second.sql: a migration is named like 0002_what_it_does.sql");
});
