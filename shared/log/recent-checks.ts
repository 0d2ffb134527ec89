import type * as z from "zod";
import { checkRowSchema } from "./check-record.ts";

/** A row of a check, without its target's names. */
export const waitingCheckSchema = checkRowSchema.omit({ id: true, name: true });
/** A check as it waits: a row of its table. */
export type WaitingCheck = z.output<typeof waitingCheckSchema>;

/** Checks of the last hour, where the log sleeps: those that wait for it, and those that it has had for less than an hour. */
export interface RecentChecks {
  /** The newest first. @param since epoch ms, an hour ago at most */
  since(since: number): Promise<readonly WaitingCheck[]>;
}

/** How far back all checks can be read without the log, in ms. */
export const RECENT_MS = 3_600_000;
