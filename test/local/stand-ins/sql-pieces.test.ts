import fc from "fast-check";
import { expect, it } from "vitest";
import { sqlPieces } from "../../../local/stand-ins/sql-pieces.ts";

it("tells code from what only looks like it: strings, dollar quotes, identifiers, comments that nest", () => {
  const sql = `select :a, ';', ('it''s; :b'), (E'\\';'), ($$:c$$), ($q$ ; $$ ; $q$) /* block; /* nested; */ still; */ -- :d
    from "odd;name"`;
  const code = sqlPieces(sql).filter(({ kind }) => kind === "code");
  expect(code.map(({ text }) => text).join("")).not.toMatch(/;|:[bcd]/);
  expect(code[0]?.text).toContain(":a");
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
