import { describe, expect, it } from "vitest";
import { chase } from "../../../shared/alert/chase.ts";
import type { IncidentState, Target } from "../../../shared/targets/target.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";

const SINCE = 1_795_400_010;
const config = { name: "Shop", url: "http://example.com/" };
const state: Target["state"] = { status: "down", since: SINCE, round: SINCE, recent: "d", runSince: SINCE };

/** What is told, and when, in seconds since it went down, over two hours of rounds of 30 s. */
function told(more: Record<string, unknown>, first: Partial<IncidentState> = {}, began: Target["state"] = state) {
  let target = targetOf(1, {
    config: configOf({ ...config, ...more }),
    state: began,
    incident: { since: SINCE, reminders: 0, escalated: 0, ...first },
  });
  const events: string[] = [];
  for (let mark = SINCE + 30; mark <= SINCE + 7_200; mark += 30) {
    const chased = chase(target, mark);
    if (chased === undefined) continue;
    for (const { kind, channels, at } of chased.owed)
      events.push(`${Math.floor(at / 1_000) - SINCE} ${[kind, ...(channels ?? [])].join(" ")}`);
    target = { ...target, incident: chased.incident };
  }
  return events;
}

describe("a target that stays down", () => {
  it("is told once, where nothing else is asked for", () => {
    expect(told({})).toEqual([]);
  });

  it("is reminded of at equal or at growing intervals", () => {
    expect(told({ remindEverySeconds: 1_800 })).toEqual(["1800 reminder", "3600 reminder", "5400 reminder", "7200 reminder"]);
    expect(told({ remindEverySeconds: 900, remindGrowing: true })).toEqual(["900 reminder", "2700 reminder", "6300 reminder"]);
  });

  it("is escalated step by step, each once, in the order of their times", () => {
    const escalation = [
      { afterMinutes: 30, channels: ["boss"] },
      { afterMinutes: 5, channels: ["second", "third"] },
    ];
    expect(told({ escalation })).toEqual(["300 escalation second third", "1800 escalation boss"]);
  });

  it("is left alone while somebody takes care of it, and told again from the end of that on", () => {
    const asked = { remindEverySeconds: 1_800, escalation: [{ afterMinutes: 10, channels: ["boss"] }] };
    expect(told(asked, { acknowledged: { at: 0, by: "me" } })).toEqual([]);
    const until = (SINCE + 3_600) * 1_000;
    expect(told(asked, { acknowledged: { at: 0, by: "me", until } })).toEqual([
      "3600 unacknowledged",
      "4200 escalation boss",
      "5400 reminder",
      "7200 reminder",
    ]);
    // Steps that were taken before are taken again: who was told may think that somebody has it.
    const before = { acknowledged: { at: 0, by: "me", until }, escalated: 1, reminders: 2 };
    expect(told(asked, before)).toContain("4200 escalation boss");
    expect(told({}, { acknowledged: { at: 0, by: "me", until } })).toEqual(["3600 unacknowledged"]);
  });

  it("is escalated to whoever stands there now, each once, however the steps are changed meanwhile", () => {
    const [one, two, early] = [
      { afterMinutes: 5, channels: ["a"] },
      { afterMinutes: 30, channels: ["b"] },
      { afterMinutes: 2, channels: ["c"] },
    ];
    const changed = (first: object[], then: object[]) => {
      let target = targetOf(1, { config: configOf({ ...config, escalation: first }), state });
      const events: string[] = [];
      for (let mark = SINCE + 30; mark <= SINCE + 7_200; mark += 30) {
        if (mark === SINCE + 600) target = { ...target, config: configOf({ ...config, escalation: then }) };
        const chased = chase(target, mark);
        for (const { channels } of chased?.owed ?? []) events.push(...(channels ?? []));
        if (chased !== undefined) target = { ...target, incident: chased.incident };
      }
      return events;
    };
    expect(changed([one, two], [two])).toEqual(["a", "b"]);
    expect(changed([one, two], [early, one, two])).toEqual(["a", "c", "b"]);
    expect(changed([one, two], [])).toEqual(["a"]);
    // What a release before has counted is counted.
    expect(told({ escalation: [one, two] }, { escalated: 1 })).toEqual(["1800 escalation b"]);
  });

  it("is reminded of and escalated from when it was told, where maintenance, rest or another target held it back", () => {
    const asked = { remindEverySeconds: 600, escalation: [{ afterMinutes: 5, channels: ["boss"] }] };
    const waiting = { outcome: "waiting" as const, attempts: 0, attemptedAt: 0 };
    const held = { chat: { ...waiting, heldBy: "flapping", error: "it flaps" } };
    const began = (deliveries: Target["owed"][number]["deliveries"]) =>
      ({ at: SINCE * 1_000, kind: "status", from: "up", to: "down", since: SINCE, previousSince: 0, deliveries }) as const;
    let target = targetOf(1, { config: configOf({ ...config, ...asked }), state, owed: [began(held)] });
    const events: string[] = [];
    for (let mark = SINCE + 30; mark <= SINCE + 3_000; mark += 30) {
      // It is told after half an hour, and is owed no longer.
      if (mark === SINCE + 1_800) target = { ...target, owed: [] };
      const chased = chase(target, mark);
      events.push(...(chased?.owed ?? []).map(({ kind, at }) => `${Math.floor(at / 1_000) - SINCE} ${kind}`));
      target = { ...target, incident: chased?.incident ?? target.incident };
    }
    expect(events).toEqual(["2070 escalation", "2370 reminder", "2970 reminder"]);
    // One channel that was told is enough; so is one that is away, or closed for the night: others may have to hear of it.
    const sent = { ...waiting, outcome: "sent" as const, attempts: 1 };
    const later = SINCE + 300;
    for (const deliveries of [
      { ...held, mail: sent },
      { chat: { ...waiting, attempts: 4 } },
      { chat: { ...waiting, heldBy: "hours" } },
      {},
    ] as const)
      expect(chase({ ...target, incident: undefined, owed: [began(deliveries)] }, later)?.owed).toMatchObject([{ kind: "escalation" }]);
  });

  it("is told of so while it is degraded, where it says that this is an incident", () => {
    const asked = { remindEverySeconds: 3_600, escalation: [{ afterMinutes: 10, channels: ["boss"] }] };
    const degraded = { ...state, status: "degraded", recent: "g" } as const;
    expect(told({ ...asked, degradedIsIncident: true }, {}, degraded)).toEqual(["600 escalation boss", "3600 reminder", "7200 reminder"]);
    expect(told({ ...asked, degradedIsIncident: true }, { acknowledged: { at: 0, by: "me" } }, degraded)).toEqual([]);
    expect(told(asked, {}, degraded)).toEqual([]);
  });

  it("is not what an earlier incident was: who took care of that one does not of this", () => {
    const old = { since: SINCE - 600, acknowledged: { at: 0, by: "me" }, reminders: 7, escalated: 1 };
    expect(told({ remindEverySeconds: 3_600, escalation: [{ afterMinutes: 10, channels: ["boss"] }] }, old)).toEqual([
      "600 escalation boss",
      "3600 reminder",
      "7200 reminder",
    ]);
  });

  it("is chased no longer when it is up, paused or degraded", () => {
    for (const status of ["up", "paused", "degraded", "pending"] as const) {
      const target = targetOf(1, { config: configOf({ ...config, remindEverySeconds: 60 }), state: { ...state, status } });
      expect(chase(target, SINCE + 3_600)).toBeUndefined();
    }
  });
});
