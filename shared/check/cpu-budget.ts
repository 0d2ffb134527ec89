/** What this thread's CPU may be spent on one thing, in all its turns. */
export class CpuBudget {
  readonly #limitMs: number;
  #spentMs = 0;
  /** While something is being done. */
  #since: NodeJS.CpuUsage | undefined;

  /** @param limitMs milliseconds of CPU */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Does some of it, at once: what is waited for in between is other work. */
  spend<Result>(work: () => Result): Result {
    this.#since = process.threadCpuUsage();
    try {
      return work();
    } finally {
      this.#spentMs = this.#all();
      this.#since = undefined;
    }
  }

  /** Whether it is used up, also in the middle of work. */
  get isSpent(): boolean {
    return this.#all() > this.#limitMs;
  }

  #all(): number {
    if (this.#since === undefined) return this.#spentMs;
    const { user, system } = process.threadCpuUsage(this.#since);
    return this.#spentMs + (user + system) / 1_000;
  }
}
