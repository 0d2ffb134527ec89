import { randomUUID } from "node:crypto";
import { pendingState } from "../../shared/status/next-status.ts";
import type { DepartedTargets } from "../../shared/targets/departed.ts";
import { isGroupedOtherwise } from "../../shared/targets/grouped-otherwise.ts";
import type { OwedAlert } from "../../shared/targets/owed-alert.ts";
import type { SentMessage, Target, TargetConfig } from "../../shared/targets/target.ts";
import {
  NameTakenError,
  type StateCommit,
  type TargetStore,
  TooManyTargetsError,
  VersionConflictError,
} from "../../shared/targets/target-store.ts";
import type { Clock } from "../../shared/time/clock.ts";

/** An item as it lies in the table. */
interface Item {
  target: Target;
}

/** What the table holds of targets: shared by the stores of all tasks. */
export interface TargetTable {
  readonly items: Map<string, Item>;
  /** Those that were deleted and have a last word to tell. */
  readonly departed: Map<string, Item>;
  readonly names: Map<string, { targetId: string; claimedAt: number }>;
  seq: number;
}

export function createTargetTable(): TargetTable {
  return { items: new Map(), departed: new Map(), names: new Map(), seq: 0 };
}

/** How a call of the table is made: at once in the contract, when its turn comes in a simulation. */
export type Call = <Result>(what: string, run: () => Result) => Promise<Result>;

const NAME_CLAIM_MS = 60_000;
/** What the API makes of an item is a copy: nobody holds the table's own. */
const copy = <Value>(value: Value): Value => structuredClone(value);

/**
 * Targets in memory, with the semantics of the DynamoDB adapter, call by call: the same contract proves both.
 * @param newId for what is created @param call makes each of its calls
 */
export function createMemoryTargetStore(table: TargetTable, clock: Clock, call: Call, newId: () => string = randomUUID): TargetStore {
  const { items, names } = table;
  const sorted = () => [...items.values()].map(({ target }) => target).sort((a, b) => (a.id < b.id ? -1 : 1));
  const get = (id: string) => call(`get ${short(id)}`, () => copy(items.get(id)?.target));
  /** @returns whether the condition held */
  const update = (what: string, id: string, condition: (item: Item) => boolean, change: (item: Item) => void) =>
    call(`${what} ${short(id)}`, () => {
      const item = items.get(id);
      if (item === undefined || !condition(item)) return false;
      change(item);
      return true;
    });

  async function claimName(name: string, targetId: string): Promise<void> {
    const key = name.toLowerCase();
    const claim = { targetId, claimedAt: clock.now() };
    const found = await call("claim name", () => {
      const holder = names.get(key);
      if (holder === undefined) names.set(key, claim);
      return holder && { ...holder };
    });
    if (found === undefined) return;
    if (found.targetId !== targetId) {
      const holder = await get(found.targetId);
      if (holder?.config.name.toLowerCase() === key || clock.now() - found.claimedAt < NAME_CLAIM_MS) throw new NameTakenError(name);
    }
    const isOurs = await call("take name over", () => {
      const now = names.get(key);
      if (now?.targetId !== found.targetId || now.claimedAt !== found.claimedAt) return false;
      names.set(key, claim);
      return true;
    });
    if (!isOurs) throw new NameTakenError(name);
  }

  const releaseName = (name: string, targetId: string, claimedBefore: number) =>
    call("release name", () => {
      const held = names.get(name.toLowerCase());
      if (held?.targetId === targetId && held.claimedAt <= claimedBefore) names.delete(name.toLowerCase());
    });

  const store: TargetStore = {
    get,
    list: ({ after = "", limit }) =>
      call("list", () =>
        copy(
          sorted()
            .filter(({ id }) => id > after)
            .slice(0, limit),
        ),
      ),
    async *keys() {
      yield* await call("keys", () =>
        sorted().map(({ id, config, state, owed, updatedAt }) => ({
          id,
          intervalSeconds: config.intervalSeconds,
          status: state.status,
          owesAlert: owed.length > 0,
          updatedAt,
        })),
      );
    },
    range: (from, to) => call("range", () => copy(sorted().filter(({ id }) => id >= from && id <= to))),

    commitState: (read, commit) =>
      update(
        "commit",
        read.id,
        ({ target }) => isVersion(target, read),
        (item) => {
          item.target = withCommit(item.target, commit);
        },
      ),

    async claimOwed(id, leaseMs) {
      const lease = { id: newId(), until: clock.now() + leaseMs };
      const isOurs = await update(
        "claim",
        id,
        ({ target }) => target.lease === undefined || target.lease.until < clock.now(),
        (item) => {
          item.target = touched({ ...item.target, lease });
        },
      );
      if (!isOurs) return undefined;
      const target = await get(id);
      if (target === undefined) return undefined;
      const claim = { target, leaseId: lease.id };
      if (target.owed.length > 0) return claim;
      await store.releaseOwed(claim, []);
      return undefined;
    },

    recordDeliveries: ({ target: { id }, leaseId }, deliveries) =>
      update(
        "record",
        id,
        ({ target }) => target.lease?.id === leaseId,
        (item) => {
          const owed = item.target.owed.map((alert) => {
            const own = deliveries.filter(({ at }) => at === alert.at).map(({ channel, delivery }) => [channel, copy(delivery)]);
            return { ...alert, deliveries: { ...alert.deliveries, ...Object.fromEntries(own) } };
          });
          const known = deliveries.flatMap(({ channel, known: status }) => (status === undefined ? [] : [[channel, status]]));
          const messages = new Map<string, SentMessage>(Object.entries(item.target.messages));
          for (const { channel, message } of deliveries) {
            if (message === null) messages.delete(channel);
            else if (message !== undefined) messages.set(channel, message);
          }
          item.target = touched({
            ...item.target,
            owed,
            known: { ...item.target.known, ...Object.fromEntries(known) },
            messages: Object.fromEntries(messages),
          });
        },
      ),

    async releaseOwed({ target: { id }, leaseId }, settled) {
      await update(
        "release",
        id,
        ({ target }) => target.lease?.id === leaseId,
        (item) => {
          const { lease: _lease, ...rest } = item.target;
          item.target = touched({ ...rest, owed: rest.owed.filter(({ at }) => !settled.includes(at)) });
        },
      );
    },

    async create(config, { id = newId(), heartbeatKeyHash, maxTargets = Number.POSITIVE_INFINITY } = {}) {
      await claimName(config.name, id);
      const nowMs = clock.now();
      const seq = await call("seq", () => ++table.seq);
      if (seq > maxTargets && items.size >= maxTargets) {
        await releaseName(config.name, id, nowMs);
        throw new TooManyTargetsError(String(maxTargets));
      }
      const now = new Date(nowMs).toISOString();
      const pending = pendingState(Math.floor(nowMs / 1_000));
      const target: Target = {
        id,
        seq,
        config,
        configVersion: 1,
        state: config.paused ? { ...pending, status: "paused" } : pending,
        stateVersion: 1,
        deliveryVersion: 0,
        owed: [],
        certificateWarnings: {},
        known: {},
        messages: {},
        ...(heartbeatKeyHash && { heartbeat: { keyHash: heartbeatKeyHash, awaitedSince: nowMs } }),
        createdAt: now,
        updatedAt: now,
      };
      await call(`create ${short(id)}`, () => void items.set(id, { target: copy(target) }));
      return target;
    },

    async updateConfig(read, config, commit) {
      const nowMs = clock.now();
      const isRenamed = config.name.toLowerCase() !== read.config.name.toLowerCase();
      if (isRenamed) await claimName(config.name, read.id);
      const changed = await call(`configure ${short(read.id)}`, () => {
        const item = items.get(read.id);
        if (item === undefined || !isConfigured(item.target, read, commit)) return undefined;
        item.target = configured(item.target, config, commit, nowMs);
        return copy(item.target);
      });
      if (changed === undefined) throw new VersionConflictError("changed meanwhile");
      if (isRenamed) await releaseName(read.config.name, read.id, nowMs);
      return changed;
    },

    async remove(read, departed) {
      if (departed !== undefined)
        await call(`depart ${short(read.id)}`, () => void table.departed.set(read.id, { target: copy(departed) }));
      const isGone = await call(`remove ${short(read.id)}`, () => {
        const item = items.get(read.id);
        return item !== undefined && isWhole(item.target, read) && items.delete(read.id);
      });
      if (!isGone) throw new VersionConflictError("changed meanwhile");
      await releaseName(read.config.name, read.id, Number.MAX_SAFE_INTEGER);
    },

    recordPing: (id, ping) =>
      update(
        "ping",
        id,
        ({ target }) => target.heartbeat !== undefined,
        (item) => {
          const { startedAt: _started, reported: _reported, ...kept } = item.target.heartbeat ?? { keyHash: "", awaitedSince: 0 };
          const heartbeat = "lastPingAt" in ping ? { ...kept, ...ping } : { ...item.target.heartbeat, ...kept, startedAt: ping.startedAt };
          item.target = { ...item.target, heartbeat };
        },
      ),

    setHeartbeatKey: (id, keyHash) =>
      update(
        "key",
        id,
        ({ target }) => target.heartbeat !== undefined,
        (item) => {
          item.target = { ...item.target, heartbeat: { awaitedSince: 0, ...item.target.heartbeat, keyHash } };
        },
      ),
  };
  return store;
}

/** Targets that were deleted, over the same table. */
export function createMemoryDeparted(table: TargetTable, clock: Clock, call: Call, newId?: () => string): DepartedTargets {
  const { departed: items } = table;
  return {
    ...createMemoryTargetStore({ ...table, items }, clock, call, newId),
    list: () => call("departed", () => [...items.values()].map(({ target }) => copy(target))),
    forget: (id) => call(`forget ${short(id)}`, () => void items.delete(id)),
  };
}

function touched(target: Target): Target {
  return { ...target, deliveryVersion: target.deliveryVersion + 1 };
}

function isWhole(now: Target, read: Target): boolean {
  return isVersion(now, read) && now.deliveryVersion === read.deliveryVersion;
}

function isVersion(now: Target, read: Target): boolean {
  return now.stateVersion === read.stateVersion && now.configVersion === read.configVersion;
}

function isConfigured(now: Target, read: Target, commit: StateCommit | undefined): boolean {
  return now.configVersion === read.configVersion && (commit === undefined || now.stateVersion === read.stateVersion);
}

function withCommit(target: Target, { state, owed, dropped = [], certificateWarnings, incident, sloBurn }: StateCommit): Target {
  const kept = target.owed.filter(({ at }) => !dropped.some((gone) => gone.at === at) && !owed.some((alert) => alert.at === at));
  const { sloBurn: burn, ...rest } = target;
  const burning = sloBurn === undefined ? burn : (sloBurn ?? undefined);
  return copy({
    ...rest,
    state,
    stateVersion: target.stateVersion + 1,
    owed: inOrder([...kept, ...owed]),
    certificateWarnings,
    ...(incident !== undefined && { incident }),
    ...(burning !== undefined && { sloBurn: burning }),
  });
}

function configured(target: Target, config: TargetConfig, commit: StateCommit | undefined, nowMs: number): Target {
  const committed = commit === undefined ? target : withCommit(target, commit);
  return copy({
    ...committed,
    config,
    configVersion: target.configVersion + 1,
    ...(commit !== undefined && target.heartbeat !== undefined && { heartbeat: { ...target.heartbeat, awaitedSince: nowMs } }),
    updatedAt: new Date(nowMs).toISOString(),
    ...(isGroupedOtherwise(target.config, config) && { groupedAt: new Date(nowMs).toISOString() }),
  });
}

function inOrder(owed: readonly OwedAlert[]): OwedAlert[] {
  return owed.toSorted((a, b) => a.at - b.at);
}

function short(id: string): string {
  return id.slice(-4);
}
