import * as z from "zod";
import { invalidField } from "../../shared/errors.ts";
import type { TimeCursor } from "../../shared/log/log-history.ts";

/** `limit` and `cursor` of a list. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, "must be 1 to 500")
    .transform(Number)
    .refine((limit) => limit <= 500, "must be 1 to 500")
    .default(50)
    .meta({ type: "integer", minimum: 1, maximum: 500, default: 50 }),
  cursor: z.string().max(500).optional().meta({ description: "The `next` of the page before." }),
};

/** Text that a list is filtered by; no store has one with a NUL. */
export function filterText(maxLength: number) {
  return z
    .string()
    .max(maxLength, `must have at most ${maxLength} characters`)
    .refine((text) => !text.includes("\0") && text.isWellFormed(), "must be text without NUL characters")
    .optional();
}

/** Lambda answers 6,291,556 B at most, and a name of one character may become six as JSON within JSON. */
const MAX_PAGE_BYTES = 3 * 1024 * 1024;

/** As many of the items, from the first, as one answer holds; one at least. */
export function withinBytes<Item>(items: readonly Item[]): Item[] {
  let bytes = 0;
  const fitting = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return bytes > MAX_PAGE_BYTES && index > 0;
  });
  return fitting === -1 ? [...items] : items.slice(0, fitting);
}

/** A page of `schema`'s items. */
export function pageSchema(items: z.ZodType) {
  return z.object({
    items: z.array(items),
    next: z.string().nullable().meta({ description: "Cursor of the next page; null on the last." }),
  });
}

export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** With no more digits than a store takes. */
export function momentOf(text: z.ZodType<string>) {
  return text.refine(isStorable).transform((at) => new Date(at).toISOString());
}

const timeCursorSchema = z.object({ at: momentOf(z.iso.datetime()), seq: z.int().min(0).max(2_147_483_647) });

export function decodeTimeCursor(cursor: string | undefined): TimeCursor | undefined {
  return cursor === undefined ? undefined : decodeCursor(cursor, timeCursorSchema);
}

/** @throws {RequestError} when the cursor was not made by {@link encodeCursor} */
export function decodeCursor<Schema extends z.ZodType>(cursor: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw invalidField("cursor", "is not a cursor from here: leave it out to start again");
  }
}

/** A moment with its zone (RFC 3339), or a day, which begins in UTC. */
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/;

export const momentField = z
  .string()
  .refine((text) => MOMENT.test(text) && isCalendarDay(text) && isStorable(text), {
    error:
      "must be a moment with its zone, such as 2026-11-23T12:00:00Z or 2026-11-23T13:00:00+01:00, or a day such as 2026-11-23, from 1970 to 9999",
  })
  .transform((text) => new Date(text).toISOString());

/** JavaScript takes 2026-02-30 for a day in March. */
function isCalendarDay(text: string): boolean {
  const day = MOMENT.exec(text)?.[1] ?? "";
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** Within years that JavaScript and Postgres write alike. */
function isStorable(time: string): boolean {
  const ms = Date.parse(time);
  return ms >= 0 && ms < Date.UTC(10_000, 0);
}
