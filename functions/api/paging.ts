import * as z from "zod";
import { invalidField } from "../../shared/errors.ts";
import type { TimeCursor } from "../../shared/log/log-history.ts";

/** `limit` and `cursor` of a list. */
export const pageQuery = {
  limit: z.coerce
    .number("must be a whole number")
    .int("must be a whole number")
    .min(1, "must be 1 to 500")
    .max(500, "must be 1 to 500")
    .default(50),
  cursor: z.string().max(500).optional().meta({ description: "The `next` of the page before." }),
};

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

const timeCursorSchema = z.object({ at: z.iso.datetime().refine(isStorable), seq: z.int().min(0).max(2_147_483_647) });

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

/** An ISO 8601 moment, or a day. */
export const momentField = z
  .string()
  .refine((text) => /^\d{4}-\d{2}-\d{2}/.test(text) && isStorable(text), "must be a time such as 2026-11-23T12:00:00Z, from 1970 to 9999")
  .transform((text) => new Date(text).toISOString());

/** Within years that JavaScript and Postgres write alike. */
function isStorable(time: string): boolean {
  const ms = Date.parse(time);
  return ms >= 0 && ms < Date.UTC(10_000, 0);
}
