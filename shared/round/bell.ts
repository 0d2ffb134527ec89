import { messageOf } from "../errors.ts";
import type { LogWarning } from "../log/record.ts";

/** Has what targets owe told now, by whoever holds the channels' secrets. Rejects when nobody can be asked. */
export type Ring = (call: {
  readonly round: number;
  readonly targets: readonly string[];
  /** Those that were named before in this round: with them, many are a storm, however they trickle in. */
  readonly earlier: readonly string[];
}) => Promise<void>;

/** How long changes of one shard are gathered, in ms: a single one should not wait, and each next one twice as long. */
const GATHER_MS = 300;
/** After so many, which are a storm, for this long: that should be few messages, by few who send them side by side. */
const STORM = 10;
const GATHER_STORM_MS = 3_000;
/** That are named as earlier ones: what a storm is to a channel is seen by then. */
const MAX_EARLIER = 100;

/** Gathers the changes of a shard, so that they are told while its slower checks still run. */
export interface Bell {
  /** A target owes an alert that was just committed. */
  changed(targetId: string): void;
  /**
   * The shard's checks have ended. @param toldAtEnd how many the end of the round tells at once anyway: none where another
   * shard holds it up
   * @returns targets whose alerts are being told
   */
  end(toldAtEnd: number): Promise<ReadonlySet<string>>;
}

/**
 * An alert does not wait for the slowest check of its round. What the bell misses, conclude-round tells: a bell that
 * cannot be rung costs a line in the log.
 * @param ring `undefined` where there is no bell
 */
export function createBell(ring: Ring | undefined, round: number, logger: LogWarning): Bell {
  const gathered = new Set<string>();
  const rung: Promise<void>[] = [];
  const heard = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let gatherMs = GATHER_MS;
  const told: string[] = [];
  const ringNow = () => {
    clearTimeout(timer);
    timer = undefined;
    if (ring === undefined || gathered.size === 0) return;
    const targets = [...gathered];
    const earlier = told.slice(0, MAX_EARLIER);
    told.push(...targets);
    gatherMs = told.length > STORM ? GATHER_STORM_MS : Math.min(2 * gatherMs, GATHER_STORM_MS);
    gathered.clear();
    rung.push(
      ring({ round, targets, earlier }).then(
        () => targets.forEach((id) => void heard.add(id)),
        (error: unknown) => logger.warn("alerts wait for the end of the round", { reason: messageOf(error) }),
      ),
    );
  };
  return {
    changed(targetId) {
      gathered.add(targetId);
      timer ??= setTimeout(ringNow, gatherMs);
    },
    async end(toldAtEnd) {
      if (gathered.size > toldAtEnd) ringNow();
      clearTimeout(timer);
      await Promise.all(rung);
      return heard;
    },
  };
}
