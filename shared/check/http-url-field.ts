import * as z from "zod";

/** An absolute `http` or `https` URL without credentials. */
export const httpUrlField = z
  .string()
  .trim()
  .max(2_048, "must have at most 2048 characters")
  .refine((url) => url.isWellFormed() && !/[\s\p{Cc}]/u.test(url), "must not contain spaces or control characters")
  .refine((url) => isHttpUrl(url), 'must be an http or https URL, such as "https://example.com/health"')
  .refine(
    (url) => !isHttpUrl(url) || !(new URL(url).username || new URL(url).password),
    "must not hold a user name or password: use the headers field",
  );

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.port !== "0";
}
