/** Keeps the log in shape. */
export interface LogKeeper {
  /** Makes partitions ahead, rolls up what is complete at `now`, drops what retention ends. @param now epoch ms */
  maintain(now: number, retention: Retention): Promise<MaintenanceReport>;
  /** Keeps times that targets were in maintenance; one that goes on grows. */
  recordMaintenance(times: readonly MaintenanceTime[]): Promise<void>;
}

/** A time that a target was in a maintenance window: by its number, or by its id where it may be gone. */
export interface MaintenanceTime {
  readonly seq?: number;
  readonly id?: string;
  /** Id of the window. */
  readonly window: string;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
}

/** How long rows are kept, in days; day roll-ups are kept for ever. */
export interface Retention {
  readonly rawDays: number;
  readonly fiveMinuteDays: number;
  readonly hourDays: number;
}

export interface MaintenanceReport {
  /** ISO 8601: everything before is rolled up. */
  readonly rolledUpTo: string;
  readonly partitionsMade: number;
  readonly partitionsDropped: number;
}
