/** How much of the last windows targets were down. */
export interface LogBurns {
  /**
   * Seconds, by target's number, by window in seconds, of `BURN_WINDOWS_S`: windows end where roll-ups do. Maintenance is
   * left out.
   */
  downs(seqs: readonly number[]): Promise<Map<number, Map<number, number>>>;
}
