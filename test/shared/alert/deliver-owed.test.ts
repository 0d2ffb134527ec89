import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { listen } from "../../../local/stand-ins/listen.ts";
import { createWebhookSink, type SinkAnswer } from "../../../local/stand-ins/webhook-sink.ts";
import { takingAll } from "../../../shared/alert/channel-object.ts";
import { type DeliveryDeps, deliverOwed } from "../../../shared/alert/deliver-owed.ts";
import { createDynamoChannelHealth } from "../../../shared/alert/dynamo-channel-health.ts";
import { createDynamoChannelTurns } from "../../../shared/alert/dynamo-channel-turns.ts";
import { createDynamoMaintenance } from "../../../shared/alert/dynamo-maintenance.ts";
import { living } from "../../../shared/alert/living-message.ts";
import { parseMaintenance } from "../../../shared/alert/maintenance.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { createDynamoSpool } from "../../../shared/log/dynamo-spool.ts";
import type { Spool } from "../../../shared/log/spool.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { type Channel, createChannel } from "../../../shared/notify/channel.ts";
import type { Alert } from "../../../shared/notify/notifier.ts";
import type { Status } from "../../../shared/status/next-status.ts";
import { createDynamoTargetStore } from "../../../shared/targets/dynamo-target-store.ts";
import type { OwedAlert } from "../../../shared/targets/owed-alert.ts";
import type { Target } from "../../../shared/targets/target.ts";
import type { TargetStore } from "../../../shared/targets/target-store.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { configOf } from "../../support/checks.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { serveSmtp } from "../../support/mail-server.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
let engine: LogEngine;
let now: number;
let errors: string[];
let names = 0;

const clock: Clock = {
  now: () => now,
  sleep: async (ms) => {
    now += ms;
  },
};

beforeAll(async () => {
  [state, engine] = await Promise.all([startState(), startLog()]);
});
afterAll(async () => {
  await Promise.all([state.close(), engine.close()]);
});
beforeEach(() => {
  now = 1_795_400_000_000;
  errors = [];
});

/** With all of the store and the spool, so that tests can set the stage and look behind it. */
type TestDeps = DeliveryDeps & { readonly targets: TargetStore; readonly spool: Spool };

function depsWith(channels: readonly Channel[]): TestDeps {
  return {
    targets: createDynamoTargetStore(state.client, TABLE_NAME, clock),
    log: createDataApiLogWriter(engine.sql),
    spool: createDynamoSpool(state.client, TABLE_NAME),
    channels: channels.map(takingAll),
    roundSeconds: 30,
    channelHealth: createDynamoChannelHealth(state.client, TABLE_NAME, clock),
    turns: createDynamoChannelTurns(state.client, TABLE_NAME, clock),
    maintenance: createDynamoMaintenance(state.client, TABLE_NAME),
    guard: createAddressGuard(["127.0.0.0/8"]),
    clock,
    userAgent: "server-tracker/test",
    linkTo: () => undefined,
    acknowledgeAt: () => undefined,
    logger: { warn: () => undefined, error: (message) => errors.push(message) },
  };
}

/** A webhook channel and what it was told; `answer` is asked with the number of the request. */
async function channel(id: string, answer: (request: number) => SinkAnswer | undefined = () => undefined) {
  const messages: Alert[][] = [];
  let requests = 0;
  const server = createWebhookSink(({ body }) => {
    const given = answer(++requests);
    if (given === undefined || given.status < 300) messages.push((body as { alerts: Alert[] }).alerts);
    return given;
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { messages, requests: () => requests, channel: createChannel(id, "webhook", { url: await listen(server) }) };
}

async function target(deps: TestDeps, more: Record<string, unknown> = {}): Promise<Target> {
  return deps.targets.create(configOf({ name: `Target ${++names}`, url: "http://example.com/", ...more }));
}

/** Writes a change as check-shard does. @param seconds since the start */
async function change(
  deps: TestDeps,
  id: string,
  from: Status,
  to: Status,
  seconds: number,
  kind: OwedAlert["kind"] = "status",
): Promise<void> {
  const read = (await deps.targets.get(id))!;
  const mark = 1_795_400_000 + seconds;
  const alert: OwedAlert = { at: mark * 1_000, kind, from, to, since: mark, previousSince: read.state.since, deliveries: {} };
  const committed = await deps.targets.commitState(read, {
    state: { ...read.state, status: to, since: mark, round: mark },
    owed: [alert],
    certificateWarnings: {},
  });
  expect(committed).toBe(true);
}

const owedBy = async (deps: TestDeps, id: string) => (await deps.targets.get(id))?.owed ?? [];

async function ledger(seq: number) {
  return engine.sql.execute("select channel, outcome, attempts from delivery where target = :seq order by at, channel", { seq });
}

it("tells each channel once, settles the alert and keeps it in the ledger", async () => {
  const [first, second] = [await channel("first"), await channel("second")];
  const deps = depsWith([first.channel, second.channel]);
  const { id, seq } = await target(deps);
  await change(deps, id, "up", "down", 0);
  expect(await deliverOwed(deps, [id], 0)).toMatchObject({ sent: 2, waiting: 0, failed: 0 });
  expect(await deliverOwed(deps, [id], 30)).toMatchObject({ sent: 0 });
  expect([first.messages.length, second.messages.length]).toEqual([1, 1]);
  expect(first.messages[0]).toMatchObject([{ kind: "down", target: { id } }]);
  expect(await owedBy(deps, id)).toEqual([]);
  expect(await ledger(seq)).toEqual([
    { channel: "first", outcome: 2, attempts: 1 },
    { channel: "second", outcome: 2, attempts: 1 },
  ]);
  expect(await engine.sql.execute("select to_status from transition where target = :seq", { seq })).toEqual([{ to_status: 3 }]);
});

it("sends an alert once though many rounds conclude at once", async () => {
  const sink = await channel("c");
  const deps = depsWith([sink.channel]);
  const { id } = await target(deps);
  await change(deps, id, "up", "down", 0);
  await Promise.all(Array.from({ length: 6 }, (_, round) => deliverOwed(deps, [id], round)));
  expect(sink.messages).toHaveLength(1);
  expect(await owedBy(deps, id)).toEqual([]);
});

it("tells the alerts of a round in as few messages as the channel takes", async () => {
  const sink = await channel("c");
  const deps = depsWith([sink.channel]);
  const targets = await Promise.all(Array.from({ length: 60 }, () => target(deps)));
  for (const { id } of targets) await change(deps, id, "up", "down", 0);
  await deliverOwed(
    deps,
    targets.map(({ id }) => id),
    0,
  );
  expect(sink.messages.map((alerts) => alerts.length)).toEqual([50, 10]);
});

describe("a channel that is away", () => {
  it("leaves the alert owed, is asked again later, and holds up no other channel", async () => {
    const away = await channel("away", (request) => (request <= 2 ? { status: 502 } : undefined));
    const fine = await channel("fine");
    const deps = depsWith([away.channel, fine.channel]);
    const { id, seq } = await target(deps);
    await change(deps, id, "up", "down", 0);
    expect(await deliverOwed(deps, [id], 0)).toMatchObject({ sent: 1, waiting: 1 });
    expect(await ledger(seq)).toEqual([
      { channel: "away", outcome: 1, attempts: 1 },
      { channel: "fine", outcome: 2, attempts: 1 },
    ]);
    now += 5_000;
    await deliverOwed(deps, [id], 30);
    expect(away.requests()).toBe(1); // its time had not come
    now += 30_000;
    await deliverOwed(deps, [id], 60);
    now += 120_000;
    expect(await deliverOwed(deps, [id], 90)).toMatchObject({ sent: 1 });
    expect(away.messages).toHaveLength(1);
    expect(fine.messages).toHaveLength(1);
    expect(await owedBy(deps, id)).toEqual([]);
  });

  it("is told a down and its recovery in one message, with how long it lasted", async () => {
    let away = true;
    const sink = await channel("c", () => (away ? { status: 503 } : undefined));
    const deps = depsWith([sink.channel]);
    const { id } = await target(deps);
    await change(deps, id, "up", "down", 0);
    await deliverOwed(deps, [id], 0);
    await change(deps, id, "down", "up", 90);
    away = false;
    now += 3_600_000;
    await deliverOwed(deps, [id], 120);
    expect(sink.messages).toHaveLength(1);
    expect(sink.messages[0]).toMatchObject([{ kind: "recovered", lastedMs: 90_000, missed: [{ to: "down" }] }]);
    expect(await owedBy(deps, id)).toEqual([]);
  });

  it("is told the end of a long flapping and how much came before, and the ledger says which it was", async () => {
    let away = true;
    const sink = await channel("c", () => (away ? { status: 503 } : undefined));
    const deps = depsWith([sink.channel]);
    const { id, seq } = await target(deps);
    for (let flap = 0; flap < 12; flap++) {
      await change(deps, id, flap % 2 === 0 ? "up" : "down", flap % 2 === 0 ? "down" : "up", flap * 30);
      now += 3_600_000;
      await deliverOwed(deps, [id], flap * 30);
    }
    away = false;
    now += 3_600_000;
    await deliverOwed(deps, [id], 400);
    expect(sink.messages).toHaveLength(1);
    expect(sink.messages[0]?.[0]?.missed).toHaveLength(5);
    expect(sink.messages[0]?.[0]).toMatchObject({ olderMissed: 6 });
    const outcomes = (await ledger(seq)) as { outcome: number }[];
    expect([2, 4].map((code) => outcomes.filter(({ outcome }) => outcome === code).length)).toEqual([6, 6]);
    expect(await owedBy(deps, id)).toEqual([]);
    expect(await engine.sql.execute("select count(*)::integer as n from transition where target = :seq", { seq })).toEqual([{ n: 12 }]);
  });

  it("is asked once for all that wait, and told everything once it takes something", async () => {
    let away = true;
    const sink = await channel("c", () => (away ? { status: 503 } : undefined));
    const deps = depsWith([sink.channel]);
    const targets = await Promise.all(Array.from({ length: 30 }, () => target(deps)));
    const ids = targets.map(({ id }) => id);
    for (const id of ids) await change(deps, id, "up", "down", 0);
    // The first has failed four times, and waits for as many minutes; the others were first tried now.
    for (const tried of [ids.slice(0, 1), ids.slice(0, 1), ids.slice(0, 1), ids]) {
      now += 3_600_000;
      await deliverOwed(deps, tried, 0);
    }
    const asked = sink.requests();
    now += 1_000;
    expect(await deliverOwed(deps, ids, 30)).toMatchObject({ sent: 0 });
    expect(sink.requests()).toBe(asked);
    now += 20_000;
    await deliverOwed(deps, ids, 60);
    expect(sink.requests()).toBe(asked + 1);
    away = false;
    now += 45_000;
    expect(await deliverOwed(deps, ids, 120)).toMatchObject({ sent: 30, waiting: 0 });
    expect(sink.messages.flat()).toHaveLength(30);
  });

  it("is not asked again for each of a round's messages", async () => {
    const sink = await channel("c", () => ({ status: 500 }));
    const deps = depsWith([sink.channel]);
    const targets = await Promise.all(Array.from({ length: 120 }, () => target(deps)));
    for (const { id } of targets) await change(deps, id, "up", "down", 0);
    expect(
      await deliverOwed(
        deps,
        targets.map(({ id }) => id),
        0,
      ),
    ).toMatchObject({ waiting: 120 });
    expect(sink.requests()).toBe(1);
  });
});

it("says in the ledger what waited for a channel that is there no more, and waits for it no longer", async () => {
  const [away, there] = [await channel("away", () => ({ status: 503 })), await channel("there")];
  const deps = depsWith([away.channel, there.channel]);
  const { id, seq } = await target(deps);
  await change(deps, id, "up", "down", 0);
  await deliverOwed(deps, [id], 0);
  expect((await owedBy(deps, id)).map(({ deliveries }) => deliveries["away"]?.outcome)).toEqual(["waiting"]);
  const said = vi.spyOn(deps.logger, "warn");
  await deliverOwed({ ...deps, channels: [there.channel].map(takingAll) }, [id], 30);
  expect(await owedBy(deps, id)).toEqual([]);
  expect(said).toHaveBeenCalledWith(expect.stringContaining("a channel that was deleted"), { target: id, alerts: 1 });
  const rows = await engine.sql.execute("select channel, outcome, error from delivery where target = :seq order by channel", { seq });
  expect(rows).toEqual([
    {
      channel: "away",
      outcome: 3,
      error: expect.stringContaining("the channel was deleted, or is not for this target any more: webhook answered 503"),
    },
    { channel: "there", outcome: 2, error: null },
  ]);
  await deps.channelHealth.markHealthy("away");
});

it("says that once, while another channel goes on waiting, and nothing of a channel that had taken it", async () => {
  const [gone, taken, away] = [
    await channel("gone", () => ({ status: 503 })),
    await channel("taken"),
    await channel("away", () => ({ status: 503 })),
  ];
  const deps = depsWith([gone.channel, taken.channel, away.channel]);
  const { id } = await target(deps);
  await change(deps, id, "up", "down", 0);
  await deliverOwed(deps, [id], 0);
  const said = vi.spyOn(deps.logger, "warn");
  for (let round = 30; round <= 120; round += 30) await deliverOwed({ ...deps, channels: [away.channel].map(takingAll) }, [id], round);
  expect(said.mock.calls.filter(([message]) => message.includes("was deleted"))).toHaveLength(1);
  const [alert] = await owedBy(deps, id);
  expect(
    Object.entries(alert?.deliveries ?? {})
      .map(([name, { outcome }]) => [name, outcome])
      .sort(),
  ).toEqual([
    ["away", "waiting"],
    ["gone", "failed"],
    ["taken", "sent"],
  ]);
  for (const name of ["gone", "away"]) await deps.channelHealth.markHealthy(name);
});

describe("a channel that asks to wait", () => {
  it("a little is waited for, at once", async () => {
    const sink = await channel("c", (request) => (request === 1 ? { status: 429, body: { retry_after: 1.2 } } : undefined));
    const deps = depsWith([sink.channel]);
    const { id } = await target(deps);
    await change(deps, id, "up", "down", 0);
    const before = now;
    expect(await deliverOwed(deps, [id], 0)).toMatchObject({ sent: 1 });
    expect(now - before).toBe(1_200);
  });

  it("longer is asked again when it said, not before", async () => {
    const sink = await channel("c", (request) => (request === 1 ? { status: 429, body: { retry_after: 90 } } : undefined));
    const deps = depsWith([sink.channel]);
    const { id } = await target(deps);
    await change(deps, id, "up", "down", 0);
    expect(await deliverOwed(deps, [id], 0)).toMatchObject({ waiting: 1 });
    now += 89_000;
    await deliverOwed(deps, [id], 30);
    expect(sink.requests()).toBe(1);
    now += 2_000;
    expect(await deliverOwed(deps, [id], 60)).toMatchObject({ sent: 1 });
  });
});

describe("a channel that is gone", () => {
  it("fails loudly, once, and is known as unhealthy until it works again", async () => {
    let gone = true;
    const sink = await channel("c", () => (gone ? { status: 404 } : undefined));
    const deps = depsWith([sink.channel]);
    const { id, seq } = await target(deps);
    await change(deps, id, "up", "down", 0);
    expect(await deliverOwed(deps, [id], 0)).toMatchObject({ failed: 1 });
    expect(errors).toEqual(["alert could not be delivered and never will be: mend the channel"]);
    expect(await deps.channelHealth.unhealthy()).toEqual([{ channel: "c", unhealthySince: now, error: "webhook answered 404 Not Found" }]);
    expect(await ledger(seq)).toEqual([{ channel: "c", outcome: 3, attempts: 1 }]);
    await deliverOwed(deps, [id], 30);
    expect(sink.requests()).toBe(1);

    // Who was not told that it began is not told that it ended.
    gone = false;
    await change(deps, id, "down", "up", 60);
    expect(await deliverOwed(deps, [id], 60)).toMatchObject({ sent: 0 });
    await change(deps, id, "up", "down", 90);
    expect(await deliverOwed(deps, [id], 90)).toMatchObject({ sent: 1 });
    expect(await deps.channelHealth.unhealthy()).toEqual([]);
  });

  it("does not take the other alerts of a message with it", async () => {
    const sink = await channel("c", (request) => (request === 1 || request === 3 ? { status: 400 } : undefined));
    const deps = depsWith([sink.channel]);
    const targets = await Promise.all([target(deps), target(deps), target(deps)]);
    for (const { id } of targets) await change(deps, id, "up", "down", 0);
    expect(
      await deliverOwed(
        deps,
        targets.map(({ id }) => id),
        0,
      ),
    ).toMatchObject({ sent: 2, failed: 1 });
  });
});

it("is told once to those who take it, and is as told as it can be, though a server refuses some of them", async () => {
  const mails: string[] = [];
  const port = await serveSmtp((mail) => void mails.push(mail), ["gone@example.org"]);
  const settings = { smtpUrl: `smtp://127.0.0.1:${port}`, from: "monitor@example.org", to: ["ops@example.org", "gone@example.org"] };
  const deps = depsWith([createChannel("mail", "email", settings)]);
  const targets = await Promise.all([target(deps), target(deps), target(deps)]);
  const ids = targets.map(({ id }) => id);
  for (const id of ids) await change(deps, id, "up", "down", 0);
  expect(await deliverOwed(deps, ids, 0)).toMatchObject({ sent: 3, failed: 0 });
  expect(mails).toHaveLength(1);
  const refused = "SMTP server took the e-mail, but not for gone@example.org";
  expect(await deps.channelHealth.unhealthy()).toMatchObject([{ channel: "mail", error: refused }]);
  const rows = await engine.sql.execute("select outcome, error from delivery where target = :seq", { seq: targets[0]?.seq ?? 0 });
  expect(rows).toEqual([{ outcome: 2, error: refused }]);
  // Who heard of the beginning hears of the end.
  for (const id of ids) await change(deps, id, "down", "up", 60);
  expect(await deliverOwed(deps, ids, 60)).toMatchObject({ sent: 3, failed: 0 });
  expect(mails).toHaveLength(2);
  expect(await owedBy(deps, ids[0] ?? "")).toEqual([]);
});

it("says of what was held back more than once what held it first, and last", async () => {
  const sink = await channel("c");
  const deps = depsWith([sink.channel]);
  const store = createDynamoMaintenance(state.client, TABLE_NAME);
  const { id, seq } = await target(deps);
  const once = (minutes: number) => ({ from: new Date(now - 60_000).toISOString(), to: new Date(now + minutes * 60_000).toISOString() });
  const windowOf = (name: string, minutes: number) => ({
    id: "00000000-0000-4000-8000-0000000000b1",
    version: 1,
    createdAt: new Date(now - 60_000).toISOString(),
    ...parseMaintenance({ name, targets: [id], once: once(minutes) }),
  });
  await store.put(windowOf("Disks", 2));
  await change(deps, id, "up", "down", 0);
  await deliverOwed(deps, [id], 0);
  await store.remove("00000000-0000-4000-8000-0000000000b1");
  for (const name of ["Network", "Cables"]) {
    await store.put(windowOf(name, 2));
    now += 150_000;
    await store.remove("00000000-0000-4000-8000-0000000000b1");
    await store.put(windowOf(name, 2));
    await deliverOwed(deps, [id], 30);
    await store.remove("00000000-0000-4000-8000-0000000000b1");
  }
  now += 150_000;
  await deliverOwed(deps, [id], 300);
  expect(sink.messages).toHaveLength(1);
  const [row] = await engine.sql.execute("select outcome, error from delivery where target = :seq", { seq });
  expect(row).toMatchObject({
    outcome: 2,
    error: expect.stringMatching(/^maintenance "Disks" until .*; then: maintenance "Cables" until \S+$/),
  });
});

it("of a message that lives on there is one of an incident, though its channel was away until a reminder was due, too", async () => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url?.replace(/\?.*/, "")}`);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id: String(calls.length) }));
  });
  onTestFinished(() => void server.close());
  const discord = createChannel("d", "discord", { webhookUrl: `${await listen(server)}/hook` });
  const deps = { ...depsWith([]), channels: [{ ...takingAll(living(discord, "edit")), living: "edit" as const }] };
  const { id } = await target(deps);
  await change(deps, id, "up", "down", 0);
  await change(deps, id, "down", "down", 60, "reminder");
  expect(await deliverOwed(deps, [id], 60)).toMatchObject({ sent: 2 });
  await change(deps, id, "down", "up", 90);
  expect(await deliverOwed(deps, [id], 90)).toMatchObject({ sent: 1 });
  expect(calls).toEqual(["POST /hook", "PATCH /hook/messages/1", "PATCH /hook/messages/1"]);
});

it("tells only the channels a target names, and fails what names no channel", async () => {
  const [mine, other] = [await channel("mine"), await channel("other")];
  const deps = depsWith([mine.channel, other.channel]);
  const { id, seq } = await target(deps, { channels: ["mine", "removed"] });
  await change(deps, id, "up", "down", 0);
  expect(await deliverOwed(deps, [id], 0)).toMatchObject({ sent: 1, failed: 1 });
  expect(other.messages).toEqual([]);
  expect(await ledger(seq)).toEqual([
    { channel: "mine", outcome: 2, attempts: 1 },
    { channel: "removed", outcome: 3, attempts: 1 },
  ]);
});

it("records what nobody is told of, such as a healthy first check", async () => {
  const sink = await channel("c");
  const deps = depsWith([sink.channel]);
  const { id, seq } = await target(deps);
  await change(deps, id, "pending", "up", 0);
  await change(deps, id, "up", "paused", 30);
  expect(await deliverOwed(deps, [id], 0)).toMatchObject({ sent: 0 });
  expect(sink.requests()).toBe(0);
  expect(await owedBy(deps, id)).toEqual([]);
  expect(await engine.sql.execute("select to_status from transition where target = :seq order by at", { seq })).toEqual([
    { to_status: 1 },
    { to_status: 5 },
  ]);
});

it("warns of a certificate beside a change of status", async () => {
  const sink = await channel("c");
  const deps = depsWith([sink.channel]);
  const { id } = await target(deps);
  await change(deps, id, "up", "down", 0);
  await change(deps, id, "down", "down", 30, "certificate");
  await deliverOwed(deps, [id], 0);
  expect(
    sink.messages
      .flat()
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(["certificate", "down"]);
});

it("brings into the ledger what a crash left on the item alone", async () => {
  const [fine, away] = [await channel("fine"), await channel("away", () => ({ status: 503 }))];
  const deps = depsWith([fine.channel, away.channel]);
  const { id, seq } = await target(deps);
  await change(deps, id, "up", "down", 0);
  const die = async () => {
    throw new Error("killed");
  };
  const dying = { ...deps, log: { write: die }, spool: { ...deps.spool, put: die } };
  await expect(deliverOwed(dying, [id], 0)).rejects.toThrow("killed");
  // Both channels answer before it dies.
  await vi.waitFor(async () => expect(Object.keys((await owedBy(deps, id))[0]?.deliveries ?? {})).toHaveLength(2));
  expect(await ledger(seq)).toEqual([]);
  now += 61_000;
  await deliverOwed(deps, [id], 60);
  expect(await ledger(seq)).toMatchObject([{ channel: "away" }, { channel: "fine", outcome: 2, attempts: 1 }]);
  expect(fine.messages).toHaveLength(1);
});

it("goes on while the log is away, and the ledger is whole when it is back", async () => {
  const sink = await channel("c");
  const deps = depsWith([sink.channel]);
  const { id, seq } = await target(deps);
  await change(deps, id, "up", "down", 0);
  const comeBack = await engine.goAway();
  expect(await deliverOwed(deps, [id], 0)).toMatchObject({ sent: 1, spooled: 2 });
  expect(await owedBy(deps, id)).toEqual([]);
  await comeBack();
  const { drainSpool } = await import("../../../shared/log/drain-spool.ts");
  expect((await drainSpool(deps, 5_000)).drained).toBe(2);
  expect(await ledger(seq)).toEqual([{ channel: "c", outcome: 2, attempts: 1 }]);
});

it("holds an alert back in maintenance with its reason in the ledger, tells it at the end, and looks again when the window is taken back", async () => {
  const sink = await channel("held");
  const deps = depsWith([sink.channel]);
  const store = createDynamoMaintenance(state.client, TABLE_NAME);
  const [lasting, shortened] = [await target(deps), await target(deps)];
  const from = new Date(now - 60_000).toISOString();
  const windowOf = (id: string, targetId: string, minutes: number) => ({
    id,
    version: 1,
    createdAt: from,
    ...parseMaintenance({ name: `Window ${id}`, targets: [targetId], once: { from, to: new Date(now + minutes * 60_000).toISOString() } }),
  });
  await store.put(windowOf("00000000-0000-4000-8000-0000000000a1", lasting.id, 4));
  await store.put(windowOf("00000000-0000-4000-8000-0000000000a2", shortened.id, 600));
  for (const { id } of [lasting, shortened]) await change(deps, id, "up", "down", 0);
  const ids = [lasting.id, shortened.id];
  // No channel is at fault: the alarm of alerts that none takes stays quiet.
  expect(await deliverOwed(deps, ids, 0)).toMatchObject({ sent: 0, waiting: 0, failed: 0 });
  const [row] = await engine.sql.execute("select error, attempts, outcome from delivery where target = :seq", { seq: lasting.seq });
  expect(row).toMatchObject({ outcome: 1, error: expect.stringMatching(/^maintenance "Window .*a1" until /), attempts: 0 });
  // Until then nobody looks at it again, and no channel is called unhealthy.
  expect(await deliverOwed(deps, ids, 30)).toMatchObject({ sent: 0, waiting: 0 });
  expect((await deps.channelHealth.unhealthy()).map(({ channel: id }) => id)).not.toContain("held");

  await store.remove("00000000-0000-4000-8000-0000000000a2");
  now += 5 * 60_000 + 1;
  expect(await deliverOwed(deps, ids, 330)).toMatchObject({ sent: 2 });
  expect(sink.messages.flat().map(({ kind }) => kind)).toEqual(["down", "down"]);
  await store.remove("00000000-0000-4000-8000-0000000000a1");
});

it("hides what was over before its maintenance ended, and goes on without windows that cannot be read", async () => {
  const sink = await channel("hidden");
  const deps = depsWith([sink.channel]);
  const store = createDynamoMaintenance(state.client, TABLE_NAME);
  const { id, seq } = await target(deps);
  const window = parseMaintenance({
    name: "Night",
    all: true,
    once: { from: new Date(now - 60_000).toISOString(), to: new Date(now + 120_000).toISOString() },
  });
  await store.put({ id: "00000000-0000-4000-8000-0000000000a3", version: 1, createdAt: "", ...window });
  await change(deps, id, "up", "down", 0);
  await change(deps, id, "down", "up", 60);
  now += 180_000;
  expect(await deliverOwed(deps, [id], 180)).toMatchObject({ sent: 0, waiting: 0, failed: 0 });
  expect(await owedBy(deps, id)).toEqual([]);
  expect((await ledger(seq)).map((row) => (row as { outcome: number }).outcome)).toEqual([5, 5]);
  await store.remove("00000000-0000-4000-8000-0000000000a3");

  await change(deps, id, "up", "down", 180);
  const broken = { ...deps, maintenance: { list: () => Promise.reject(new Error("throttled")) } };
  expect(await deliverOwed(broken, [id], 210)).toMatchObject({ sent: 1 });
  expect(errors).toEqual(["maintenance windows could not be read: alerts are told as if there were none"]);
});
