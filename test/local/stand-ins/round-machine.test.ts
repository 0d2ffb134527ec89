import { readFile } from "node:fs/promises";
import aslValidator from "asl-validator";
import { expect, it } from "vitest";
import { assertSupported, loadRoundMachine, ROUND_DEFINITION } from "../../../local/stand-ins/round-machine.ts";

const definition = JSON.parse(
  (await readFile(ROUND_DEFINITION, "utf8")).replace(/\$\{(\w+)\}/g, "arn:aws:lambda:eu-central-1:000000000000:function:$1"),
);

it("runs a definition that an outside validator accepts", () => {
  const { isValid, errors } = aslValidator(definition);
  expect([isValid, errors]).toEqual([true, []]);
});

it.each([
  ["JSONata", { QueryLanguage: "JSONata" }],
  ["Assign", { States: { A: { Assign: { x: 1 } } } }],
  ["HeartbeatSeconds", { States: { A: { HeartbeatSeconds: 3 } } }],
  ["ToleratedFailure", { States: { A: { ToleratedFailurePercentage: 3 } } }],
  ["IsPresent: false", { Choices: [{ Variable: "$.x", IsPresent: false }] }],
  ["$$.Execution.Id", { Parameters: { "id.$": "$$.Execution.Id" } }],
  ["distributed", { ProcessorConfig: { Mode: "DISTRIBUTED" } }],
  ["waitForTaskToken", { Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }],
])("refuses %s, which the local interpreter would ignore", (what, part) => {
  expect(() => assertSupported({ ...definition, Extra: part })).toThrow(what);
});

it("accepts our own", () => {
  expect(() => assertSupported(definition)).not.toThrow();
});

interface Calls {
  readonly name: string;
  readonly at: number;
  readonly input: unknown;
}

async function run(handlers: Partial<Record<string, (input: never) => unknown>>, rounds: { mark: number; waitMs: number }[]) {
  const calls: Calls[] = [];
  const start = performance.now();
  const record = (name: string, fallback: (input: never) => unknown) => async (input: unknown) => {
    calls.push({ name, at: performance.now() - start, input });
    return (handlers[name] ?? fallback)(input as never);
  };
  const machine = await loadRoundMachine({
    NameRounds: record("NameRounds", () => ({
      rounds: rounds.map(({ mark, waitMs }) => ({ mark, at: new Date(Date.now() + waitMs).toISOString() })),
    })),
    PlanRound: record("PlanRound", ({ mark }: { mark: number }) => ({
      round: mark,
      startedAt: 0,
      planned: 2,
      hearingSince: 1,
      blindSince: 0,
      sight: null,
      stale: false,
      shards: [{ n: 1 }, { n: 2 }],
    })),
    CheckShard: record("CheckShard", () => ({ checked: 1 })),
    ConcludeRound: record("ConcludeRound", () => ({ done: true })),
    PublishPages: record("PublishPages", () => ({ pages: 0 })),
  });
  const output = await machine.run({ start: "2026-11-23T00:00:08.000Z" });
  return { output, calls, of: (name: string) => calls.filter((call) => call.name === name) };
}

it("hands each round its plan, its shards and what they report", async () => {
  const { of, output } = await run({}, [{ mark: 30, waitMs: 0 }]);
  expect(of("NameRounds")[0]?.input).toEqual({ start: "2026-11-23T00:00:08.000Z" });
  expect(of("PlanRound")[0]?.input).toMatchObject({ mark: 30 });
  expect(of("CheckShard").map(({ input }) => input)).toEqual([{ n: 1 }, { n: 2 }]);
  expect(of("ConcludeRound")[0]?.input).toEqual({
    plan: { round: 30, startedAt: 0, planned: 2, hearingSince: 1, blindSince: 0, sight: null },
    shards: [{ checked: 1 }, { checked: 1 }],
  });
  expect(of("PublishPages")[0]?.input).toEqual({ round: 30 });
  expect(output).toEqual([{ done: true }]);
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
        return { round: 0, startedAt: 0, planned: 1, hearingSince: 1, blindSince: 0, sight: null, stale: false, shards: [{ n: 1 }] };
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
      { mark: 30, waitMs: 1_000 },
    ],
  );
  expect(firstWaited).toBe(true);
  const second = of("PlanRound").find(({ input }) => (input as { mark: number }).mark === 30);
  expect(second?.at).toBeGreaterThan(950);
});

const broken = () => {
  throw new Error("broken");
};

it("concludes a round one of whose shards fails", async () => {
  const { of } = await run({ CheckShard: ({ n }: { n: number }) => (n === 1 ? broken() : { checked: 1 }) }, [{ mark: 0, waitMs: 0 }]);
  expect(of("ConcludeRound")[0]?.input).toMatchObject({ shards: [{ failed: true }, { checked: 1 }] });
});

it.each(["PlanRound", "ConcludeRound"])("goes on with the other round when %s fails", async (name) => {
  const failing = (input: { mark?: number; plan?: { round: number } }) =>
    (input.mark ?? input.plan?.round) === 0
      ? broken()
      : name === "PlanRound"
        ? { round: 30, startedAt: 0, planned: 0, hearingSince: 1, blindSince: 0, sight: null, stale: false, shards: [] }
        : { done: true };
  const { output } = await run({ [name]: failing }, [
    { mark: 0, waitMs: 0 },
    { mark: 30, waitMs: 0 },
  ]);
  expect(output).toEqual([{ lost: true }, { done: true }]);
});

it("skips a round whose time is over", async () => {
  const { output, of } = await run({ PlanRound: () => ({ round: 0, startedAt: 0, planned: 0, stale: true, shards: [] }) }, [
    { mark: 0, waitMs: 0 },
  ]);
  expect(output).toEqual([{ skipped: true }]);
  expect(of("ConcludeRound")).toEqual([]);
});
