import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { splitStatements, sqlPieces } from "../../../shared/log/sql-text.ts";

it("splits statements at semicolons that are code", () => {
  const sql = `
    create table a (x text default ';'); -- a; comment
    insert into a values ('it''s; fine'), (E'\\';'), ($$;$$), ($q$ ; $$ ; $q$);
    /* block; /* nested; */ still; */
    select "odd;name" from a`;
  expect(splitStatements(sql).map((statement) => statement.split(/\s+/)[0])).toEqual(["create", "--", "/*"]);
  expect(splitStatements("select 1;;; select 2;")).toEqual(["select 1", "select 2"]);
  expect(splitStatements("-- nothing here\n")).toEqual([]);
});

it("keeps the body of a standard SQL function in one statement", () => {
  const sql =
    "create function f() returns integer language sql begin atomic select case when true then 1 else 2 end; select 2; end; select 3";
  expect(splitStatements(sql)).toHaveLength(2);
});

it("loses no character of what it cuts", () => {
  const piece = fc.constantFrom("select ", "'a;b'", "$$x;y$$", "-- c\n", "/* d */", ";", ":name", "::text", '"q"', "$tag$ z $tag$");
  fc.assert(
    fc.property(fc.array(piece), (parts) => {
      const sql = parts.join(" ");
      expect(
        sqlPieces(sql)
          .map(({ text }) => text)
          .join(""),
      ).toBe(sql);
    }),
  );
});

it("splits our own migrations into statements that begin with a keyword", async () => {
  const statements = splitStatements(await readFile("sql/0001_log.sql", "utf8"));
  for (const statement of statements) {
    expect(statement.replace(/^(--[^\n]*\n|\s)+/, "")).toMatch(/^(create|insert|alter|grant|drop|comment)\b/i);
  }
});
