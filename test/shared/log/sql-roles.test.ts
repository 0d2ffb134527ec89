import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataApi, type SqlExecutor } from "../../../shared/log/data-api.ts";
import { letIn } from "../../../shared/log/sql-roles.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { type LogEngine, startLog, WRITER_SECRET } from "../../support/log-engine.ts";

let engine: LogEngine;
let writer: SqlExecutor;

beforeAll(async () => {
  engine = await startLog();
  writer = createDataApi(engine.client, { resourceArn: "arn:local", secretArn: WRITER_SECRET, database: "log" }, systemClock);
});
afterAll(async () => {
  await engine.close();
});

describe("the SQL role of rounds and API", () => {
  it("makes partitions of days to come", async () => {
    const days = { first: "2030-01-01T00:00:00Z", last: "2030-01-02T00:00:00Z" };
    await writer.execute("select ensure_log_partitions(:first::timestamptz, :last::timestamptz)", days);
    expect(await engine.sql.execute("select to_regclass('check_result_20300101')::text as t")).toEqual([{ t: "check_result_20300101" }]);
  });

  it.each([
    "delete from audit",
    "update schema_migration set checksum = ''",
    "truncate check_result",
    "drop table delivery",
    "create table loot (x text)",
    "select drop_partitions('check_result', 'day', now() + interval '100 years')",
    "alter role log_writer superuser",
    "select pg_read_file('/etc/passwd')",
    "copy audit to program 'cat'",
  ])("may not: %s", async (statement) => {
    await expect(writer.execute(statement)).rejects.toThrow(/permission denied|must be owner|must have|only roles with/i);
  });

  it("signs in by a password of letters and digits alone, since it stands in a statement", async () => {
    await letIn(engine.sql, "log_writer", "a1".repeat(16));
    await expect(letIn(engine.sql, "log_writer", "'; drop table audit; --")).rejects.toThrow("letters and digits");
  });
});
