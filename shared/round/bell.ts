import { messageOf } from "../errors.ts";
import type { LogWarning } from "../log/record.ts";

/** Has what targets owe told now, by whoever holds the channels' secrets. Rejects when nobody can be asked. */
export type Ring = (call: { readonly round: number; readonly targets: readonly string[] }) => Promise<void>;

/** How long changes of one shard are gathered, in ms: a storm should be one message, and a single one not wait for it. */
const GATHER_MS = 300;

/** Gathers the changes of a shard, so that they are told while its slower checks still run. */
export interface Bell {
  /** A target owes an alert that was just committed. */
  changed(targetId: string): void;
  /**
   * The shard's checks have ended. @param isAlone whether no other shard holds the end of the round up, so that what
   * has not been rung for is told at once anyway
   */
  end(isAlone: boolean): Promise<void>;
}

/**
 * An alert does not wait for the slowest check of its round. What the bell misses, conclude-round tells: a bell that
 * cannot be rung costs a line in the log.
 * @param ring `undefined` where there is no bell
 */
export function createBell(ring: Ring | undefined, round: number, logger: LogWarning): Bell {
  const gathered = new Set<string>();
  const rung: Promise<void>[] = [];
  let timer: NodeJS.Timeout | undefined;
  const ringNow = () => {
    clearTimeout(timer);
    timer = undefined;
    if (ring === undefined || gathered.size === 0) return;
    const targets = [...gathered];
    gathered.clear();
    rung.push(
      ring({ round, targets }).catch((error: unknown) => logger.warn("alerts wait for the end of the round", { reason: messageOf(error) })),
    );
  };
  return {
    changed(targetId) {
      gathered.add(targetId);
      timer ??= setTimeout(ringNow, GATHER_MS);
    },
    async end(isAlone) {
      if (!isAlone) ringNow();
      clearTimeout(timer);
      await Promise.all(rung);
    },
  };
}
