import { createHash } from "node:crypto";
import { answerBell } from "../../shared/alert/answer-bell.ts";
import { type RoutedChannel, takingAll } from "../../shared/alert/channel-object.ts";
import type { CheckResult } from "../../shared/check/check-result.ts";
import { RequestError, StoreUnavailableError } from "../../shared/errors.ts";
import type { SqlExecutor } from "../../shared/log/data-api.ts";
import type { LogWriter } from "../../shared/log/log-writer.ts";
import { createRestingWriter, waitingWriter } from "../../shared/log/resting-log.ts";
import type { LogBatch } from "../../shared/log/tables.ts";
import { writeWaiting } from "../../shared/log/write-waiting.ts";
import { createAddressGuard } from "../../shared/net/address-guard.ts";
import { type Alert, DeliveryError } from "../../shared/notify/notifier.ts";
import { type CheckShardDeps, checkShard } from "../../shared/round/check-shard.ts";
import type { ConcludeRoundDeps } from "../../shared/round/conclude-round.ts";
import { concludeRound } from "../../shared/round/conclude-round.ts";
import type { Cut, CutStore } from "../../shared/round/id-ranges.ts";
import type { LastRound } from "../../shared/round/last-round.ts";
import { planRound } from "../../shared/round/plan-round.ts";
import { changeTarget } from "../../shared/targets/change-target.ts";
import { type Deletion, finishDeletions } from "../../shared/targets/deletions.ts";
import { alsoDeparted } from "../../shared/targets/departed.ts";
import { createFieldCipher } from "../../shared/targets/field-cipher.ts";
import type { FormerKeys } from "../../shared/targets/former-keys.ts";
import { logTargets } from "../../shared/targets/log-targets.ts";
import { registerTarget } from "../../shared/targets/register-target.ts";
import { removeTarget } from "../../shared/targets/remove-target.ts";
import { isDue } from "../../shared/targets/schedule.ts";
import { VersionConflictError } from "../../shared/targets/target-store.ts";
import { MemoryLog, memoryCuts, memoryDeletions, memoryLastRound, memoryRest, memorySpool, memoryTurns } from "./memory-stores.ts";
import { type Call, createMemoryDeparted, createMemoryTargetStore, createTargetTable } from "./memory-target-store.ts";
import { type Parts, SABOTAGES, type Sabotage } from "./sabotage.ts";
import { Scheduler, Task, TaskDied } from "./scheduler.ts";

export const ROUND_S = 30;
/** A mark. */
const START_S = 1_800_000_000;
const SHARD_TIMEOUT_MS = 90_000;
const CHANNELS = ["pager", "chat"] as const;
const CIPHER = createFieldCipher("a key of a simulation, 32 characters and more");
const GUARD = createAddressGuard([]);
const NO_FORMER_KEYS: FormerKeys = { claim: async () => undefined, release: async () => undefined, targetOf: async () => undefined };

/** What one run is. The same is the same run. */
export interface Run {
  readonly seed: number;
  readonly rounds: number;
  /** Chance that a task dies at a call of a store. */
  readonly deathRate?: number;
  readonly sabotage?: Sabotage;
  /** Every target changes with every round, and no channel takes anything. */
  readonly isFlapping?: boolean;
  /** The log sleeps between its hours. */
  readonly isResting?: boolean;
}

/** A message that a channel took. */
export interface Told {
  readonly channel: string;
  readonly alert: Alert;
}

/** A result that a shard was given, and whether that shard came to its end. */
export interface Seen {
  readonly seq: number;
  readonly round: number;
  readonly status: CheckResult["status"];
  isReported: boolean;
}

/** What the checks of one shard see. */
interface Checking {
  readonly round: number;
  readonly seen: Seen[];
}

type Deps = Omit<CheckShardDeps & ConcludeRoundDeps, "targets"> &
  Pick<Parts, "targets" | "deletions"> & {
    /** Also where the log sleeps, for who has woken it. */
    readonly direct: LogWriter;
  };

/** A deployment in memory, in a world that is against it: all of its functions' own code, over stores that answer when they like. */
export class World {
  readonly scheduler: Scheduler;
  readonly table = createTargetTable();
  readonly log = new MemoryLog();
  readonly spooled = new Map<string, LogBatch>();
  readonly deletions = new Map<string, Deletion>();
  readonly told: Told[] = [];
  readonly seen: Seen[] = [];
  /** Of rounds whose plan and shards all came to their end: planned, and checked. */
  readonly whole: { readonly round: number; readonly planned: number; readonly checked: number }[] = [];
  /** Whether anything died, or was given up while it went on. */
  hasDied = false;
  readonly failures: string[] = [];
  /** By id, also of targets that are gone. */
  readonly seqs = new Map<string, number>();
  /** Epoch ms. */
  endedAt = 0;
  /** Bytes of the largest item that there was. */
  largestItem = 0;
  readonly #run: Run;
  readonly #cut: { cut?: Cut } = {};
  readonly #last: { last?: LastRound } = {};
  readonly #rest = { awakeUntil: 0, wokenAt: 0, wakingSince: 0, writtenAt: 0 };
  readonly #turns = new Map<string, { id: number; until: number }>();
  readonly #away = new Set<string>();
  /** Who is sending, by channel. */
  readonly #sending = new Map<string, Set<Task>>();
  /** What each target answers, by name. */
  readonly #conditions = new Map<string, CheckResult["status"]>();
  readonly #running = new Set<Promise<unknown>>();
  #names = 0;
  #ids = 0;

  constructor(run: Run) {
    this.#run = run;
    this.scheduler = new Scheduler(run.seed, START_S * 1_000 - 10_000);
    this.scheduler.deathRate = run.deathRate ?? 0;
  }

  /** All of it: rounds in the world, then some in a calm one, in which what was left undone must come to its end. */
  async live(): Promise<void> {
    const { scheduler } = this;
    try {
      for (let index = 0; index < (this.#run.isFlapping ? 3 : 12); index++) this.#launch("api", (task) => this.#register(task));
      await scheduler.until(this.#settled());
      for (let index = 0; index < this.#run.rounds; index++) {
        if (this.#run.isFlapping) this.#flap(index);
        else this.#happen();
        await scheduler.until(this.#round(index));
      }
      await this.#calmDown();
    } finally {
      scheduler.close();
    }
  }

  async #calmDown(): Promise<void> {
    const { scheduler } = this;
    scheduler.note("calm");
    scheduler.deathRate = 0;
    this.log.isAway = false;
    this.#away.clear();
    for (const name of this.#conditions.keys()) this.#conditions.set(name, "up");
    for (let index = 0; index < 30; index++) {
      this.#launch("maintain", (task) => this.#maintain(task));
      await scheduler.until(this.#round(this.#run.rounds + index, true));
    }
    await scheduler.until(this.#settled());
    this.#launch("maintain", (task) => this.#maintain(task));
    await scheduler.until(this.#settled());
    this.endedAt = scheduler.clock.now();
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Runs as a Lambda function does: it may die, and is given up when it takes too long, but goes on. */
  #launch(name: string, run: (task: Task) => Promise<unknown>): void {
    // What came of it is noted where it is watched.
    this.#start(name, run).catch(() => undefined);
  }

  #start<Result>(name: string, run: (task: Task) => Promise<Result>): Promise<Result> {
    const task = new Task(name);
    const { clock } = this.scheduler;
    const work = run(task);
    const gaveUp = clock.sleep(SHARD_TIMEOUT_MS).then((): never => {
      throw new Error("took too long");
    });
    gaveUp.catch(() => undefined);
    const result = Promise.race([work, task.died, gaveUp]);
    const watched = result.catch((error: unknown) => {
      if (error instanceof TaskDied || (error instanceof Error && error.message === "took too long")) this.hasDied = true;
      // What an API's caller is told, and tries again; and a log that does not wake, in the next hour.
      else if (!(error instanceof RequestError || error instanceof VersionConflictError || error instanceof StoreUnavailableError))
        this.failures.push(`${name}: ${String(error)}`);
    });
    const done = watched.finally(() => this.#running.delete(done));
    this.#running.add(done);
    return result;
  }

  /** One round at its time, as the state machine runs it: sometimes late, sometimes twice. */
  async #round(index: number, isCalm = false): Promise<void> {
    const { scheduler } = this;
    const mark = START_S + index * ROUND_S;
    await scheduler.clock.sleep(mark * 1_000 - scheduler.clock.now());
    const isLate = !isCalm && scheduler.chance(0.03);
    const times = !isCalm && scheduler.chance(0.08) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      const after = isLate ? scheduler.random() * 40_000 : time * scheduler.random() * 5_000;
      const run = scheduler.clock.sleep(after).then(() => this.#execute(mark));
      const done = run.finally(() => this.#running.delete(done));
      this.#running.add(done);
    }
  }

  async #execute(mark: number): Promise<void> {
    const plan = await this.#start("plan", (task) =>
      planRound({ ...this.#deps(task), shardSize: 5, waitsApart: true, cuts: this.#cutsOf(task) }, { mark }),
    ).catch(() => undefined);
    if (plan === undefined || plan.stale) return;
    // By what there is, and not by what was planned.
    const due = [...this.table.items.values()].filter(({ target: { id, config, state, updatedAt } }) =>
      isDue({ id, intervalSeconds: config.intervalSeconds, status: state.status, updatedAt }, plan.round, ROUND_S, plan.shards[0]?.after),
    ).length;
    const shards = await Promise.all(
      plan.shards.map((shard, index) => {
        const own: Checking = { round: shard.round, seen: [] };
        return this.#start(`shard ${index}`, async (task) => {
          const report = await checkShard(this.#deps(task, own), shard);
          for (const seen of own.seen) seen.isReported = true;
          return report;
        }).catch(() => ({ failed: true }) as const);
      }),
    );
    const reports = shards.filter((shard) => "checked" in shard);
    if (reports.length === shards.length) {
      const checked = reports.reduce((sum, report) => sum + report.checked, 0);
      this.whole.push({ round: plan.round, planned: due, checked });
    }
    await this.#start("conclude", (task) => concludeRound(this.#deps(task), { plan, shards })).catch(() => undefined);
  }

  #flap(index: number): void {
    for (const name of this.#conditions.keys()) this.#conditions.set(name, index % 2 === 0 ? "down" : "up");
    for (const channel of CHANNELS) this.#away.add(channel);
    // They grow slowly, and are long to measure.
    if (index % 10 !== 0) return;
    for (const { target } of this.table.items.values()) {
      this.largestItem = Math.max(this.largestItem, Buffer.byteLength(JSON.stringify(target)));
    }
  }

  /** What maintain-log does for the targets. */
  async #maintain(task: Task, wokenAt?: number): Promise<void> {
    const own = this.#deps(task);
    // It wakes the log, where that sleeps.
    const deps = { ...own, clock: this.scheduler.clock, log: own.direct };
    if (own.rest !== undefined) await writeWaiting({ ...deps, rest: own.rest, sql: this.#sql(task) }, wokenAt);
    if (wokenAt !== undefined) return;
    await finishDeletions(deps);
    await logTargets(deps, await deps.targets.list({ limit: 1_000 }));
  }

  /** What happens in the world between two rounds. */
  #happen(): void {
    const { scheduler } = this;
    for (const name of this.#conditions.keys()) {
      if (scheduler.chance(0.06)) this.#conditions.set(name, scheduler.pick(["up", "up", "degraded", "down", "down"] as const));
    }
    if (scheduler.chance(this.log.isAway ? 0.3 : 0.05)) {
      this.log.isAway = !this.log.isAway;
      scheduler.note(`the log is ${this.log.isAway ? "away" : "back"}`);
    }
    for (const channel of CHANNELS) {
      if (!scheduler.chance(this.#away.has(channel) ? 0.2 : 0.05)) continue;
      if (!this.#away.delete(channel)) this.#away.add(channel);
      scheduler.note(`${channel} is ${this.#away.has(channel) ? "away" : "back"}`);
    }
    if (scheduler.chance(0.15)) this.#launch("api", (task) => this.#change(task));
    if (scheduler.chance(0.05)) {
      this.#launch("maintain", (task) => this.#maintain(task));
    }
    if (this.#run.isResting && scheduler.chance(0.1)) this.#launch("look", (task) => this.#look(task));
  }

  /** Somebody looks at history. */
  async #look(task: Task): Promise<void> {
    const { rest } = this.#deps(task);
    const { isAwake, wakes } = (await rest?.look()) ?? { isAwake: true };
    if (wakes !== undefined) this.#launch("wake", (waking) => this.#maintain(waking, wakes));
    if (isAwake) this.#checkWhatIsSeen();
  }

  /** Where the log says that it is awake, nothing of before the waking may wait. */
  #checkWhatIsSeen(): void {
    const { wokenAt } = this.#rest;
    for (const key of this.spooled.keys()) {
      const at = Date.parse(key.split("#")[0] ?? "");
      // Of rounds that were under way, and of shards that end late, more may come.
      if (at < wokenAt - 2 * SHARD_TIMEOUT_MS) this.failures.push(`awake since ${wokenAt}, and ${key} waits`);
    }
  }

  #cutsOf(task: Task): CutStore {
    return memoryCuts(this.#cut, (what, run) => this.scheduler.call(task, `${task.name} ${what}`, run));
  }

  #sql(task: Task): SqlExecutor {
    const ask = () => {
      if (this.log.isAway) throw new StoreUnavailableError("is away");
      return [];
    };
    return { execute: () => this.scheduler.call(task, `${task.name} sql`, ask) };
  }

  async #register(task: Task): Promise<void> {
    const { scheduler } = this;
    const name = `t${this.#names++}`;
    const failureThreshold = scheduler.pick([1, 1, 2, 3]);
    const input = {
      name,
      url: `http://${name}.example/`,
      retries: 0,
      failureThreshold,
      failureWindow: failureThreshold + scheduler.pick([0, 0, 2]),
      successThreshold: scheduler.pick([1, 1, 2]),
      intervalSeconds: scheduler.pick([30, 30, 30, 60]),
      // Words of their own; that a target flaps is another matter than that each change is told.
      flapThreshold: 0,
      ...(this.#run.isFlapping && { failureThreshold: 1, failureWindow: 1, successThreshold: 1, intervalSeconds: ROUND_S }),
    };
    this.#conditions.set(name, "up");
    await registerTarget({ ...this.#admission(task), maxTargets: 100, newId: () => this.#newId() }, input);
  }

  /** Somebody at the API. */
  async #change(task: Task): Promise<void> {
    const { scheduler } = this;
    const ids = [...this.table.items.keys()];
    if (ids.length < 6 || scheduler.chance(0.1)) return this.#register(task);
    const id = scheduler.pick(ids);
    if (scheduler.chance(0.2)) {
      await removeTarget({ ...this.#deps(task), clock: scheduler.clock, formerKeys: NO_FORMER_KEYS }, id, undefined);
      return;
    }
    const paused = this.table.items.get(id)?.target.config.paused !== true && scheduler.chance(0.4);
    const patch = scheduler.pick<object>([{ paused }, { paused: false }, { successThreshold: 1 }, { tags: [String(scheduler.random())] }]);
    await changeTarget(this.#admission(task), id, patch, undefined);
  }

  #admission(task: Task) {
    return { ...this.#deps(task), cipher: CIPHER, guard: GUARD, channelIds: async () => CHANNELS, formerKeys: NO_FORMER_KEYS };
  }

  #newId(): string {
    const hex = createHash("sha256")
      .update(`${this.#run.seed} ${this.#ids++}`)
      .digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /** Everything that a function stands on. @param own gets what its checks see */
  #deps(task: Task, own?: Checking): Deps {
    const { scheduler } = this;
    const call: Call = (what, run) => scheduler.call(task, `${task.name} ${what}`, run);
    const parts: Parts = {
      targets: createMemoryTargetStore(this.table, scheduler.clock, call, () => this.#newId()),
      departed: createMemoryDeparted(this.table, scheduler.clock, call, () => this.#newId()),
      log: this.log.writer(call),
      spool: memorySpool(this.spooled, call),
      lastRound: memoryLastRound(this.#last, call),
      deletions: memoryDeletions(this.deletions, call),
      turns: memoryTurns(this.#turns, scheduler.clock, call),
      channel: { id: "", type: "webhook", maxAlertsPerMessage: 50, takesEach: true, send: async () => undefined },
    };
    const broken = this.#run.sabotage === undefined ? {} : SABOTAGES[this.#run.sabotage](parts);
    const { channel: muted, ...stores } = { ...parts, ...broken };
    const isMuted = "channel" in broken;
    const rest = this.#run.isResting ? memoryRest(this.#rest, scheduler.clock, call) : undefined;
    const resting = rest && (own === undefined ? createRestingWriter(stores.log, rest, scheduler.clock) : waitingWriter);
    return {
      ...stores,
      targets: alsoDeparted(stores.targets, stores.departed),
      ...(resting && { log: resting }),
      direct: stores.log,
      rest,
      channels: CHANNELS.map(
        (id): RoutedChannel =>
          takingAll({
            ...parts.channel,
            ...(id === "pager" && { takesAcknowledgements: true as const }),
            id,
            send: isMuted ? muted.send : (alerts) => this.#send(task, id, () => call(`tell ${id}`, () => this.#take(id, alerts))),
          }),
      ),
      channelHealth: { markHealthy: async () => undefined, markUnhealthy: async () => undefined, unhealthy: async () => [] },
      maintenance: { list: async () => [] },
      clock: scheduler.clock,
      guard: GUARD,
      userAgent: "simulation",
      roundSeconds: ROUND_S,
      cipher: CIPHER,
      linkTo: () => undefined,
      acknowledgeAt: () => undefined,
      publish: () => undefined,
      logger: { warn: () => undefined, error: () => undefined },
      ring: async (ringing) => {
        await call("ring", () => undefined);
        this.#launch("bell", (bell) => answerBell(this.#deps(bell), ringing));
      },
      engine: {
        clock: scheduler.clock,
        guard: GUARD,
        userAgent: "simulation",
        pacer: { turn: async () => undefined },
        check: ({ config }) => this.#check((config as { name?: string }).name ?? "", own),
      },
    };
  }

  /** Sends, and notes whoever else that lives does it on the same channel at the same time. */
  async #send(task: Task, channel: string, send: () => Promise<void>): Promise<void> {
    const sending = this.#sending.get(channel) ?? new Set();
    this.#sending.set(channel, sending);
    const other = [...sending].find((each) => each !== task && !each.isDead);
    if (other !== undefined) this.failures.push(`${task.name} and ${other.name} send on ${channel} at once`);
    sending.add(task);
    try {
      await send();
    } finally {
      sending.delete(task);
    }
  }

  #take(channel: string, alerts: readonly Alert[]): void {
    if (this.#away.has(channel)) throw new DeliveryError("is away", {});
    for (const alert of alerts) {
      const item = this.table.items.get(alert.target.id) ?? this.table.departed.get(alert.target.id);
      if (item !== undefined) this.seqs.set(alert.target.id, item.target.seq);
      this.told.push({ channel, alert });
    }
  }

  async #check(name: string, own: Checking | undefined): Promise<CheckResult> {
    const { scheduler } = this;
    const startedAt = scheduler.clock.now();
    await scheduler.clock.sleep(scheduler.chance(0.1) ? 5_000 * scheduler.random() : 300 * scheduler.random());
    const status = this.#conditions.get(name) ?? "up";
    const target = [...this.table.items.values()].find(({ target: { config } }) => config.name === name)?.target;
    if (target !== undefined && own !== undefined) {
      const seen = { seq: target.seq, round: own.round, status, isReported: false };
      own.seen.push(seen);
      this.seen.push(seen);
    }
    const error = status === "up" ? {} : { error: { class: "status", text: status } as const };
    return { status, ...error, attempts: 1, startedAt, totalMs: 1, phases: {} };
  }
}
