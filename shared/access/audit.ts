import type { LogBatch } from "../log/log-store.ts";

/** A change through the API: who changed what, from what to what. Secrets are masked before they get here. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly at: string;
  /** Unique, so that the same entry written twice is one. */
  readonly id: string;
  /** The caller, as `Principal` names it. */
  readonly who: string;
  /** The route's id, such as `updateTarget`. */
  readonly action: string;
  /** What was changed, such as `target:<id>`. */
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A text column holds it; what is longer is cut to a note. */
const MAX_JSON = 20_000;

export function auditBatch(entry: AuditEntry): LogBatch {
  const { before, after, ...rest } = entry;
  return { kind: "audit", rows: [{ ...rest, before_json: json(before), after_json: json(after) }] };
}

function json(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  return text.length <= MAX_JSON ? text : JSON.stringify({ note: `cut: ${text.length} characters` });
}
