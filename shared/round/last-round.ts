import type { Sight } from "../alert/sight.ts";

/** The newest round that finished, for liveness: kept beside the targets, so that it is known without the log. */
export interface LastRound {
  /** Mark, epoch seconds. */
  readonly round: number;
  /** Epoch ms. */
  readonly finishedAt: number;
  readonly planned: number;
  readonly checked: number;
  /** Shards that ended without a report: what they checked is unknown. Releases before 0.2 did not tell. */
  readonly failedShards?: number;
  /** Checks that began late; releases before 0.2 did not tell. */
  readonly late?: number;
  /** Alerts that channels refused for good at its end. */
  readonly alertsFailed?: number;
  /** Epoch ms since when rounds have run without a longer break; unknown to releases before 0.2. */
  readonly hearingSince?: number;
  /** Mark of the first of the rounds, up to this one, that saw nothing; 0 when this one saw. */
  readonly blindSince?: number;
  /** That this round or one before it sees again, as long as a channel has yet to hear of it. */
  readonly sight?: Sight;
  /** Ids of targets that are down and keep whoever checks them waiting; {@link MAX_WAITING} at most. */
  readonly waiting?: readonly string[];
}

/** Of targets that are checked apart: their ids stand three times in a round's states, which carry 256 KiB. */
export const MAX_WAITING = 200;

export interface LastRoundStore {
  /** Keeps the newest: an older round that ends later changes nothing. */
  put(last: LastRound): Promise<void>;
  get(): Promise<LastRound | undefined>;
}
