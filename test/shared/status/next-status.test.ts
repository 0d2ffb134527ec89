import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStatus, pendingState, type StatusChange, type StatusPolicy, type TargetState } from "../../../shared/status/next-status.ts";

type Seen = "up" | "degraded" | "down";

const simple: StatusPolicy = { failureThreshold: 1, failureWindow: 1, successThreshold: 1 };

/** Applies results, a round of 30 s each. */
function applied(results: readonly Seen[], policy = simple, start: TargetState = pendingState(0)) {
  let state = start;
  const changes: StatusChange[] = [];
  results.forEach((status, index) => {
    const decision = nextStatus(state, { round: (index + 1) * 30, status }, policy);
    state = decision.state;
    if (decision.change) changes.push(decision.change);
  });
  return { state, changes, path: changes.map(({ to }) => to) };
}

const seen = fc.constantFrom<Seen>("up", "degraded", "down");
const policy = fc
  .record({
    failureThreshold: fc.integer({ min: 1, max: 6 }),
    more: fc.integer({ min: 0, max: 6 }),
    successThreshold: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ failureThreshold, more, successThreshold }) => ({ failureThreshold, failureWindow: failureThreshold + more, successThreshold }));

describe("with thresholds of one", () => {
  it.each<[Seen[], string[]]>([
    [["up"], ["up"]],
    [["down"], ["down"]],
    [["degraded"], ["degraded"]],
    [["up", "up", "up"], ["up"]],
    [
      ["up", "down", "down", "up"],
      ["up", "down", "up"],
    ],
    [
      ["up", "degraded", "down", "degraded", "up"],
      ["up", "degraded", "down", "degraded", "up"],
    ],
  ])("%j changes the status to %j", (results, path) => {
    expect(applied(results).path).toEqual(path);
  });
});

describe("an incident", () => {
  it("is known by its begin: no two of a target's statuses that are not well share one", () => {
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 60 }), policy, (results, limits) => {
        const marks = applied(results, limits)
          .changes.filter(({ to }) => to !== "up")
          .map(({ since }) => since);
        expect(new Set(marks).size).toBe(marks.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it("that is degraded began with the first check that was not well", () => {
    const patient: StatusPolicy = { failureThreshold: 3, failureWindow: 3, successThreshold: 1 };
    expect(applied(["up", "degraded", "down", "degraded", "down", "down", "down"], patient).changes).toMatchObject([
      { to: "up" },
      { to: "degraded", since: 60 },
      { to: "down", since: 150 },
    ]);
  });
});

describe("with thresholds", () => {
  const patient: StatusPolicy = { failureThreshold: 3, failureWindow: 3, successThreshold: 2 };

  it.each<[Seen[], string[]]>([
    [["down", "down"], []],
    [["down", "down", "down"], ["down"]],
    [["up"], []],
    [["up", "up"], ["up"]],
    [["up", "up", "down", "down", "up", "down", "down"], ["up"]],
    [
      ["up", "up", "down", "down", "down", "up", "down", "up", "up"],
      ["up", "down", "up"],
    ],
    [
      ["up", "up", "degraded", "degraded", "degraded"],
      ["up", "degraded"],
    ],
    [
      ["up", "up", "down", "down", "down", "degraded", "degraded"],
      ["up", "down", "degraded"],
    ],
  ])("%j changes the status to %j", (results, path) => {
    expect(applied(results, patient).path).toEqual(path);
  });

  it("counts k of the last n to stay calm while a target flaps", () => {
    const flapControl: StatusPolicy = { failureThreshold: 3, failureWindow: 5, successThreshold: 1 };
    const flapping: Seen[] = ["up", "down", "up", "down", "up", "down", "up", "down", "up"];
    expect(applied(flapping, flapControl).path).toEqual(["up", "down"]);
    expect(applied([...flapping, "up", "up", "up"], flapControl).path).toEqual(["up", "down", "up"]);
  });

  it("dates a down from its first failing check, and says how long the status before held", () => {
    const { changes } = applied(["up", "up", "down", "down", "down"], patient);
    expect(changes).toEqual([
      expect.objectContaining({ to: "up", since: 30, round: 60 }),
      { from: "up", to: "down", since: 90, round: 150, previousSince: 30 },
    ]);
  });
});

describe("whatever the policy and the results", () => {
  it("changes nothing for a round that was decided, or an older one", () => {
    fc.assert(
      fc.property(policy, fc.array(seen, { minLength: 1 }), seen, fc.nat(), (rule, results, late, back) => {
        const { state } = applied(results, rule);
        const decision = nextStatus(state, { round: state.round - back, status: late }, rule);
        expect(decision).toEqual({ state });
        expect(decision.state).toBe(state);
      }),
    );
  });

  it("does the same when every round is done twice", () => {
    fc.assert(
      fc.property(policy, fc.array(seen), (rule, results) => {
        let once = pendingState(0);
        let twice = pendingState(0);
        const changes = { once: 0, twice: 0 };
        results.forEach((status, index) => {
          const result = { round: (index + 1) * 30, status };
          const first = nextStatus(once, result, rule);
          once = first.state;
          changes.once += first.change ? 1 : 0;
          for (let run = 0; run < 2; run++) {
            const decision = nextStatus(twice, result, rule);
            // A round that changed nothing left no trace, and decides the same again.
            if (run === 1 && twice.round !== result.round) expect(decision.state).toBe(twice);
            twice = decision.state;
            changes.twice += decision.change ? 1 : 0;
          }
        });
        expect(twice).toEqual(once);
        expect(changes.twice).toBe(changes.once);
      }),
    );
  });

  it("never tells a change to the status that already holds, and changes chain", () => {
    fc.assert(
      fc.property(policy, fc.array(seen), (rule, results) => {
        const { changes } = applied(results, rule);
        let status = "pending";
        for (const change of changes) {
          expect(change.from).toBe(status);
          expect(change.to).not.toBe(status);
          expect(change.since).toBeLessThanOrEqual(change.round);
          status = change.to;
        }
      }),
    );
  });

  it("is down after enough failures in a row, and up after enough successes", () => {
    fc.assert(
      fc.property(policy, fc.array(seen), (rule, before) => {
        const enough = rule.failureWindow + rule.successThreshold;
        expect(applied([...before, ...Array<Seen>(rule.failureThreshold).fill("down")], rule).state.status).toBe("down");
        expect(applied([...before, ...Array<Seen>(enough).fill("up")], rule).state.status).toBe("up");
      }),
    );
  });

  it("is never down with fewer failures than the threshold", () => {
    fc.assert(
      fc.property(policy, fc.array(seen), (rule, results) => {
        const failures = results.filter((status) => status === "down").length;
        if (failures < rule.failureThreshold) expect(applied(results, rule).path).not.toContain("down");
      }),
    );
  });

  it("needs no write while a target goes on as it was", () => {
    fc.assert(
      fc.property(policy, fc.array(seen), seen, (rule, before, steady) => {
        const settled = applied([...before, ...Array<Seen>(30).fill(steady)], rule).state;
        expect(nextStatus(settled, { round: 1_000_000, status: steady }, rule).state).toBe(settled);
      }),
    );
  });

  it("decides nothing for a paused target", () => {
    const paused: TargetState = { ...pendingState(0), status: "paused" };
    expect(nextStatus(paused, { round: 30, status: "down" }, simple)).toEqual({ state: paused });
  });
});
