import type { KnownTime } from "../status/slo.ts";

/** How much of the last windows targets were down. */
export interface LogBurns {
  /** By target's number, by window in seconds, of {@link BURN_WINDOWS_S}: they end where roll-ups do. Maintenance is left out. */
  times(seqs: readonly number[]): Promise<Map<number, Map<number, KnownTime>>>;
}
