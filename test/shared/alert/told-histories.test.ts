import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideMessages, type Situation } from "../../../shared/alert/decide-messages.ts";
import { WEEKDAYS } from "../../../shared/alert/maintenance.ts";
import { type Hours, TAKES_ALL } from "../../../shared/alert/routing.ts";
import { type AlertKind, isTold } from "../../../shared/status/alert-kinds.ts";
import { nextStatus, pendingState } from "../../../shared/status/next-status.ts";
import type { OwedAlert } from "../../../shared/targets/owed-alert.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";

const START = 1_795_400_010;
const POLICY = { failureThreshold: 1, failureWindow: 1, successThreshold: 1 };
const CHANNELS = [
  { ...TAKES_ALL, id: "all", maxAlertsPerMessage: 1, takesEach: true },
  {
    ...TAKES_ALL,
    id: "downs",
    maxAlertsPerMessage: 5,
    takesEach: false,
    match: { ...TAKES_ALL.match, severities: ["down", "recovered"] as const },
  },
] satisfies Situation["channels"][number][] | object[];

/** One round of a history. */
interface Round {
  readonly parent: "up" | "down";
  readonly child: "up" | "degraded" | "down";
  readonly inMaintenance: boolean;
  readonly isPaused: boolean;
  readonly isAway: boolean;
  /** Outside of the channels' hours, which drop what happens there. */
  readonly isNight: boolean;
}

const rounds: fc.Arbitrary<Round[]> = fc.array(
  fc.record({
    parent: fc.constantFrom("up" as const, "up" as const, "down" as const),
    child: fc.constantFrom("up" as const, "up" as const, "degraded" as const, "down" as const),
    inMaintenance: fc.nat(5).map((n) => n === 0),
    isPaused: fc.nat(9).map((n) => n === 0),
    isAway: fc.nat(4).map((n) => n === 0),
    isNight: fc.nat(6).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 30 },
);
/** Nothing keeps anything back any longer. */
const QUIET: Round = { parent: "up", child: "up", inMaintenance: false, isPaused: false, isAway: false, isNight: false };

const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();

/** Runs a history as rounds do, and returns what each channel was told of the child, in order, and every note. */
function tell(history: readonly Round[], flapThreshold = 0) {
  let parent = targetOf(1, { config: configOf({ name: "Router", url: "http://example.com/" }), state: pendingState(START - 30) });
  let child = targetOf(2, {
    config: configOf({ name: "Shop", url: "http://example.com/", dependsOn: [parent.id], flapThreshold }),
    state: pendingState(START - 30),
  });
  const told: Record<string, (AlertKind | "eased")[]> = { all: [], downs: [] };
  const notes: string[] = [];
  history.forEach((round, index) => {
    const mark = START + index * 30;
    const now = mark * 1_000 + 1_000;
    parent = checked(parent, mark, round.parent);
    child = checked(child, mark, round.child);
    const windows = round.inMaintenance ? [windowAt(mark, child.id)] : [];
    const decision = decideMessages({
      targets: [child],
      channels: CHANNELS.map((channel) => ({
        ...channel,
        paused: round.isPaused,
        ...(round.isNight && { hours: hoursAfter(now) }),
      })) as Situation["channels"],
      now,
      linkTo: () => undefined,
      acknowledgeAt: () => undefined,
      windows,
      ancestors: new Map([[parent.id, parent]]),
      checkedUntil: mark,
      roundSeconds: 30,
    });
    for (const { channel, alerts, dues, isHeld } of decision.messages) {
      for (const [position, { owed, known }] of dues.entries()) {
        const kind = alerts[position]?.kind;
        if (isHeld || kind === undefined) continue;
        if (channel === "all") notes.push(alerts[position]?.note ?? "");
        // Told as one: its beginning is in the message of its end.
        const missed = alerts[position]?.missed.flatMap(({ to }) => (to === "down" || to === "degraded" ? [to] : [])) ?? [];
        if (!round.isAway) told[channel]?.push(...missed);
        if (!round.isAway) told[channel]?.push(kind === "recovered" && alerts[position]?.to === "degraded" ? "eased" : kind);
        for (const { at } of owed)
          child = settled(
            child,
            at,
            channel,
            round.isAway ? { outcome: "waiting", nextAttemptAt: now + 1_000 } : { outcome: "sent" },
            round.isAway ? undefined : known,
          );
      }
    }
    for (const { at, channel, what, reason, heldBy, known } of decision.outcomes) {
      if (what === "hide") child = settled(child, at, channel, { outcome: "hidden", error: reason }, known);
      if (what === "hold" && heldBy !== undefined) child = settled(child, at, channel, { outcome: "waiting", error: reason, heldBy });
    }
    const isOpen = ({ deliveries }: OwedAlert) => CHANNELS.some(({ id }) => (deliveries[id]?.outcome ?? "waiting") === "waiting");
    child = { ...child, owed: child.owed.filter((alert) => isTold(alert) && isOpen(alert)) };
  });
  return { told, child, notes };
}

/** A day on which it is not. @param now epoch ms */
function hoursAfter(now: number): Hours {
  const day = WEEKDAYS[new Date(now + 3 * 86_400_000).getUTCDay()] ?? "monday";
  return { days: [day], from: "08:00", to: "09:00", timeZone: "UTC", outside: "drop" };
}

function checked(target: Target, mark: number, status: Round["child"]): Target {
  const { state, change } = nextStatus(target.state, { round: mark, status }, POLICY);
  const owed: OwedAlert[] = change === undefined ? [] : [{ at: mark * 1_000, kind: "status", ...change, deliveries: {} }];
  return { ...target, state, owed: [...target.owed, ...owed] };
}

function settled(target: Target, at: number, channel: string, delivery: object, known?: Target["known"][string]): Target {
  const owed = target.owed.map((alert) =>
    alert.at === at
      ? {
          ...alert,
          deliveries: { ...alert.deliveries, [channel]: { attempts: 1, attemptedAt: 0, ...delivery } as OwedAlert["deliveries"][string] },
        }
      : alert,
  );
  return { ...target, owed, known: known === undefined ? target.known : { ...target.known, [channel]: known } };
}

function windowAt(mark: number, id: string): Situation["windows"][number] {
  const once = { from: iso(mark - 10), to: iso(mark + 20) };
  return {
    id: "w",
    version: 1,
    createdAt: "",
    name: "Upgrade",
    kind: "maintenance",
    targets: [id],
    tags: [],
    groups: [],
    all: false,
    timeZone: "UTC",
    once,
  };
}

/** Longer than what flaps must rest. */
const settle = Array.from({ length: 24 }, () => QUIET);
const thresholds = fc.constantFrom(0, 1, 3);

describe("whatever happens to a target, its ancestor, its windows and its channels", () => {
  it("every bad news is followed by exactly one end, and no end is told of what was not", () => {
    fc.assert(
      fc.property(rounds, thresholds, (history, flapThreshold) => {
        const { told } = tell([...history, ...settle], flapThreshold);
        for (const [channel, kinds] of Object.entries(told)) {
          let known: "well" | "bad" = "well";
          for (const kind of kinds) {
            if (kind === "recovered" || kind === "eased") expect([channel, known]).toEqual([channel, "bad"]);
            known = kind === "recovered" ? "well" : "bad";
          }
        }
      }),
      { numRuns: 1_000, examples: EXAMPLES.map((history) => [history, 0] as [Round[], number]) },
    );
  });

  it("nothing stays owed, and a failure that lasts is told", () => {
    fc.assert(
      fc.property(rounds, thresholds, (history, flapThreshold) => {
        const lasting = Array.from({ length: 24 }, () => ({ ...QUIET, child: "down" as const }));
        const { told, child } = tell(
          [...history.map((round) => ({ ...round, isPaused: false, isNight: false })), ...lasting],
          flapThreshold,
        );
        expect(child.owed).toEqual([]);
        expect(told["all"]?.at(-1)).toBe("down");
        expect(told["downs"]?.at(-1)).toBe("down");
      }),
      { numRuns: 1_000 },
    );
  });

  it("nothing is told of a child while its ancestor is down, and it began with it", () => {
    const outage = { ...QUIET, parent: "down" as const, child: "down" as const };
    const { told } = tell([QUIET, outage, outage, outage, QUIET, QUIET, QUIET]);
    expect(told).toEqual({ all: [], downs: [] });
    const { told: after } = tell([
      QUIET,
      outage,
      outage,
      { ...QUIET, child: "down" },
      { ...QUIET, child: "down" },
      { ...QUIET, child: "down" },
    ]);
    expect(after).toEqual({ all: ["down"], downs: ["down"] });
  });
});

describe("a target that flaps", () => {
  const DOWN = { ...QUIET, child: "down" as const };
  const flapping = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? QUIET : DOWN));

  it("is told so once, and of its end when it rests", () => {
    const { told, notes } = tell([...flapping, ...settle], 4);
    // Four changes as ever, the fifth says that it flaps, and then its rest.
    expect(told["all"]).toEqual(["down", "recovered", "down", "recovered", "down", "recovered"]);
    expect(notes).toEqual(["", "", "", "", expect.stringMatching(/^it changed 5 times within an hour: .*10 minutes$/), ""]);
  });

  it("is told nothing more when it rests as it was told, and everything without a threshold", () => {
    const lasting = Array.from({ length: 24 }, () => DOWN);
    expect(tell([...flapping, ...lasting], 4).told["all"]).toEqual(["down", "recovered", "down", "recovered", "down"]);
    expect(tell([...flapping, ...settle]).told["all"]).toHaveLength(30);
  });

  it("that rested is told of as ever, and begins to flap again after as many changes", () => {
    const hour = Array.from({ length: 130 }, () => QUIET);
    const { notes } = tell([...flapping, ...hour, ...flapping, ...settle], 4);
    expect(notes.filter((note) => note !== "")).toHaveLength(2);
    expect(notes).toHaveLength(12);
  });

  it("that rested is told of at once when it goes down again, within the hour, too", () => {
    const { told } = tell([...flapping, ...settle, DOWN, DOWN], 4);
    expect(told["all"]).toEqual(["down", "recovered", "down", "recovered", "down", "recovered", "down"]);
    expect(tell([...flapping, ...settle, ...flapping, ...settle], 4).notes.filter((note) => note !== "")).toHaveLength(2);
  });
});

const EXAMPLES: Round[][] = [
  [{ ...QUIET, child: "down", isPaused: true }, QUIET],
  [QUIET, { ...QUIET, child: "down" }, { ...QUIET, child: "down", parent: "down" }, { ...QUIET, parent: "down" }],
  [QUIET, { ...QUIET, child: "degraded" }, { ...QUIET, child: "down", parent: "down" }, { ...QUIET, child: "degraded" }],
];
