import { setTimeout as delay } from "node:timers/promises";
import type { CheckResult, Opinion } from "../check/check-result.ts";
import { messageOf } from "../errors.ts";
import type { TargetState } from "../status/next-status.ts";
import { isNthCheck } from "../targets/schedule.ts";
import { canBeSeenElsewhere, DEFAULT_FROM_EVERY, type TargetConfig } from "../targets/target.ts";
import { DEFAULT_AGREE, withOpinions } from "./weigh-opinions.ts";

/** Another place that a target can be checked from. */
export interface Probe {
  /** Its region, or what its owner calls it. */
  readonly name: string;
  /** Checks once. Rejects when nobody there can be asked, or not in time. @param timeoutMs for all of it */
  ask(config: TargetConfig, timeoutMs: number): Promise<CheckResult>;
}

/** Who is asked before a target is down, and of those that are to be seen from elsewhere. */
export interface SecondOpinions {
  /** How this place is called. */
  readonly here: string;
  readonly probes: readonly Probe[];
}

/** A function that has not run for a while starts within a second or two; the rest is the way there and back. */
const WAY_MS = 5_000;
/** How long after its mark a round may still ask, in ms: its shards end at 90 s. */
const ASK_WITHIN_MS = 50_000;
/** What the end of a round takes after its looks, in ms. */
const ROUND_END_MS = 1_000;
/** With less time than this, nobody could answer. */
const MIN_ASK_MS = 500;
/** Targets of one shard that others are asked of at once; the rest waits for its turn. */
const ASKED_AT_ONCE = 50;
/** Of those that are looked at from elsewhere in passing: they wait for each other, and opinions for none of them. */
const LOOKED_AT_ONCE = 50;

/** What an asking needs to know of a target. */
interface Asked {
  readonly id: string;
  readonly config: TargetConfig;
  readonly state: TargetState;
}

/** What others see of the targets of one shard in one round. */
export interface Asking {
  /** How targets look from the places in their `from`, each at its turn: asked at once. */
  looks(targets: readonly Asked[], roundSeconds: number): Looks;
  /** The result as it stands when others were asked; itself, where there is nothing to ask. */
  confirmed(target: Asked, seen: CheckResult): Promise<CheckResult>;
}

/** Looks from elsewhere that are under way. */
export interface Looks {
  /**
   * What was seen, by target. Who has not answered once the round's own work is done is waited for a little: nothing is decided
   * by it, and a whole shard would wait.
   */
  end(): Promise<ReadonlyMap<string, readonly Opinion[]>>;
}

/** How long that is, ms: a function that starts, and the way there and back. */
const LOOK_GRACE_MS = 3_000;

/** @param mark of the round, epoch seconds @param now epoch ms */
export function createAsking(opinions: SecondOpinions | undefined, mark: number, now: () => number): Asking {
  const probes = opinions?.probes ?? [];
  const turns = createTurns(ASKED_AT_ONCE);
  const lookTurns = createTurns(LOOKED_AT_ONCE);
  const ask = async (probe: Probe, config: TargetConfig, withinMs = ASK_WITHIN_MS): Promise<Opinion> => {
    const timeoutMs = Math.min(config.timeoutMs + WAY_MS, mark * 1_000 + withinMs - now());
    return timeoutMs < MIN_ASK_MS ? { from: probe.name, reason: "no time was left in the round" } : opinionOf(probe, config, timeoutMs);
  };
  return {
    looks(targets, roundSeconds) {
      const asked = targets.flatMap(({ id, config }) => {
        const { from = [], fromEvery = DEFAULT_FROM_EVERY } = config;
        const lookers = canBeSeenElsewhere(config) ? probes.filter(({ name }) => from.includes(name)) : [];
        const isAtTurn = lookers.length > 0 && isNthCheck({ id, intervalSeconds: config.intervalSeconds }, mark, roundSeconds, fromEvery);
        return (isAtTurn ? lookers : []).map((probe) => {
          const late: Opinion = { from: probe.name, reason: "had not answered when the round's own checks were done" };
          const look = { id, opinion: late };
          // Not into the next round, which may have its own.
          const answered = lookTurns(() => ask(probe, config, Math.min(roundSeconds * 1_000 - ROUND_END_MS, ASK_WITHIN_MS)));
          return { look, done: answered.then((opinion) => Object.assign(look, { opinion })) };
        });
      });
      const all = Promise.all(asked.map(({ done }) => done));
      return {
        async end() {
          const waiting = new AbortController();
          await Promise.race([all, delay(LOOK_GRACE_MS, undefined, { signal: waiting.signal }).catch(() => undefined)]);
          waiting.abort();
          const byTarget = new Map<string, Opinion[]>();
          for (const { look } of asked) byTarget.set(look.id, [...(byTarget.get(look.id) ?? []), look.opinion]);
          return byTarget;
        },
      };
    },
    async confirmed({ config, state }, seen) {
      const { from = "all", agree = DEFAULT_AGREE } = config.confirm ?? {};
      const others = probes.filter(({ name }) => from === "all" || from.includes(name));
      if (opinions === undefined || others.length === 0 || agree < 2 || !wouldCount(config, state, seen)) return seen;
      return turns(async () => {
        return withOpinions(opinions.here, seen, await Promise.all(others.map((probe) => ask(probe, config))), agree);
      });
    },
  };
}

/** Runs work in its order, so many at once. */
function createTurns(atOnce: number): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/** Whether a result would make a target down, or count towards it; and others can see what we saw: how long it takes from here, they cannot. */
function wouldCount(config: TargetConfig, { status }: TargetState, { status: seen, error, isSlow }: CheckResult): boolean {
  const canBeSeen = canBeSeenElsewhere(config) && error?.class !== "forbidden" && isSlow !== true;
  return seen === "down" && status !== "down" && status !== "paused" && canBeSeen;
}

async function opinionOf(probe: Probe, config: TargetConfig, timeoutMs: number): Promise<Opinion> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(timeoutMs / 1_000)} s`)), timeoutMs);
  });
  try {
    const result = await Promise.race([probe.ask(config, timeoutMs), late]);
    // Whether it is reachable from there, where it must not be tried, says nothing.
    return result.error?.class === "forbidden"
      ? { from: probe.name, reason: "may not be reached from there" }
      : { from: probe.name, result };
  } catch (error) {
    return { from: probe.name, reason: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
