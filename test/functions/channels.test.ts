import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";
import { createWebhookSink, type ReceivedMessage, type SinkAnswer } from "../../local/stand-ins/webhook-sink.ts";
import { createDynamoChannels } from "../../shared/alert/dynamo-channels.ts";
import { createFieldCipher } from "../../shared/targets/field-cipher.ts";
import { API_KEY, type Monitor, marksFromNow, startMonitor, startSite } from "../support/monitor.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;
let sinkUrl: string;
let received: ReceivedMessage[] = [];
let answer: SinkAnswer | undefined;
let names = 0;
const mark = marksFromNow();

beforeAll(async () => {
  monitor = await startMonitor();
  const sink = createWebhookSink((message) => {
    received.push(message);
    return answer;
  });
  sinkUrl = await listen(sink);
});
afterAll(() => monitor.close());
afterEach(async () => {
  for (const { id, source } of await channels()) if (source === "api") await monitor.api("DELETE", `/channels/${id}`);
  received = [];
  answer = undefined;
});

interface Shown {
  readonly id: string;
  readonly source: string;
  readonly version: number;
  readonly [field: string]: unknown;
}

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  monitor.request(method, path, {
    headers: { "x-api-key": API_KEY, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const channels = async () => ((await monitor.api("GET", "/channels")) as { items: Shown[] }).items;
const webhook = (more: Record<string, unknown> = {}) => ({
  name: `Channel ${++names}`,
  type: "webhook",
  settings: { url: `${sinkUrl}/hook`, secret: "a secret of sixteen" },
  ...more,
});
const make = async (more: Record<string, unknown> = {}) => (await monitor.api("POST", "/channels", webhook(more))) as Shown;
/** Ids of the targets that the sink was told of. */
const told = (path: string) =>
  received
    .filter((message) => message.path === path)
    .flatMap(({ body }) =>
      (body as { alerts: { kind: string; target: { name: string } }[] }).alerts.map(({ kind, target }) => `${target.name} ${kind}`),
    );

describe("making a channel", () => {
  it("takes a name, a type and its settings, and shows none that is secret", async () => {
    const { status, json, headers } = await send("POST", "/channels", webhook({ name: "On call (EU)" }));
    expect(status).toBe(201);
    expect(headers.get("etag")).toBe('"1"');
    expect(json).toMatchObject({
      id: "on-call-eu",
      name: "On call (EU)",
      type: "webhook",
      settings: { url: "***", secret: "***" },
      secretsDigest: { url: expect.any(String), secret: expect.any(String) },
      paused: false,
      digestAbove: 10,
    });
    const listed = await channels();
    expect(listed.map(({ id, source, healthy }) => [id, source, healthy])).toEqual([
      ["discord", "settings", true],
      ["on-call-eu", "api", true],
    ]);
    expect(JSON.stringify(listed)).not.toContain(sinkUrl);
  });

  it("is for targets that are there, at an address that may be called, of a kind that is named", async () => {
    const unknown = "00000000-0000-4000-8000-00000000dead";
    const make = (fields: object) =>
      monitor.request("POST", "/channels", {
        headers: { "x-api-key": API_KEY, "content-type": "application/json" },
        body: JSON.stringify({ name: `Odd ${Math.random()}`, type: "webhook", settings: { url: "https://hook.example/" }, ...fields }),
      });
    const errorsOf = async (fields: object) => {
      const { status, json } = await make(fields);
      return [
        status,
        ...(json as { errors: { field: string; message: string }[] }).errors.map(({ field, message }) => `${field} ${message}`),
      ];
    };
    expect(await errorsOf({ match: { targets: [unknown] } })).toEqual([400, `match.targets.0 there is no target ${unknown}`]);
    expect(await errorsOf({ settings: { url: "http://169.254.169.254/latest" } })).toEqual([
      400,
      expect.stringMatching(/^settings\.url 169\.254\.169\.254 is a link-local address/),
    ]);
    // A rule that came later refuses no change of something else.
    const { id } = (await make({})).json as { id: string };
    const store = createDynamoChannels(monitor.state.client, TABLE_NAME);
    const made = (await store.list()).find((each) => each.id === id);
    if (made === undefined) throw new Error("it is not stored");
    const url = createFieldCipher(process.env["FIELD_KEY"] ?? "").encrypt("http://169.254.169.254/old");
    expect(await store.replace({ ...made, version: made.version + 1, settings: { ...made.settings, url } })).toBe(true);
    expect(await monitor.api("PATCH", `/channels/${id}`, { paused: true })).toMatchObject({ paused: true });
    await expect(monitor.api("PATCH", `/channels/${id}`, { settings: { url: "http://169.254.169.253/" } })).rejects.toThrow(
      /settings\.url/,
    );
    expect(await errorsOf({ type: "pager" })).toEqual([400, expect.stringMatching(/^type must be one of .*discord, .*webhook/)]);
  });

  it("stores its secrets encrypted", async () => {
    await make({ settings: { url: `${sinkUrl}/very-secret-path` } });
    const { Items: items } = await monitor.state.client.send(new ScanCommand({ TableName: TABLE_NAME }));
    expect(JSON.stringify(items)).toContain("channel-config");
    expect(JSON.stringify(items)).not.toContain("very-secret-path");
  });

  it.each([
    ["no settings", { settings: {} }, "settings.url"],
    ["another type's settings", { type: "telegram" }, "settings.botToken"],
    ["a type that is not there", { type: "pigeon" }, "type"],
    ["a field that is not there", { colour: "red" }, "colour"],
    ["a masked value", { settings: { url: "***" } }, "settings.url"],
    ["hours without days", { hours: { days: [], from: "08:00", to: "18:00" } }, "hours.days"],
    ["a severity that is not there", { match: { severities: ["loud"] } }, "match.severities.0"],
    ["an id of the settings", { id: "discord" }, "id"],
  ])("refuses %s, and names the field", async (_, wrong, field) => {
    const { status, json } = await send("POST", "/channels", webhook(wrong));
    expect(status).toBe(400);
    expect((json as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field);
  });

  it("gives each an id of its own, and takes no name twice", async () => {
    const first = await make({ name: "Discord" });
    expect(first.id).toBe("discord-2");
    expect(await send("POST", "/channels", webhook({ name: "DISCORD" }))).toMatchObject({
      status: 409,
      json: { errors: [{ field: "name" }] },
    });
    expect((await send("POST", "/channels", webhook({ id: "discord-2" }))).status).toBe(409);
    expect((await make({ name: "Discord!" })).id).toBe("discord-3");
    expect((await make({ name: "日本" })).id).toBe("channel");
    // Nor do several at the same time; what is given back is free.
    const raced = (at: number) => send("POST", "/channels", webhook({ id: `race-${at}`, name: "Race" }));
    const answers = await Promise.all([1, 2, 3].map(raced));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const won = answers.find(({ status }) => status === 201)?.json as { id: string };
    await monitor.api("PATCH", `/channels/${won.id}`, { name: "Raced" });
    const again = (await make({ name: "race" })).id;
    expect((await send("PATCH", `/channels/${again}`, { name: "RACED" })).status).toBe(409);
    await monitor.api("DELETE", `/channels/${again}`);
    expect((await make({ name: "Race" })).id).toBe("race");
  });
});

describe("changing a channel", () => {
  it("leaves what is masked, and what is not named", async () => {
    const { id } = await make({ match: { anyTag: ["prod"] } });
    const shown = (await channels()).find((channel) => channel.id === id);
    const { json } = await send("PATCH", `/channels/${id}`, { ...shown, paused: true });
    expect(json).toMatchObject({ paused: true, version: 2, match: { anyTag: ["prod"] }, settings: { url: "***" } });
    await monitor.api("PATCH", `/channels/${id}`, { paused: false });
    expect(await monitor.api("POST", `/channels/${id}/test`)).toEqual({ delivered: true, error: null, permanent: false });
    expect(received[0]?.path).toBe("/hook");
  });

  it("leaves what a patch of match, hours and settings does not name", async () => {
    const hours = { days: ["monday"], from: "08:00", to: "18:00", timeZone: "Europe/Berlin", outside: "drop" };
    const { id } = await make({ match: { anyTag: ["prod"], severities: ["down"] }, hours });
    const changed = await monitor.api("PATCH", `/channels/${id}`, {
      match: { groups: ["Shop"] },
      hours: { to: "20:00" },
      settings: { method: "PUT" },
    });
    expect(changed).toMatchObject({
      match: { anyTag: ["prod"], severities: ["down"], groups: ["Shop"] },
      hours: { ...hours, to: "20:00" },
      settings: { url: "***", secret: "***", method: "PUT" },
    });
    expect(await monitor.api("POST", `/channels/${id}/test`)).toMatchObject({ delivered: true });
  });

  it("takes another service with settings of its own, and mends one whose key is gone", async () => {
    const { id } = await make();
    const ntfy = { type: "ntfy", settings: { server: sinkUrl, topic: "on-call" } };
    expect(await monitor.api("PATCH", `/channels/${id}`, ntfy)).toMatchObject({ type: "ntfy", settings: { topic: "***" } });
    const store = createDynamoChannels(monitor.state.client, TABLE_NAME);
    const [stored] = (await store.list()).filter((channel) => channel.id === id);
    if (stored === undefined) throw new Error("it is not stored");
    const topic = createFieldCipher("another key than the one there is, long enough").encrypt("lost");
    await store.replace({ ...stored, version: stored.version + 1, settings: { ...stored.settings, topic } });
    expect((await channels()).find((channel) => channel.id === id)).toMatchObject({
      healthy: false,
      error: expect.stringContaining("send them again"),
    });
    expect((await send("PATCH", `/channels/${id}`, { paused: true })).status).toBe(400);
    expect((await send("PATCH", `/channels/${id}`, { settings: { topic: "again" } })).status).toBe(200);
    expect(await monitor.api("POST", `/channels/${id}/test`)).toMatchObject({ delivered: true });
  });

  it("guards against lost updates, and removes what is null", async () => {
    const { id } = await make({ hours: { days: ["monday"], from: "08:00", to: "18:00" } });
    expect((await send("PATCH", `/channels/${id}`, { paused: true }, { "if-match": '"7"' })).status).toBe(412);
    expect((await send("PATCH", `/channels/${id}`, { hours: null }, { "if-match": '"1"' })).json).not.toHaveProperty("hours");
  });

  it("sends a kept secret to no other address", async () => {
    const { id } = (await monitor.api("POST", "/channels", {
      name: "Gotify",
      type: "gotify",
      settings: { server: sinkUrl, appToken: "top-secret-token" },
    })) as Shown;
    const moved = { settings: { server: "http://127.0.0.1:9/", appToken: "***" } };
    const { status, json } = await send("PATCH", `/channels/${id}`, moved);
    expect([status, json]).toMatchObject([400, { errors: [{ field: "settings.appToken" }] }]);
    expect((await send("PATCH", `/channels/${id}`, { settings: { server: sinkUrl, appToken: "***" } })).status).toBe(200);
  });

  it("is not for those of the settings, nor for those that are not there", async () => {
    expect((await send("PATCH", "/channels/discord", { paused: true })).status).toBe(409);
    expect((await send("DELETE", "/channels/discord")).status).toBe(409);
    expect((await send("DELETE", "/channels/nowhere")).status).toBe(404);
    expect((await send("POST", "/channels/nowhere/test")).status).toBe(404);
  });

  it("is in the audit, without secrets", async () => {
    const { id } = await make();
    await monitor.api("PATCH", `/channels/${id}`, { paused: true });
    const { items } = (await monitor.api("GET", "/audit")) as { items: { action: string; what: string }[] };
    expect(items.slice(0, 2).map(({ action, what }) => [action, what])).toEqual([
      ["updateChannel", `channel:${id}`],
      ["createChannel", `channel:${id}`],
    ]);
    expect(JSON.stringify(items.slice(0, 2))).not.toContain(sinkUrl);
  });
});

describe("a webhook of one's own form", () => {
  const custom = (more: Record<string, unknown>) => ({
    name: `Custom ${++names}`,
    type: "webhook",
    settings: {
      url: `${sinkUrl}/custom`,
      headers: { "X-Token": "top-secret-token" },
      template: '{"msg": "{{title}}: {{reason}}", "who": "{{name}}"}',
      ...more,
    },
  });

  it("is sent an alert a request, its values as what they are, and hides its headers", async () => {
    const site = await startSite();
    const shown = (await monitor.api("POST", "/channels", custom({ method: "PUT" }))) as Shown;
    expect(shown).toMatchObject({ settings: { headers: { "X-Token": "***" }, template: expect.stringContaining("{{title}}") } });
    expect(shown).toMatchObject({ secretsDigest: { "headers.X-Token": expect.any(String) } });
    const hostile = ['Quote " and {{text}}', "Back\\slash"];
    const targets = (await Promise.all(
      hostile.map((name) => monitor.api("POST", "/targets", { name, url: site.url, retries: 0, channels: [shown.id] })),
    )) as { id: string }[];
    await monitor.round(mark());
    site.answerWith(500);
    await monitor.round(mark());
    const bodies = received.filter(({ path }) => path === "/custom").map(({ body }) => body as { who: string; msg: string });
    expect(bodies.map(({ who }) => who).sort()).toEqual([...hostile].sort());
    expect(bodies[0]?.msg).toContain("500 Internal Server Error");
    expect(received.find(({ path }) => path === "/custom")?.headers["x-token"]).toBe("top-secret-token");
    for (const { id } of targets) await monitor.api("DELETE", `/targets/${id}`);
  });

  it("keeps a hidden header where it leads to the same address, and asks for it again elsewhere", async () => {
    const { id } = (await monitor.api("POST", "/channels", custom({}))) as Shown;
    const settings = (url: string) => ({ settings: { url, headers: { "X-Token": "***" } } });
    expect((await send("PATCH", `/channels/${id}`, settings("***"))).status).toBe(200);
    const { status, json } = await send("PATCH", `/channels/${id}`, settings("http://127.0.0.1:9/"));
    expect([status, json]).toMatchObject([
      400,
      { errors: [{ field: "settings.headers", message: expect.stringContaining("another address") }] },
    ]);
  });

  it.each([
    ["that makes no JSON", { template: '{"a": {{title}}}' }, "settings.template"],
    ["that is not closed", { template: '{"a": "{{#tags}}"}' }, "settings.template"],
    ["with partials", { template: '{"a": "{{> x}}"}' }, "settings.template"],
    ["with a header of two lines", { headers: { "x-a": "b\r\nc: d" } }, "settings.headers.x-a"],
  ])("refuses a template or header %s", async (_, more, field) => {
    const { status, json } = await send("POST", "/channels", custom(more));
    expect([status, (json as { errors: { field: string }[] }).errors.map((error) => error.field)]).toEqual([400, [field]]);
  });

  it("takes a form, too", async () => {
    const form = { headers: { "content-type": "application/x-www-form-urlencoded" }, template: "msg={{{title}}}&level={{kind}}" };
    expect((await send("POST", "/channels", custom(form))).status).toBe(201);
  });
});

describe("trying a channel", () => {
  it("answers what the service said, and remembers it", async () => {
    const { id } = await make();
    answer = { status: 404 };
    expect(await monitor.api("POST", `/channels/${id}/test`)).toMatchObject({
      delivered: false,
      permanent: true,
      error: expect.stringContaining("404"),
    });
    expect((await channels()).find((channel) => channel.id === id)).toMatchObject({
      healthy: false,
      error: expect.stringContaining("404"),
    });
    answer = undefined;
    expect(await monitor.api("POST", `/channels/${id}/test`)).toMatchObject({ delivered: true });
    expect((await channels()).find((channel) => channel.id === id)).toMatchObject({ healthy: true, error: null });
    expect(received.at(-1)?.body).toMatchObject({ alerts: [{ kind: "test" }] });
  });

  it("works for those of the settings", async () => {
    const before = monitor.discord.length;
    expect(await monitor.api("POST", "/channels/discord/test")).toMatchObject({ delivered: true });
    expect(JSON.stringify(monitor.discord.slice(before))).toContain("nothing is wrong");
  });
});

describe("what a channel gets", () => {
  it("is what it is for, from the next round on; a target may name it", async () => {
    const site = await startSite();
    await make({ name: "Prod", settings: { url: `${sinkUrl}/prod` }, match: { anyTag: ["prod"] } });
    const down = await make({ name: "Down only", settings: { url: `${sinkUrl}/down` }, match: { severities: ["down"] } });
    const named = await make({ name: "Named", settings: { url: `${sinkUrl}/named` }, match: { anyTag: ["nothing has it"] } });
    await make({ name: "Silent", settings: { url: `${sinkUrl}/paused` }, paused: true });
    const target = { url: site.url, retries: 0 };
    const targets = (await Promise.all([
      monitor.api("POST", "/targets", { ...target, name: "A", tags: ["prod"] }),
      monitor.api("POST", "/targets", { ...target, name: "B", channels: [named.id] }),
    ])) as { id: string }[];
    expect((await send("POST", "/targets", { ...target, name: "C", channels: ["nowhere"] })).status).toBe(400);
    await monitor.round(mark());
    site.answerWith(500);
    await monitor.round(mark());
    site.answerWith(200);
    await monitor.round(mark());
    expect(told("/prod")).toEqual(["A down", "A recovered"]);
    expect(told("/down")).toEqual(["A down"]);
    expect(told("/named")).toEqual(["B down", "B recovered"]);
    expect(told("/paused")).toEqual([]);
    const { items } = (await monitor.api("GET", `/targets/${targets[0]?.id}/alerts`)) as {
      items: { to: string; deliveries: { channel: string; outcome: string; error: string | null }[] }[];
    };
    const onDown = items.flatMap(({ to, deliveries }) =>
      deliveries.filter(({ channel }) => channel === down.id).map((delivery) => [to, delivery]),
    );
    expect(onDown).toMatchObject([
      ["up", { outcome: "hidden", error: "the channel takes no alerts of severity recovered" }],
      ["down", { outcome: "sent" }],
    ]);
    expect((await channels()).find(({ name }) => name === "Prod")).toMatchObject({ sent: 2, failed: 0, lastSentAt: expect.any(String) });
    expect((await channels()).find(({ id }) => id === down.id)?.["lastDeliveries"]).toMatchObject([
      { target: { name: "A" }, kind: "status", to: "up", outcome: "hidden", error: "the channel takes no alerts of severity recovered" },
      { target: { name: "A" }, kind: "status", to: "down", outcome: "sent", error: null },
    ]);
    for (const { id } of targets) await monitor.api("DELETE", `/targets/${id}`);
  });

  it("of a storm is one message that counts it", async () => {
    const site = await startSite();
    const slack = { name: "Chat", type: "slack", settings: { webhookUrl: `${sinkUrl}/slack` }, digestAbove: 3 };
    const { id: chat } = (await monitor.api("POST", "/channels", slack)) as Shown;
    const targets = (await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        monitor.api("POST", "/targets", { name: `Storm ${index}`, url: site.url, retries: 0, group: "Shop", channels: [chat] }),
      ),
    )) as { id: string }[];
    await monitor.round(mark());
    site.answerWith(503);
    await monitor.round(mark());
    site.answerWith(200);
    await monitor.round(mark());
    const texts = received.filter(({ path }) => path === "/slack").map(({ body }) => JSON.stringify(body));
    expect(texts).toHaveLength(2);
    for (const part of ["5 down", "503 Service Unavailable (5)", "Shop (5)", "127.0.0.1 (5)", "Storm 4"]) expect(texts[0]).toContain(part);
    expect(texts[1]).toContain("5 recovered");
    const { items } = (await monitor.api("GET", `/targets/${targets[3]?.id}/alerts`)) as {
      items: { to: string; deliveries: { outcome: string }[] }[];
    };
    expect(items.filter(({ deliveries }) => deliveries.length > 0).map(({ to, deliveries }) => [to, deliveries[0]?.outcome])).toEqual([
      ["up", "sent"],
      ["down", "sent"],
    ]);
    for (const { id } of targets) await monitor.api("DELETE", `/targets/${id}`);
  });
});
