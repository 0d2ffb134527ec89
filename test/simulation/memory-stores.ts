import type { ChannelTurns } from "../../shared/alert/channel-turns.ts";
import { StoreUnavailableError } from "../../shared/errors.ts";
import { OUTCOME_CODES } from "../../shared/log/codes.ts";
import { createLogRest, type LogRest, type RestState } from "../../shared/log/log-rest.ts";
import type { LogWriter } from "../../shared/log/log-writer.ts";
import type { Spool } from "../../shared/log/spool.ts";
import type { LogBatch, TableName } from "../../shared/log/tables.ts";
import type { Cut, CutStore } from "../../shared/round/id-ranges.ts";
import type { LastRound, LastRoundStore } from "../../shared/round/last-round.ts";
import type { Deletion, DeletionStore } from "../../shared/targets/deletions.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { Call } from "./memory-target-store.ts";

type Row = Readonly<Record<string, unknown>>;

/** What makes two rows of a table the same one, as its primary key does. */
const KEYS: Partial<Record<TableName, readonly string[]>> = {
  check: ["target", "at"],
  transition: ["target", "at"],
  delivery: ["target", "at", "channel"],
  target: ["seq"],
  round: ["at"],
};

/** As the statement of a delivery says. */
function replaces(row: Row, there: Row): boolean {
  const isLater = String(there["attempted_at"]) <= String(row["attempted_at"]);
  const [waits, waited] = [row["outcome"] === OUTCOME_CODES.waiting, there["outcome"] === OUTCOME_CODES.waiting];
  return (waited && !waits) || (isLater && (!waits || waited));
}

/** The log in memory: what it takes, and whether it answers. */
export class MemoryLog {
  readonly tables = new Map<TableName, Map<string, Row>>();
  isAway = false;

  rows(kind: TableName): Row[] {
    return [...(this.tables.get(kind)?.values() ?? [])];
  }

  /** As the statements of `TABLES` do: what is there stays, but for a delivery, which takes what is not older. */
  take({ kind, rows }: LogBatch): void {
    if (this.isAway) throw new StoreUnavailableError("the log is away");
    const table = this.tables.get(kind) ?? new Map<string, Row>();
    this.tables.set(kind, table);
    const key = KEYS[kind] ?? [];
    for (const row of rows) {
      const name = key.map((column) => String(row[column])).join(" ");
      const there = table.get(name);
      const isNewer = kind === "delivery" && there !== undefined && replaces(row, there);
      if (there === undefined || isNewer || kind === "target") table.set(name, row);
    }
  }

  writer(call: Call): LogWriter {
    return { write: (batch) => call(`log ${batch.kind}`, () => this.take(batch)) };
  }
}

/** Where batches wait, as DynamoDB has them: by key. */
export function memorySpool(batches: Map<string, LogBatch>, call: Call): Spool {
  return {
    put: (key, batch) => call(`spool ${batch.kind}`, () => void batches.set(key, batch)),
    oldest: (limit, after = "") =>
      call("spooled", () =>
        [...batches]
          .filter(([key]) => key > after)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, limit)
          .map(([key, batch]) => ({ key, batch })),
      ),
    remove: (key) => call("unspool", () => void batches.delete(key)),
    settle: ({ key }) => call("settle", () => void batches.delete(key)),
    reject: (key) => call("set aside", () => void batches.delete(key)),
  };
}

export function memoryCuts(kept: { cut?: Cut }, call: Call): CutStore {
  return {
    get: () => call("cut", () => kept.cut),
    put: (cut) =>
      call("keep cut", () => {
        kept.cut = cut;
      }),
  };
}

export function memoryLastRound(kept: { last?: LastRound }, call: Call): LastRoundStore {
  return {
    get: () => call("last round", () => kept.last),
    put: (last) =>
      call("keep round", () => {
        if (kept.last === undefined || kept.last.round < last.round) kept.last = last;
      }),
  };
}

/** @param kept is changed in place */
export function memoryRest(kept: { -readonly [Field in keyof RestState]: number }, clock: Clock, call: Call): LogRest {
  return createLogRest(
    {
      state: () => call("rest", () => ({ ...kept })),
      keepAwake: (until) =>
        call("keep awake", () => {
          kept.awakeUntil = until;
        }),
      wake: ({ now, until, since }, seen) =>
        call("wake", () => {
          if (kept.wokenAt !== seen) return false;
          Object.assign(kept, { awakeUntil: until, wokenAt: now, wakingSince: since });
          return true;
        }),
      written: (at) =>
        call("written", () => {
          kept.writtenAt = Math.max(kept.writtenAt, at);
        }),
    },
    clock,
  );
}

export function memoryTurns(turns: Map<string, { id: number; until: number }>, clock: Clock, call: Call): ChannelTurns {
  return {
    async claim(channel, leaseMs) {
      const id = Math.max(0, ...[...turns.values()].map((turn) => turn.id)) + 1;
      const isOurs = await call(`turn ${channel}`, () => {
        const turn = turns.get(channel);
        if (turn !== undefined && turn.until >= clock.now()) return false;
        turns.set(channel, { id, until: clock.now() + leaseMs });
        return true;
      });
      if (!isOurs) return undefined;
      return () =>
        call(`give turn ${channel}`, () => {
          const turn = turns.get(channel);
          if (turn?.id === id) turns.set(channel, { id, until: 0 });
        });
    },
  };
}

export function memoryDeletions(deletions: Map<string, Deletion>, call: Call): DeletionStore {
  return {
    put: (deletion) =>
      call("deletion", () => {
        const there = deletions.get(deletion.target);
        const isOther = there !== undefined && there.startedAt !== deletion.startedAt && there.stateVersion >= deletion.stateVersion;
        if (isOther) return false;
        deletions.set(deletion.target, deletion);
        return true;
      }),
    get: (target) => call("deletion of", () => deletions.get(target)),
    list: () => call("deletions", () => [...deletions.values()]),
    remove: (target) => call("forget deletion", () => void deletions.delete(target)),
  };
}
