import { describe, expect, it } from "vitest";
import type { RoundMachine, TaskHandlers } from "../../local/stand-ins/round-machine.ts";

/** An interpreter of the round loop's definition, with functions of the test's. */
export type LoadRoundMachine = (handlers: TaskHandlers) => Promise<RoundMachine>;

/** What Lambda answers to whoever calls more than there is room for, by the name that a definition catches it by. */
export class TooManyRequests extends Error {
  override readonly name = "Lambda.TooManyRequestsException";
}

interface Call {
  readonly name: string;
  /** Epoch ms. */
  readonly at: number;
  readonly input: unknown;
}

const PLAN = {
  round: 0,
  startedAt: 0,
  planned: 2,
  hearingSince: 1,
  blindSince: 0,
  sight: null,
  stale: false,
  shards: [{ n: 1 }, { n: 2 }],
};

const broken = () => {
  throw new Error("broken");
};

/** What the round loop's definition does, in whichever interpreter: the state machine that a laptop has, and those that we did not write. */
export function describeRoundMachine(interpreter: string, load: LoadRoundMachine): void {
  async function run(handlers: Partial<Record<string, (input: never) => unknown>>, rounds: { mark: number; waitMs: number }[]) {
    const calls: Call[] = [];
    const record = (name: string, fallback: (input: never) => unknown) => async (input: unknown) => {
      calls.push({ name, at: Date.now(), input });
      return (handlers[name] ?? fallback)(input as never);
    };
    const machine = await load({
      NameRounds: record("NameRounds", () => ({
        rounds: rounds.map(({ mark, waitMs }) => ({ mark, at: new Date(Date.now() + waitMs).toISOString() })),
      })),
      PlanRound: record("PlanRound", ({ mark }: { mark: number }) => ({ ...PLAN, round: mark })),
      CheckShard: record("CheckShard", () => ({ checked: 1 })),
      CheckWaiting: record("CheckWaiting", () => ({ waited: 1 })),
      ConcludeRound: record("ConcludeRound", () => ({ done: true })),
      PublishPages: record("PublishPages", () => ({ pages: 0 })),
    });
    const output = await machine.run({ start: "2026-11-23T00:00:08.000Z" });
    const of = (name: string) => calls.filter((call) => call.name === name);
    /** Without order: shards run beside each other. */
    const inputs = (name: string) => new Set(of(name).map(({ input }) => JSON.stringify(input)));
    return { output, of, inputs };
  }
  const each = (...inputs: unknown[]) => new Set(inputs.map((input) => JSON.stringify(input)));

  describe(`the round loop in ${interpreter}`, { concurrent: true }, () => {
    it("hands each round its plan, its shards and what they report", async () => {
      const { of, inputs, output } = await run({}, [{ mark: 30, waitMs: 0 }]);
      expect(of("NameRounds").map(({ input }) => input)).toEqual([{ start: "2026-11-23T00:00:08.000Z" }]);
      expect(of("PlanRound").map(({ input }) => input)).toEqual([expect.objectContaining({ mark: 30 })]);
      expect(inputs("CheckShard")).toEqual(each({ n: 1 }, { n: 2 }));
      expect(of("ConcludeRound").map(({ input }) => input)).toEqual([
        {
          plan: { round: 30, startedAt: 0, planned: 2, hearingSince: 1, blindSince: 0, sight: null },
          shards: [{ checked: 1 }, { checked: 1 }],
        },
      ]);
      expect(of("PublishPages").map(({ input }) => input)).toEqual([{ round: 30 }]);
      expect(output).toEqual([{ done: true }]);
    });

    it("checks by name what waits for an answer, and keeps the order of the shards", async () => {
      const { of, output } = await run({ PlanRound: () => ({ ...PLAN, shards: [{ n: 1 }, { ids: ["a"] }, { n: 2 }] }) }, [
        { mark: 0, waitMs: 0 },
      ]);
      expect(of("CheckWaiting").map(({ input }) => input)).toEqual([{ ids: ["a"] }]);
      expect(of("ConcludeRound")[0]?.input).toMatchObject({ shards: [{ checked: 1 }, { waited: 1 }, { checked: 1 }] });
      expect(output).toEqual([{ done: true }]);
    });

    it("skips a round whose time is over", async () => {
      const { output, of } = await run({ PlanRound: () => ({ round: 0, startedAt: 0, planned: 0, stale: true, shards: [] }) }, [
        { mark: 0, waitMs: 0 },
      ]);
      expect(output).toEqual([{ skipped: true }]);
      expect([...of("CheckShard"), ...of("ConcludeRound"), ...of("PublishPages")]).toEqual([]);
    });

    it.each(["NameRounds", "PlanRound", "CheckShard", "CheckWaiting", "ConcludeRound"])("asks again while %s has no room", async (name) => {
      let refusals = 2;
      const crowded = (value: unknown) => () => {
        if (refusals-- > 0) throw new TooManyRequests("Rate Exceeded.");
        return value;
      };
      const answers: Record<string, unknown> = {
        NameRounds: { rounds: [{ mark: 0, at: new Date().toISOString() }] },
        PlanRound: { ...PLAN, shards: [{ n: 1 }] },
        CheckShard: { checked: 1 },
        CheckWaiting: { checked: 1 },
        ConcludeRound: { done: true },
      };
      const shards = name === "CheckWaiting" ? [{ ids: ["a"] }] : [{ n: 1 }];
      const { output, of } = await run({ PlanRound: () => ({ ...PLAN, shards }), [name]: crowded(answers[name]) }, [
        { mark: 0, waitMs: 0 },
      ]);
      expect(of(name)).toHaveLength(3);
      expect(of("ConcludeRound").at(-1)?.input).toMatchObject({ shards: [{ checked: 1 }] });
      expect(output).toEqual([{ done: true }]);
    });

    it("concludes a round one of whose shards fails, and calls it once", async () => {
      const { of, output } = await run({ CheckShard: ({ n }: { n: number }) => (n === 1 ? broken() : { checked: 1 }) }, [
        { mark: 0, waitMs: 0 },
      ]);
      expect(of("CheckShard")).toHaveLength(2);
      expect(of("ConcludeRound")[0]?.input).toMatchObject({ shards: [{ failed: true }, { checked: 1 }] });
      expect(output).toEqual([{ done: true }]);
    });

    it.each(["PlanRound", "ConcludeRound"])("goes on with the other round when %s fails", async (name) => {
      const failing = (input: { mark?: number; plan?: { round: number } }) =>
        (input.mark ?? input.plan?.round) === 0 ? broken() : name === "PlanRound" ? { ...PLAN, round: 30, shards: [] } : { done: true };
      const { output } = await run({ [name]: failing }, [
        { mark: 0, waitMs: 0 },
        { mark: 30, waitMs: 0 },
      ]);
      expect(output).toEqual([{ lost: true }, { done: true }]);
    });

    it("is done though its status pages could not be published", async () => {
      const { output } = await run({ PublishPages: broken }, [{ mark: 30, waitMs: 0 }]);
      expect(output).toEqual([{ done: true }]);
    });

    it("starts the second round at its time though the first one is slow", async () => {
      const secondPlanned = Promise.withResolvers<void>();
      let firstWaited = false;
      const { of } = await run(
        {
          PlanRound: (input) => {
            if ((input as { mark: number }).mark === 30) secondPlanned.resolve();
            return { ...PLAN, planned: 1, shards: [{ n: 1 }] };
          },
          // The first round's shard ends only when the second round has been planned: one after the other would hang here.
          CheckShard: async () => {
            await secondPlanned.promise;
            firstWaited = true;
            return { checked: 1 };
          },
        },
        [
          { mark: 0, waitMs: 0 },
          { mark: 30, waitMs: 4_000 },
        ],
      );
      expect(firstWaited).toBe(true);
      const second = of("PlanRound").find(({ input }) => (input as { mark: number }).mark === 30);
      // LocalStack cuts fractions of a second, of the moment, of the wait and of what has been waited.
      expect((second?.at ?? 0) - (of("NameRounds")[0]?.at ?? 0)).toBeGreaterThan(950);
    });
  });
}
