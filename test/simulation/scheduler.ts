import { type Clock as FakeClock, install } from "@sinonjs/fake-timers";
import type { Clock } from "../../shared/time/clock.ts";
import { randomOf } from "../support/random.ts";

/** A call of a store that has been made, and not been answered. */
interface Call {
  readonly task: Task | undefined;
  readonly answer: () => void;
}

/** Something that runs and may die: a Lambda invocation. */
export class Task {
  readonly name: string;
  isDead = false;
  readonly died: Promise<never>;
  #die: (reason: Error) => void = () => undefined;

  constructor(name: string) {
    this.name = name;
    this.died = new Promise<never>((_, reject) => {
      this.#die = reject;
    });
    this.died.catch(() => undefined);
  }

  /** Its calls are not answered any more. */
  die(): void {
    this.isDead = true;
    this.#die(new TaskDied(this.name));
  }
}

export class TaskDied extends Error {}

/** Share of steps in which time goes on although calls wait: they are slow. */
const SLOW = 0.03;
/** Steps after which whatever does not end hangs. */
const MAX_STEPS = 2_000_000;

/**
 * Decides, by a seed, in which order calls are answered, when time goes on, and who dies: the same seed is the same run.
 * All time is its own: timers, dates and performance of the process are replaced until it is closed.
 */
export class Scheduler {
  readonly clock: Clock = { now: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
  readonly trace: string[] = [];
  readonly #calls: Call[] = [];
  readonly #fake: FakeClock & { uninstall(): void };
  /** 0 to below 1. */
  readonly random: () => number;
  /** Chance that a task dies at a call of a store. */
  deathRate = 0;

  constructor(seed: number, startMs: number) {
    this.random = randomOf(seed);
    this.#fake = install({
      now: startMs,
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
      ignoreMissingTimers: true,
    });
  }

  close(): void {
    this.#fake.uninstall();
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item; // of a list that is not empty
  }

  note(text: string): void {
    this.trace.push(`${new Date().toISOString().slice(11, 23)} ${text}`);
  }

  /**
   * A call of a store: answered when its turn comes. Who makes it may die there, before it is done or after.
   * @param what for the trace @param run does it, at once
   */
  call<Result>(task: Task | undefined, what: string, run: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const answer = () => {
        if (task?.isDead) return;
        const dies = task !== undefined && this.chance(this.deathRate);
        const isDone = !dies || this.chance(0.5);
        if (dies) this.note(`${task.name} dies ${isDone ? "after" : "before"} ${what}`);
        try {
          const result = isDone ? run() : undefined;
          if (dies) task.die();
          else resolve(result as Result); // done, as nobody died
        } catch (error) {
          if (dies) task.die();
          else reject(error);
        }
      };
      this.#calls.push({ task, answer });
    });
  }

  /** Goes on until `work` has ended. @throws {Error} when nothing can happen any more, or nothing comes of it */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    let ended = false;
    work.then(
      () => {
        ended = true;
      },
      () => {
        ended = true;
      },
    );
    for (let steps = 0; ; steps++) {
      await settled();
      if (ended) return work;
      if (steps > MAX_STEPS) throw new Error("it does not end");
      this.#step();
    }
  }

  #step(): void {
    const isSlow = this.#calls.length > 0 && this.chance(SLOW);
    if (this.#calls.length > 0 && !isSlow) {
      const index = Math.floor(this.random() * this.#calls.length);
      const [call] = this.#calls.splice(index, 1);
      call?.answer();
    } else if (this.#fake.countTimers() > 0) this.#fake.next();
    else if (this.#calls.length === 0) throw new Error("everything waits, and nothing is under way");
  }
}

/** What is done at once is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
