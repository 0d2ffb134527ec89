/** What one target's time in a window was. Seconds. */
export interface TargetReport {
  readonly id: string;
  readonly name: string;
  readonly group: string | null;
  readonly upSeconds: number;
  readonly degradedSeconds: number;
  readonly downSeconds: number;
  /** In maintenance windows: no part of the others. */
  readonly maintenanceSeconds: number;
  readonly pausedSeconds: number;
  /** Of the window, since the target was made and until it was deleted. */
  readonly existedSeconds: number;
  /** That did not lie in maintenance as a whole. */
  readonly incidents: number;
  /** Of these, how many ended by recovery. */
  readonly recovered: number;
  /** From the first failing check to the decision, on average; `null` without incidents. */
  readonly detectSeconds: number | null;
  /** From the first failing check to the first good one, on average, of those that ended by recovery. */
  readonly recoverSeconds: number | null;
}

/** What time was, of many targets over a long while: from roll-ups alone. */
export interface LogReports {
  /** The moment up to which reports know everything, ISO 8601; `null` before the first roll-up. */
  rolledUpTo(): Promise<string | null>;
  /**
   * Every target that there was in [from, to), by its number, of roll-ups alone.
   * @param options.from ISO 8601, a multiple of `ROLLUP_MS`, as `to` is @param options.after the last number of the page before
   */
  targets(options: {
    from: string;
    to: string;
    tag?: string | undefined;
    group?: string | undefined;
    after: number;
    limit: number;
  }): Promise<readonly (TargetReport & { readonly seq: number })[]>;
}
