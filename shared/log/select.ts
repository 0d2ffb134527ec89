import type * as z from "zod";
import { type Column, TABLES, type TableName } from "./tables.ts";

/** A `timestamptz` expression as ISO 8601 in UTC, with milliseconds. */
export function iso(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

// Marks have no part of a second, and the API shows them so.
const mark = (expression: string) => `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const READ: Readonly<Record<string, (expression: string) => string>> = { timestamptz: mark, inet: (expression) => `host(${expression})` };

type Schemas<Columns> = {
  [Name in keyof Columns]: Columns[Name] extends { readonly schema: infer Schema extends z.ZodType } ? Schema : never;
};

/**
 * How a table's columns are read.
 * @param alias of the table in the query
 * @returns the select list and the schema of its rows
 */
export function selectOf<Name extends TableName>(table: Name, alias: string) {
  const columns = Object.entries(TABLES[table].columns) as [string, Column<never>][]; // only `sql` and `schema` are read
  const list = columns.map(([name, { sql }]) => `${(READ[sql] ?? String)(`${alias}.${name}`)} as ${name}`).join(", ");
  const shape = Object.fromEntries(columns.map(([name, { schema }]) => [name, schema]));
  return { list, shape: shape as Schemas<(typeof TABLES)[Name]["columns"]> }; // the same names
}

/** Of long texts in one read: beyond 1 MiB the Data API ends the call, and JSON makes two characters of some. */
export const MAX_READ_BYTES = 450_000;
