import { isUtf8 } from "node:buffer";

/** A text whose bytes came as one character each, as headers and DNS have it: what is UTF-8 is meant as that. */
export function utf8Characters(text: string): string {
  if (!/[\x80-\xff]/.test(text)) return text;
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : text;
}
