/** A document of the API. */
export type Item = Record<string, unknown>;

/** A value as a table has it. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
