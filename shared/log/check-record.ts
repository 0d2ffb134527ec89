import * as z from "zod";
import { errorClassOf, STATUS_CODES, statusOf } from "./codes.ts";
import type { CheckRecord } from "./log-history.ts";
import { selectOf } from "./select.ts";

/** A row of a check, with its target as people know it. */
export const checkRowSchema = z.object({ ...selectOf("check", "c").shape, id: z.string(), name: z.string() });
export type ReadCheck = z.output<typeof checkRowSchema>;

/** A check as it is shown. */
export function toCheckRecord(row: ReadCheck): CheckRecord {
  const errorClass = errorClassOf(row.error_class);
  return {
    at: row.at,
    target: { id: row.id, name: row.name },
    status: statusOf(row.status),
    attempts: row.attempts,
    passedAfterRetry: row.attempts > 1 && row.status !== STATUS_CODES.down,
    httpStatus: row.http_status,
    error: errorClass === undefined ? null : { class: errorClass, text: row.error ?? "" },
    // A check without an error has the column for what else there is to say.
    note: errorClass === undefined ? row.error : null,
    latencyMs: row.total_ms,
    phases: { dnsMs: row.dns_ms, connectMs: row.connect_ms, tlsMs: row.tls_ms, ttfbMs: row.ttfb_ms, transferMs: row.transfer_ms },
    address: row.address,
    certificateDaysLeft: row.certificate_days,
  };
}
