import * as z from "zod";

/** Set by the connection itself. */
const RESERVED_HEADERS = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
  "keep-alive",
  "te",
  "trailer",
  "expect",
]);

/** Headers that an owner sends with a check. */
export const headersField = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/, "must be a header name"),
    z
      .string()
      .max(4_096, "must have at most 4096 characters")
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "must not contain line breaks or control characters"),
  )
  .refine((headers) => Object.keys(headers).length <= 30, "must have at most 30 headers")
  .refine(
    (headers) => !Object.keys(headers).some((name) => RESERVED_HEADERS.has(name.toLowerCase())),
    `must not set ${[...RESERVED_HEADERS].join(", ")}: the connection does`,
  );

/** With names in lower case, as ours are. */
export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
