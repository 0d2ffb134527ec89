import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideMessages, type Situation } from "../../../shared/alert/decide-messages.ts";
import { TAKES_ALL } from "../../../shared/alert/routing.ts";
import { channelsOf, isFinal } from "../../../shared/alert/told-channels.ts";
import { isTold } from "../../../shared/status/alert-kinds.ts";
import type { Delivery, OwedAlert } from "../../../shared/targets/owed-alert.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";

const NOW = 1_795_400_000_000;
const CHANNELS = ["discord", "slack", "mail"];
const DISCORD = { ...TAKES_ALL, id: "discord", maxAlertsPerMessage: 10, takesEach: false };
/** Nothing depends on anything. */
const ALONE = { ancestors: new Map<string, Target>(), checkedUntil: NOW / 1_000, roundSeconds: 30 };

const delivery: fc.Arbitrary<Delivery | undefined> = fc.option(
  fc.record({
    outcome: fc.constantFrom("waiting" as const, "sent" as const, "failed" as const, "folded" as const),
    attempts: fc.integer({ min: 1, max: 5 }),
    attemptedAt: fc.constant(NOW - 60_000),
    nextAttemptAt: fc.constantFrom(NOW - 1, NOW, NOW + 1, NOW + 60_000),
  }),
  { nil: undefined },
);

const change = fc.constantFrom(
  ["pending", "up"] as const,
  ["pending", "down"] as const,
  ["up", "down"] as const,
  ["down", "up"] as const,
  ["up", "degraded"] as const,
  ["down", "degraded"] as const,
  ["degraded", "up"] as const,
  ["up", "paused"] as const,
  ["paused", "pending"] as const,
);

const owed: fc.Arbitrary<OwedAlert> = fc
  .tuple(fc.constantFrom("status" as const, "certificate" as const), change, fc.array(delivery, { minLength: 3, maxLength: 3 }))
  .map(([kind, [from, to], deliveries]) => ({
    at: 0,
    kind,
    from,
    to,
    since: 0,
    previousSince: 0,
    deliveries: Object.fromEntries(deliveries.flatMap((one, index) => (one === undefined ? [] : [[CHANNELS[index] ?? "", one] as const]))),
  }));

const situation: fc.Arbitrary<Situation> = fc
  .record({
    targets: fc.array(
      fc.tuple(
        fc.array(owed, { maxLength: 6 }),
        fc.option(fc.array(fc.constantFrom(...CHANNELS, "gone"), { maxLength: 3 }), { nil: undefined }),
      ),
      { maxLength: 12 },
    ),
    channels: fc.subarray(CHANNELS),
    maxAlertsPerMessage: fc.integer({ min: 1, max: 4 }),
    digestAbove: fc.constantFrom(1, 3, 100),
  })
  .map(({ targets, channels, maxAlertsPerMessage, digestAbove }) => ({
    now: NOW,
    linkTo: () => undefined,
    acknowledgeAt: () => undefined,
    windows: [],
    ...ALONE,
    channels: channels.map((id) => ({ ...TAKES_ALL, digestAbove, id, maxAlertsPerMessage, takesEach: false })),
    targets: targets.map(([alerts, named], index) =>
      targetOf(index + 1, {
        config: configOf({ name: `Target ${index}`, url: "http://example.com/", ...(named && { channels: named }) }),
        owed: alerts.map((alert, position) => ({ ...alert, at: NOW - 600_000 + position * 30_000 })),
      }),
    ),
  }));

/** Of targets on their own, at {@link NOW}, with nothing that links or holds back. */
const decideFor = (targets: readonly Target[], channels: Situation["channels"], more: Partial<Situation> = {}) =>
  decideMessages({ targets, channels, ...ALONE, now: NOW, linkTo: () => undefined, acknowledgeAt: () => undefined, windows: [], ...more });

/** Every alert and channel that a decision is about. */
function pairs({ targets, channels }: Situation): string[] {
  return targets.flatMap((target) =>
    target.owed.filter(isTold).flatMap(({ at }) => channelsOf(target, channels).map((channel) => `${target.id} ${at} ${channel}`)),
  );
}

describe("what is told of all that is owed", () => {
  it("is decided for each alert and channel exactly once, with a reason; what is only noted, never", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { outcomes } = decideMessages(given);
        expect(outcomes.map(({ target, at, channel }) => `${target.id} ${at} ${channel}`).sort()).toEqual(pairs(given).sort());
        for (const { reason } of outcomes) expect(reason).not.toBe("");
      }),
    );
  });

  it("is in exactly one message: sent where the decision says so, behind others where it waits for its channel", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { messages, outcomes } = decideMessages(given);
        const named = (held: boolean) =>
          messages
            .filter(({ isHeld }) => isHeld === held)
            .flatMap(({ channel, dues }) =>
              dues.flatMap(({ target, owed: alerts }) => alerts.map(({ at }) => `${target.id} ${at} ${channel}`)),
            );
        const decided = (wanted: string) =>
          outcomes.filter(({ what }) => what === wanted).map(({ target, at, channel }) => `${target.id} ${at} ${channel}`);
        expect(named(false).sort()).toEqual(decided("send").sort());
        expect(named(true).sort()).toEqual(decided("hold").sort());
      }),
    );
  });

  it("keeps order: nothing is sent of a target while an earlier change of the same kind waits, and one message tells oldest first", () => {
    fc.assert(
      fc.property(situation, (given) => {
        for (const { channel, dues, alerts: told } of decideMessages(given).messages) {
          for (const [index, { target, owed: alerts }] of dues.entries()) {
            const times = alerts.map(({ at }) => at);
            expect(times).toEqual([...times].sort((a, b) => a - b));
            const [first] = alerts;
            const left = target.owed.filter(
              (candidate) =>
                candidate.kind === first.kind &&
                isTold(candidate) &&
                !times.includes(candidate.at) &&
                !isFinal(candidate.deliveries[channel]),
            );
            expect(left).toEqual([]);
            if (told.length === dues.length) expect(told[index]?.id).toBe(`${target.id}:${times.at(-1)}`);
            else expect(told).toMatchObject([{ kind: "digest" }]);
          }
        }
      }),
    );
  });

  it("fits its messages, and asks no channel before its time", () => {
    fc.assert(
      fc.property(situation, (given) => {
        for (const { channel, dues, isHeld, alerts: told } of decideMessages(given).messages) {
          expect(dues.length).toBeGreaterThan(0);
          expect(told.length).toBeLessThanOrEqual(given.channels.find(({ id }) => id === channel)?.maxAlertsPerMessage ?? 0);
          for (const { owed: alerts } of dues) {
            expect(alerts.some(({ deliveries }) => (deliveries[channel]?.nextAttemptAt ?? 0) > NOW)).toBe(isHeld);
          }
        }
      }),
    );
  });

  it("is lost, loudly, on a channel that is not there; once where a target names one twice", () => {
    const target = targetOf(1, {
      config: configOf({ name: "Shop", url: "http://example.com/", channels: ["gone", "discord", "discord"] }),
      owed: [{ at: NOW, kind: "status", from: "up", to: "down", since: 0, previousSince: 0, deliveries: {} }],
    });
    const { messages, outcomes } = decideFor([target], [DISCORD]);
    expect(messages.map(({ channel, dues }) => [channel, dues.length])).toEqual([["discord", 1]]);
    expect(outcomes.map(({ channel, what, reason }) => [channel, what, reason])).toEqual([
      ["gone", "lost", 'there is no channel "gone"'],
      ["discord", "send", "it is due"],
    ]);
  });
});

describe("a reminder or an escalation", () => {
  const SINCE = Math.floor(NOW / 1_000) - 600;
  const FAILS = { outcome: "waiting", attempts: 3, nextAttemptAt: NOW + 60_000, attemptedAt: NOW - 1_000 } as const;
  const given = (kind: "reminder" | "escalation", more: Partial<Target> = {}): Target => ({
    ...targetOf(1, { state: { ...targetOf(1).state, status: "down", since: SINCE }, known: { discord: "down" } }),
    owed: [
      {
        at: NOW,
        kind,
        from: "down",
        to: "down",
        since: SINCE,
        previousSince: SINCE,
        deliveries: {},
        ...(kind === "escalation" && { channels: ["discord"] }),
      },
    ],
    ...more,
  });
  const decide = (target: Target) => decideFor([target], [DISCORD]);
  const said = (target: Target) => decide(target).outcomes.map(({ what, reason }) => `${what}: ${reason}`);

  it.each(["reminder", "escalation"] as const)("%s: is told of the incident it is of, and of no later one", (kind) => {
    expect(said(given(kind))).toEqual(["send: it is due"]);
    const later = given(kind);
    expect(said({ ...later, state: { ...later.state, since: SINCE + 300 } })).toEqual(["hide: it was over before"]);
  });

  it.each(["reminder", "escalation"] as const)("%s: is told to nobody once somebody takes care of it", (kind) => {
    const incident = { since: SINCE, acknowledged: { at: NOW, by: "jo" }, reminders: 0, escalated: 0 };
    expect(said(given(kind, { incident }))).toEqual(["hide: somebody takes care of it"]);
  });

  it.each(["reminder", "escalation"] as const)("%s: waits behind the beginning, where its channel has yet to take that", (kind) => {
    const target = given(kind, { known: {} });
    const began = { at: SINCE * 1_000, kind: "status", from: "up", to: "down", since: SINCE, previousSince: 0 } as const;
    const { messages } = decide({ ...target, owed: [{ ...began, deliveries: { discord: FAILS } }, ...target.owed] });
    expect(messages.map(({ isHeld, alerts }) => [isHeld, alerts.map((alert) => alert.kind)])).toEqual([[true, ["down", kind]]]);
  });
});

describe("targets that depend on each other", () => {
  it("hide nothing of each other, and what both depend on hides them", () => {
    const down = (seq: number, dependsOn: readonly string[], status: "up" | "down" = "down"): Target => ({
      ...targetOf(seq, { config: configOf({ name: `T${seq}`, url: "http://example.com/", dependsOn: [...dependsOn] }) }),
      state: { status, since: NOW / 1_000 - 300, round: NOW / 1_000, recent: status === "up" ? "u" : "d", runSince: NOW / 1_000 - 300 },
      owed:
        status === "up"
          ? []
          : [{ at: NOW - 300_000, kind: "status", from: "up", to: "down", since: NOW / 1_000 - 300, previousSince: 0, deliveries: {} }],
    });
    const [a, b, router] = [targetOf(1).id, targetOf(2).id, targetOf(3).id];
    const decide = (targets: readonly Target[]) =>
      decideFor(
        targets.filter(({ owed: alerts }) => alerts.length > 0),
        [DISCORD],
        { ancestors: new Map(targets.map((target) => [target.id, target])) },
      ).outcomes.map(({ target, what }) => `${target.config.name} ${what}`);
    expect(decide([down(1, [b, router]), down(2, [a, router]), down(3, [], "up")])).toEqual(["T1 send", "T2 send"]);
    expect(decide([down(1, [b, router]), down(2, [a, router]), down(3, [])])).toEqual(["T1 hold", "T2 hold", "T3 send"]);
  });
});

describe("who takes care of an incident", () => {
  const SINCE = Math.floor(NOW / 1_000) - 600;
  const CHAT = { ...DISCORD, living: "edit" as const, digestAbove: 1 };
  const PAGER = { ...DISCORD, id: "pager", takesEach: true, takesAcknowledgements: true as const };
  const acknowledged = (seq: number, since: number) =>
    targetOf(seq, {
      state: { ...targetOf(seq).state, status: "down", since: SINCE },
      incident: { since: SINCE, acknowledged: { at: NOW, by: "jo" }, reminders: 0, escalated: 0 },
      known: { discord: "down", pager: "down" },
      messages: { discord: { id: String(seq), since } },
      owed: [{ at: NOW, kind: "acknowledged", from: "down", to: "down", since, previousSince: since, note: "by jo", deliveries: {} }],
    });
  const decide = (targets: Target[]) => decideFor(targets, [CHAT, PAGER]);

  it("is told one by one to who shows it, and never as a digest", () => {
    const { messages } = decide([acknowledged(1, SINCE), acknowledged(2, SINCE), acknowledged(3, SINCE)]);
    expect(messages.map(({ channel, alerts }) => [channel, alerts.map(({ kind }) => kind)])).toEqual([
      ...[1, 2, 3].map(() => ["discord", ["acknowledged"]]),
      ...[1, 2, 3].map(() => ["pager", ["acknowledged"]]),
    ]);
  });

  it("is over in each message that tells of it, however many end at once", () => {
    const over = [1, 2, 3, 4].map((seq): Target => {
      const target = acknowledged(seq, SINCE);
      const end = { at: NOW, kind: "status", from: "down", to: "up", since: SINCE + 600, previousSince: SINCE, deliveries: {} } as const;
      return { ...target, state: { ...target.state, status: "up", since: SINCE + 600 }, owed: [end], ...(seq > 2 && { messages: {} }) };
    });
    const chat = decide(over).messages.filter(({ channel }) => channel === "discord");
    expect(chat.map(({ alerts, dues }) => [alerts[0]?.kind, dues.map(({ target }) => target.seq)])).toEqual([
      ["digest", [3, 4]],
      ["recovered", [1]],
      ["recovered", [2]],
    ]);
  });

  it("is told behind the beginning where that waits, which says it too", () => {
    const nextAttemptAt = NOW + 60_000;
    const waiting = { outcome: "waiting", attempts: 3, nextAttemptAt, attemptedAt: NOW - 1_000 } as const;
    const target = (deliveries: Target["owed"][number]["deliveries"]): Target => {
      const told = acknowledged(1, SINCE);
      const began = { at: SINCE * 1_000, kind: "status", from: "up", to: "down", since: SINCE, previousSince: 0, deliveries } as const;
      const incident = { since: SINCE, acknowledged: { at: NOW, by: "jo" }, reminders: 0, escalated: 0 };
      return { ...told, known: {}, messages: {}, incident, owed: [began, ...told.owed] };
    };
    const sent = (given: ReturnType<typeof decide>) =>
      given.messages.map(({ channel, isHeld, alerts }) => [channel, isHeld, alerts.map(({ kind, note }) => `${kind}: ${note}`)]);
    expect(sent(decide([target({})]))).toEqual([
      ["discord", false, ["down: acknowledged by jo"]],
      ["pager", false, ["down: acknowledged by jo"]],
      ["pager", false, ["acknowledged: by jo"]],
    ]);
    // A channel that is away is asked for neither before its time.
    expect(sent(decide([target({ discord: waiting, pager: waiting })]))).toEqual([
      ["discord", true, ["down: acknowledged by jo"]],
      ["pager", true, ["down: acknowledged by jo"]],
      ["pager", true, ["acknowledged: by jo"]],
    ]);
    // Who is not told of the target at all hears of neither.
    const elsewhere = target({});
    expect(sent(decide([{ ...elsewhere, config: { ...elsewhere.config, channels: ["discord"] } }]))).toEqual([
      ["discord", false, ["down: acknowledged by jo"]],
    ]);
  });

  it("is not told once it was given back, which those hear who can show it", () => {
    const OPSGENIE = { ...PAGER, id: "opsgenie", takesBack: true as const };
    const target = acknowledged(1, SINCE);
    const [taken] = target.owed;
    const back = { ...taken, at: NOW + 1, kind: "unacknowledged" } as OwedAlert;
    const given: Target = {
      ...target,
      known: { ...target.known, opsgenie: "down" },
      incident: { since: SINCE, reminders: 0, escalated: 0 },
      owed: [...target.owed, back],
    };
    const kinds = (of: Target) =>
      decideFor([of], [CHAT, PAGER, OPSGENIE]).messages.map(({ channel, alerts: [alert] }) => [channel, alert?.kind]);
    expect(kinds(given)).toEqual([
      ["discord", "unacknowledged"],
      ["opsgenie", "unacknowledged"],
    ]);
    // Somebody else has it by now.
    expect(kinds({ ...given, incident: target.incident })).toEqual([
      ["discord", "acknowledged"],
      ["pager", "acknowledged"],
      ["opsgenie", "acknowledged"],
    ]);
    const hidden = decideFor([given], [CHAT]).outcomes.find(({ at }) => at === taken?.at);
    expect([hidden?.what, hidden?.reason]).toEqual(["hide", "it was given back before"]);
  });

  it("is told of a degraded target as of one that is down, in its own words", () => {
    const target = acknowledged(1, SINCE);
    const degraded = (degradedIsIncident: boolean): Target => ({
      ...target,
      config: { ...target.config, degradedIsIncident },
      state: { ...target.state, status: "degraded" },
      known: { discord: "degraded", pager: "degraded" },
      owed: target.owed.map((alert) => ({ ...alert, from: "degraded", to: "degraded" })),
    });
    const kinds = (given: Target) => decide([given]).messages.map(({ channel, alerts: [alert] }) => [channel, alert?.kind]);
    expect(kinds(degraded(true))).toEqual([
      ["discord", "degradedAcknowledged"],
      ["pager", "degradedAcknowledged"],
    ]);
    expect(kinds(degraded(false))).toEqual([]);
  });

  it("is told in maintenance too, and waits with a beginning that maintenance holds", () => {
    const target = acknowledged(1, SINCE);
    const iso = (ms: number) => new Date(ms).toISOString();
    const once = { from: iso(NOW - 60_000), to: iso(NOW + 60_000) };
    const window = { id: "w", version: 1, createdAt: iso(0), name: "W", kind: "maintenance" as const, targets: [], tags: [], groups: [] };
    const during = (given: Target) => decideFor([given], [PAGER], { windows: [{ ...window, all: true, timeZone: "UTC", once }] });
    expect(during(target).messages.map(({ alerts: [alert] }) => alert?.kind)).toEqual(["acknowledged"]);
    const began = { at: NOW - 1_000, kind: "status", from: "up", to: "down", since: SINCE, previousSince: 0, deliveries: {} } as const;
    const untold = during({ ...target, known: {}, owed: [began, ...target.owed] });
    expect([untold.messages, untold.outcomes.map(({ what, heldBy }) => `${what} ${heldBy}`)]).toEqual([
      [],
      ["hold maintenance", "hold maintenance"],
    ]);
  });

  it("is not told of an incident that came after it, nor where there is no message of it", () => {
    const { messages, outcomes } = decide([acknowledged(1, SINCE - 3_600)]);
    expect(messages).toEqual([]);
    expect(outcomes).toMatchObject([
      { channel: "discord", what: "hide", reason: "it was over before" },
      { channel: "pager", what: "hide", reason: "it was over before" },
    ]);
  });
});

describe("an incident that nobody watches any more", () => {
  const SINCE = Math.floor(NOW / 1_000) - 600;
  const CHAT = { ...DISCORD, living: "edit" as const };
  const PLAIN = { ...DISCORD, id: "plain" };
  const PAGER = { ...DISCORD, id: "pager", takesEach: true, takesAcknowledgements: true as const };
  const decide = (target: Target) => decideFor([target], [CHAT, PLAIN, PAGER]);
  const began = { at: SINCE * 1_000, kind: "status", from: "up", to: "down", since: SINCE, previousSince: 0 } as const;
  const unwatched = (overrides: Partial<Target> = {}) =>
    targetOf(1, {
      state: { ...targetOf(1).state, status: "paused", since: SINCE + 500 },
      known: { discord: "down", plain: "down", pager: "down" },
      messages: { discord: { id: "1", since: SINCE } },
      owed: [{ at: NOW, kind: "unwatched", from: "down", to: "paused", since: SINCE, previousSince: SINCE, deliveries: {} }],
      ...overrides,
    });

  it("is told to who keeps it open, or shows it in a way that can be changed, in maintenance and at night too", () => {
    const told = (given: ReturnType<typeof decideFor>) => given.messages.map(({ channel, alerts: [alert] }) => [channel, alert?.kind]);
    const both = [
      ["discord", "unwatched"],
      ["pager", "unwatched"],
    ];
    expect(told(decide(unwatched()))).toEqual(both);
    const degraded = unwatched().owed.map((alert) => ({ ...alert, from: "degraded" as const }));
    expect(told(decide(unwatched({ owed: degraded, known: { pager: "degraded" } })))).toEqual([["pager", "unwatched"]]);
    const hours = { days: ["monday" as const], from: "00:00", to: "00:01", timeZone: "UTC", outside: "drop" as const };
    expect(
      told(
        decideFor(
          [unwatched()],
          [CHAT, PLAIN, PAGER].map((channel) => ({ ...channel, hours })),
        ),
      ),
    ).toEqual(both);
  });

  it("is never told to who has not heard of it yet, whatever held that back, and to who may have", () => {
    const { owed } = unwatched();
    const waiting = (more: object) => ({ pager: { outcome: "waiting" as const, attempts: 0, attemptedAt: NOW - 1_000, ...more } });
    const leftWith = (deliveries: OwedAlert["deliveries"], state: Partial<Target["state"]> = {}) =>
      decide(
        unwatched({
          known: {},
          messages: {},
          owed: [{ ...began, deliveries }, ...owed],
          state: { ...targetOf(1).state, status: "paused", since: SINCE + 500, before: { status: "down", since: SINCE }, ...state },
        }),
      );
    const kinds = ({ messages }: ReturnType<typeof decide>) => messages.map(({ channel, alerts: [alert] }) => [channel, alert?.kind]);
    for (const held of [waiting({}), waiting({ heldBy: "maintenance" }), waiting({ heldBy: "hours", nextAttemptAt: NOW - 1 })]) {
      const decision = leftWith(held);
      expect(kinds(decision)).toEqual([]);
      expect(decision.outcomes).toContainEqual(
        expect.objectContaining({ channel: "plain", reason: "it was paused or deleted before it was told" }),
      );
      // Nor is it told when it is watched again, before that says how it is.
      expect(kinds(leftWith(held, { status: "pending" }))).toEqual([]);
    }
    // Nothing is recorded: who asked may have died with the answer.
    expect(kinds(leftWith({}))).toEqual([["pager", "unwatched"]]);
    // It was asked, and may have taken it: it hears of the end at once, and until it takes that.
    const asked = leftWith(waiting({ attempts: 1, nextAttemptAt: NOW + 60_000 }));
    expect(asked.messages.map(({ channel, isHeld, alerts: [alert] }) => [channel, isHeld, alert?.kind])).toEqual([
      ["pager", false, "unwatched"],
    ]);
    const failed = { outcome: "waiting" as const, attempts: 1, attemptedAt: NOW - 60_000, nextAttemptAt: NOW - 1 };
    const again = unwatched({ known: {}, messages: {}, owed: owed.map((alert) => ({ ...alert, deliveries: { pager: failed } })) });
    expect(kinds(decide(again))).toEqual([["pager", "unwatched"]]);
    const { messages: none, outcomes } = decide(unwatched({ known: {}, messages: {} }));
    expect([none, outcomes]).toEqual([[], []]);
  });

  it("is not told once it is watched again", () => {
    const { messages, outcomes } = decide(unwatched({ state: { ...targetOf(1).state, status: "down", since: SINCE + 550 } }));
    expect(messages).toEqual([]);
    expect(outcomes.map(({ what, reason }) => `${what}: ${reason}`)).toEqual(Array(2).fill("hide: it is watched again"));
  });
});

describe("maintenance", () => {
  const at = (seconds: number) => NOW + seconds * 1_000;
  const iso = (ms: number) => new Date(ms).toISOString();
  /** From a minute ago to a minute ahead. */
  const window = {
    id: "w",
    version: 1,
    createdAt: "",
    name: "Upgrade",
    kind: "maintenance" as const,
    targets: [],
    tags: ["prod"],
    groups: [],
    all: false,
    timeZone: "UTC",
    once: { from: iso(at(-60)), to: iso(at(60)) },
  };
  const changed = (from: OwedAlert["from"], to: OwedAlert["to"], seconds: number): OwedAlert => ({
    at: at(seconds),
    kind: "status",
    from,
    to,
    since: 0,
    previousSince: 0,
    deliveries: {},
  });
  const decide = (owed: OwedAlert[], now: number, windows: Situation["windows"] = [window], tags = ["prod"]) =>
    decideFor([targetOf(1, { config: configOf({ name: "Shop", url: "http://example.com/", tags }), owed })], [DISCORD], { now, windows });
  const what = (decision: ReturnType<typeof decide>) => decision.outcomes.map((outcome) => outcome.what);

  it("holds everything back while it lasts, and says until when", () => {
    const held = decide([changed("up", "down", -30)], at(0));
    expect(held.messages).toEqual([]);
    expect(held.outcomes).toMatchObject([{ what: "hold", reason: `maintenance "Upgrade" until ${iso(at(60))}`, until: at(60) }]);
    expect(what(decide([changed("up", "down", -30)], at(0), [window], ["test"]))).toEqual(["send"]);
  });

  it("tells what is still wrong when it ends, and what people heard of before and is over", () => {
    const down = decide([changed("up", "degraded", -30), changed("degraded", "down", -10)], at(61));
    expect(what(down)).toEqual(["send", "send"]);
    expect(down.messages[0]?.alerts[0]).toMatchObject({ kind: "down", missed: [{ to: "degraded" }] });
    const over = targetOf(1, { known: { discord: "down" }, owed: [changed("down", "up", -30)] });
    expect(decideFor([over], [DISCORD], { now: at(61) }).messages[0]?.alerts[0]).toMatchObject({ kind: "recovered" });
    // Who never heard of it, as a channel that refused it or is new to the target, hears of no end.
    expect(decideFor([{ ...over, known: {} }], [DISCORD], { now: at(61) }).outcomes).toMatchObject([
      { what: "hide", reason: "it is over, and the channel was not told that it began", known: "well" },
    ]);
  });

  it("never tells what was over before it ended", () => {
    expect(what(decide([changed("up", "down", -30), changed("down", "up", -10)], at(61)))).toEqual(["hide", "hide"]);
    expect(what(decide([changed("pending", "down", -30), changed("down", "up", -10)], at(61)))).toEqual(["hide", "hide"]);
    // It began before: people wait for its end.
    expect(what(decide([changed("up", "down", -90), changed("down", "up", -10)], at(61)))).toEqual(["send", "send"]);
    // It came back after the end: both are told, as one.
    expect(what(decide([changed("up", "down", -30), changed("down", "up", 61)], at(62)))).toEqual(["send", "send"]);
  });

  it("ends with the last of those that overlap", () => {
    const longer = { ...window, name: "Longer", all: true, once: { from: iso(at(-10)), to: iso(at(600)) } };
    expect(decide([changed("up", "down", -5)], at(0), [window, longer]).outcomes).toMatchObject([{ until: at(600) }]);
  });

  it("hides nothing but what it fell into, and holds nothing when it is over", () => {
    fc.assert(
      fc.property(situation, (given) => {
        const all = { ...window, all: true, once: { from: iso(NOW - 3_600_000), to: iso(NOW + 1_000) } };
        const during = decideMessages({ ...given, windows: [all] });
        expect(during.messages).toEqual([]);
        const before = { ...all, once: { from: iso(NOW - 7_200_000), to: iso(NOW - 3_600_000) } };
        expect(decideMessages({ ...given, windows: [before] })).toEqual(decideMessages(given));
      }),
    );
  });
});

describe("what was told has its end told, and what was not has not", () => {
  const SINCE = NOW / 1_000 - 600;
  const hours = { days: ["monday" as const], from: "00:00", to: "00:01", timeZone: "UTC", outside: "drop" as const };
  const over = (known: Target["known"], deliveries: Delivery[] = []): Target => {
    const began = { at: SINCE * 1_000, kind: "status", from: "up", to: "down", since: SINCE, previousSince: 0 } as const;
    const ended = { at: NOW, kind: "status", from: "down", to: "up", since: NOW / 1_000, previousSince: SINCE } as const;
    const held = deliveries.map((delivery, index) => ({ ...[began, ended][index], deliveries: { discord: delivery } })) as OwedAlert[];
    return targetOf(1, {
      state: { ...targetOf(1).state, status: "up" },
      known,
      owed: held.length > 0 ? held : [{ ...ended, deliveries: {} }],
    });
  };
  const outcomeOf = (target: Target, more: object = {}) => {
    const { outcomes } = decideFor([target], [{ ...DISCORD, ...more }]);
    return outcomes.map(({ what, heldBy }) => `${what}${heldBy === undefined ? "" : ` ${heldBy}`}`);
  };

  it("a channel's hours drop no end of what it was told: it waits, and what rings nobody does not", () => {
    expect(outcomeOf(over({ discord: "down" }), { hours })).toEqual(["hold hours"]);
    expect(outcomeOf(over({ discord: "down" }), { hours, takesAcknowledgements: true })).toEqual(["send"]);
    const shown = { ...over({ discord: "down" }), messages: { discord: { id: "1", since: SINCE } } };
    expect(outcomeOf(shown, { hours, living: "edit" })).toEqual(["send"]);
    expect(outcomeOf(shown, { hours, living: "both" })).toEqual(["hold hours"]);
    // What began outside of them was never told.
    expect(outcomeOf(over({}), { hours })).toEqual(["hide"]);
  });

  it("what was over within a window is not told when the window is ended early, moved or narrowed", () => {
    const waiting = { outcome: "waiting", attempts: 0, attemptedAt: NOW - 1, heldBy: "maintenance", error: "silenced" } as const;
    expect(outcomeOf(over({}, [waiting, waiting]))).toEqual(["hide", "hide"]);
    // What ended after the window is told.
    expect(outcomeOf(over({ discord: "down" }, [{ ...waiting, outcome: "sent" }, waiting]))).toEqual(["settled", "send"]);
  });

  it("who wants to hear of ends alone hears of each", () => {
    const match = { ...DISCORD.match, severities: ["recovered" as const] };
    const began = { at: NOW, kind: "status", from: "up", to: "down", since: NOW / 1_000, previousSince: 0, deliveries: {} } as const;
    const target = targetOf(1, { state: { ...targetOf(1).state, status: "down" }, owed: [began] });
    const [outcome] = decideFor([target], [{ ...DISCORD, match }]).outcomes;
    expect([outcome?.what, outcome?.known]).toEqual(["hide", "down"]);
    expect(outcomeOf(over({ discord: "down" }), { match })).toEqual(["send"]);
    // But of what began in maintenance, or behind something else, no more than anybody.
    const window = { id: "w", version: 1, createdAt: new Date(0).toISOString(), name: "W", kind: "maintenance" as const };
    const once = { from: new Date(NOW - 60_000).toISOString(), to: new Date(NOW + 60_000).toISOString() };
    const windows = [{ ...window, targets: [], tags: [], groups: [], all: true, timeZone: "UTC", once }];
    const [held] = decideFor([target], [{ ...DISCORD, match }], { windows }).outcomes;
    expect([held?.what, held?.heldBy, held?.known]).toEqual(["hold", "maintenance", undefined]);
    // With what began, it hears of the ends of that.
    const both = { ...match, severities: ["degraded" as const, "recovered" as const] };
    expect(decideFor([target], [{ ...DISCORD, match: both }]).outcomes[0]?.known).toBe("well");
  });
});

it("what trickles in within a round is a storm to the channel that has had as many, and to no other", () => {
  const target = (seq: number) => {
    const owed = { at: NOW, kind: "status", from: "up", to: "down", since: NOW / 1_000, previousSince: 0, deliveries: {} } as const;
    return targetOf(seq, { state: { ...targetOf(seq).state, status: "down" }, owed: [owed] });
  };
  const chat = { ...DISCORD, digestAbove: 4, maxAlertsPerMessage: 1 };
  const kinds = (count: number, before: number) =>
    decideFor(
      Array.from({ length: count }, (_, index) => target(index + 1)),
      [chat, { ...chat, id: "other" }],
      { toldBefore: new Map([["discord", before]]) },
    ).messages.map(({ channel, alerts }) => [channel, alerts.map(({ kind }) => kind).join()]);
  const single = (channel: string, count: number) => Array.from({ length: count }, () => [channel, "down"]);
  expect(kinds(3, 1)).toEqual([...single("discord", 3), ...single("other", 3)]);
  expect(kinds(3, 2)).toEqual([["discord", "digest"], ...single("other", 3)]);
  // One is no fewer messages as a digest.
  expect(kinds(1, 9)).toEqual([...single("discord", 1), ...single("other", 1)]);
});

describe("what a channel takes a target for decides what is news to it", () => {
  const MARK = NOW / 1_000;
  const change = (from: OwedAlert["from"], to: OwedAlert["to"], before: number, more: Partial<OwedAlert> = {}): OwedAlert => ({
    at: NOW - before * 1_000,
    kind: "status",
    from,
    to,
    since: MARK - before,
    previousSince: MARK - before - 60,
    deliveries: {},
    ...more,
  });
  const shop = (owed: OwedAlert[], more: Partial<Target> = {}, config: object = {}) => {
    const last = owed.filter(({ kind }) => kind === "status").at(-1);
    return {
      ...targetOf(1, { config: configOf({ name: "Shop", url: "http://example.com/", ...config }), owed }),
      state: { ...targetOf(1).state, status: last?.to ?? "down", since: last?.since ?? MARK - 300 },
      ...more,
    } as Target;
  };
  const held = (heldBy: "maintenance" | "dependency" | "flapping") => ({
    deliveries: { discord: { outcome: "waiting" as const, attempts: 0, attemptedAt: NOW, heldBy, error: "held" } },
  });

  it.each(["maintenance" as const, "dependency" as const])(
    "its end is told of what was told, paused, resumed, and down and up again behind %s",
    (heldBy) => {
      const target = shop([change("pending", "down", 60, held(heldBy)), change("down", "up", 30, held(heldBy))], {
        known: { discord: "down" },
      });
      expect(decideFor([target], [DISCORD]).messages[0]?.alerts).toMatchObject([{ kind: "recovered" }]);
    },
  );

  it.each(["maintenance" as const, "dependency" as const])("what %s hid and led back to what was told is said to be that", (heldBy) => {
    const target = shop([change("down", "up", 60, held(heldBy)), change("up", "down", 30, held(heldBy))], { known: { discord: "down" } });
    expect(decideFor([target], [DISCORD]).outcomes.map(({ what, reason }) => [what, reason])).toEqual(
      Array.from({ length: 2 }, () => ["hide", expect.stringContaining("it was as the channel was told")]),
    );
  });

  it("that it is only degraded is better news to who knows it as down, whatever came between", () => {
    const match = { ...DISCORD.match, severities: ["down" as const, "recovered" as const] };
    const target = shop([change("down", "up", 60, held("flapping")), change("up", "degraded", 30)], { known: { discord: "down" } });
    expect(decideFor([target], [{ ...DISCORD, match }]).messages[0]?.alerts).toMatchObject([{ kind: "recovered", to: "degraded" }]);
    // Who knows it as well hears of no bad news that it does not take.
    expect(decideFor([{ ...target, known: {} }], [{ ...DISCORD, match }]).outcomes.map(({ what }) => what)).toEqual(["hide", "hide"]);
  });

  it("who was told by an escalation alone hears of nothing that came before, of reminders after it, and of the end", () => {
    const boss = { ...DISCORD, id: "boss" };
    const away = { outcome: "waiting" as const, attempts: 3, attemptedAt: NOW };
    const began = change("up", "down", 120, { deliveries: { discord: away } });
    const of = { from: "down", to: "down", since: began.since, previousSince: began.since } as const;
    const reminder = (before: number) => change("down", "down", before, { ...of, kind: "reminder", deliveries: { discord: away } });
    const incident = { since: began.since, reminders: 2, escalated: 1, escalatedTo: { boss: NOW - 59_000 } };
    const target = (...owed: OwedAlert[]) => shop([began, ...owed], { known: { boss: "down" }, incident }, { channels: ["discord"] });
    const told = (...owed: OwedAlert[]) =>
      decideFor([target(...owed)], [DISCORD, boss]).messages.flatMap(({ channel, alerts }) =>
        channel === "boss" ? alerts.map(({ kind }) => kind) : [],
      );
    expect(told(reminder(60))).toEqual([]);
    expect(told(reminder(60), reminder(30))).toEqual(["reminder"]);
    expect(told(change("down", "up", 30))).toEqual(["recovered"]);
    // One that was told of an outage and is not for the target any more is told of no other one.
    const again = shop([change("up", "down", 30)], { known: { boss: "down" } }, { channels: ["discord"] });
    expect(decideFor([again], [DISCORD, boss]).outcomes.map(({ channel }) => channel)).toEqual(["discord"]);
    // But of what goes on from what it knows, all.
    const blip = shop(
      [change("down", "up", 60, held("flapping")), change("up", "down", 30)],
      { known: { boss: "down" } },
      { channels: [] },
    );
    expect(decideFor([blip], [boss]).outcomes).toHaveLength(2);
  });

  it("the message that lives on is the one that was sent, though it was up for a while that was told to nobody", () => {
    const living = { ...DISCORD, living: "edit" as const, maxAlertsPerMessage: 1 };
    const sent = { known: { discord: "down" as const }, messages: { discord: { id: "m", since: MARK - 9_000 } } };
    const changes = (target: Target) =>
      decideFor(
        [target, ...[2, 3].map((seq) => ({ ...shop([change("up", "down", 30)]), id: targetOf(seq).id, seq }))],
        [{ ...living, digestAbove: 1 }],
      ).messages.flatMap(({ alerts }) => alerts.map(({ kind }) => kind));
    // It is no part of the digest, since it changes its own message.
    expect(changes(shop([change("down", "up", 30)], sent))).toEqual(["digest", "recovered"]);
    // What begins anew rings.
    expect(changes(shop([change("pending", "down", 30)], sent))).toEqual(["digest"]);
    const taken = { ...change("down", "down", 20), kind: "acknowledged" as const, since: MARK - 60, previousSince: MARK - 60 };
    const incident = { since: MARK - 60, reminders: 0, escalated: 0, acknowledged: { at: MARK - 20, by: "me" } };
    const acknowledged = shop([taken], { ...sent, incident });
    const open = { ...acknowledged, state: { ...acknowledged.state, since: MARK - 60 } };
    expect(decideFor([open], [living]).messages[0]?.alerts).toMatchObject([{ kind: "acknowledged" }]);
  });

  it("a target is hidden behind another one where that is told, and told where nobody hears of the other", () => {
    const router = (config: object) => {
      const made = configOf({ name: "Router", url: "http://example.com/", ...config });
      const state = { ...targetOf(2).state, status: "down" as const, since: MARK - 60, recent: "d" };
      return { ...targetOf(2, { config: made }), state };
    };
    const child = shop([change("up", "down", 30)], {}, { dependsOn: [targetOf(2).id] });
    const decide = (ancestor: Target, channels: Situation["channels"] = [DISCORD, { ...DISCORD, id: "slack" }]) =>
      decideFor([child], channels, { ancestors: new Map([[ancestor.id, ancestor]]) }).outcomes.map(
        ({ channel, what }) => `${channel} ${what}`,
      );
    expect(decide(router({}))).toEqual(["discord hold", "slack hold"]);
    expect(decide(router({ channels: [] }))).toEqual(["discord send", "slack send"]);
    expect(decide(router({ channels: ["slack"] }))).toEqual(["discord send", "slack hold"]);
    expect(decide({ ...router({ channels: [] }), known: { slack: "down" } })).toEqual(["discord send", "slack hold"]);
    const degraded = { ...DISCORD, match: { ...DISCORD.match, severities: ["degraded" as const, "down" as const] } };
    expect(decide(router({}), [degraded])).toEqual(["discord hold"]);
  });

  it("a digest names the worst first, however many have recovered", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      ...shop([change("down", "up", 30)], { known: { discord: "down" } }, { name: `Up ${index}` }),
      id: targetOf(index + 2).id,
      seq: index + 2,
    }));
    const down = shop([change("up", "down", 30)], {}, { name: "Bad" });
    const [message] = decideFor([...many, down], [{ ...DISCORD, digestAbove: 10 }]).messages;
    expect(message?.alerts[0]?.digest).toMatchObject({
      worst: "down",
      kinds: [
        ["down", 1],
        ["recovered", 12],
      ],
      names: ["🔴 Bad", ...Array.from({ length: 9 }, (_, index) => `🟢 Up ${index}`)],
      more: 3,
    });
  });
});
