import { messageOf } from "../errors.ts";
import { type Recorder, record } from "../log/record.ts";
import type { LogBatch } from "../log/tables.ts";
import type { Clock } from "../time/clock.ts";
import { spoolKey } from "./register-target.ts";
import type { TargetReader } from "./target-store.ts";

/** A deletion under way, or one of the last day: written before the target goes, so that whoever sees it can finish it. */
export interface Deletion {
  /** The target's id. */
  readonly target: string;
  /** Epoch ms: when the target ends. */
  readonly startedAt: number;
  /** Of the target as it is to be removed; a target whose state has changed since is not removed by this deletion. */
  readonly stateVersion: number;
  /** Epoch ms at which the log, or the spool, had all of it. */
  readonly finishedAt?: number | undefined;
  /** What the log is to hold of the target's end. */
  readonly rows: readonly LogBatch[];
}

export interface DeletionStore {
  /**
   * Begins or finishes a deletion.
   * @returns false when another one is there, of the same or a later state of the target, that ends it at another moment
   */
  put(deletion: Deletion): Promise<boolean>;
  get(target: string): Promise<Deletion | undefined>;
  list(): Promise<Deletion[]>;
  remove(target: string): Promise<void>;
}

export interface FinishDeps extends Recorder {
  readonly targets: Pick<TargetReader, "get">;
  readonly deletions: DeletionStore;
  readonly clock: Clock;
}

/** Writes what the log is to hold of a target that is gone. Done twice, it is done once. */
export async function finishDeletion(deps: Omit<FinishDeps, "targets">, deletion: Deletion): Promise<void> {
  if (deletion.finishedAt !== undefined) return;
  for (const rows of deletion.rows) await record(deps, spoolKey({ id: deletion.target }, deletion.startedAt), rows);
  await deps.deletions.put({ ...deletion, finishedAt: deps.clock.now(), rows: [] });
}

/** Whoever deletes a target is done, or gone, after this. Milliseconds. */
const UNDER_WAY_MS = 60_000;
/** For as long, in ms, deleting again what is deleted says that it is. */
const REMEMBERED_MS = 86_400_000;

/** Finishes deletions that a crash cut off, takes back those whose target is still there, and forgets those of yesterday. */
export async function finishDeletions(deps: FinishDeps): Promise<void> {
  const now = deps.clock.now();
  for (const deletion of await deps.deletions.list()) {
    const { target, startedAt, finishedAt } = deletion;
    try {
      if (finishedAt !== undefined) {
        if (now - finishedAt > REMEMBERED_MS) await deps.deletions.remove(target);
      } else if (now - startedAt > UNDER_WAY_MS) {
        if ((await deps.targets.get(target)) === undefined) await finishDeletion(deps, deletion);
        else await deps.deletions.remove(target);
      }
    } catch (error) {
      deps.logger.warn("a deletion could not be finished: tried again in five minutes", { target, reason: messageOf(error) });
    }
  }
}
