import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";
import { type Monitor, marksFromNow, startMonitor, startSite } from "../support/monitor.ts";

/** A chat as Discord's webhooks and the bots of Telegram and Slack make it: messages that are there, change, and go. */
const chat = {
  messages: new Map<string, string>(),
  calls: [] as string[],
  limited: 0,
  /** Times that new messages alone are asked to wait. */
  limitedSends: 0,
};
const chatServer = createServer(async (request, response) => {
  const body = await text(request);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://chat");
  const answer = (status: number, json: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  const isSend = pathname === "/discord" || /send|post/i.test(pathname);
  if (chat.limited-- > 0 || (isSend && chat.limitedSends-- > 0)) return answer(429, { retry_after: 0.3 });
  const write = (id: string, what: string) => {
    chat.messages.set(id, body);
    chat.calls.push(`${what} ${id}`);
    return id;
  };
  const next = () => String(100 + chat.calls.length);
  const edited = /^\/discord\/messages\/(.+)$/.exec(pathname)?.[1];
  if (request.method === "PATCH" && edited !== undefined)
    return chat.messages.has(edited)
      ? answer(200, { id: write(edited, "edit") })
      : answer(404, { message: "Unknown Message", code: 10_008 });
  if (pathname === "/discord") {
    const id = write(next(), "send");
    return searchParams.get("wait") === "true" ? answer(200, { id }) : response.writeHead(204).end();
  }
  if (pathname.endsWith("/sendMessage")) return answer(200, { ok: true, result: { message_id: Number(write(next(), "send")) } });
  if (pathname.startsWith("/chat.")) {
    if (request.headers.authorization !== "Bearer xoxb-1") return answer(200, { ok: false, error: "invalid_auth" });
    const { channel, ts } = JSON.parse(body) as { channel: string; ts?: string };
    if (pathname === "/chat.postMessage") return answer(200, { ok: true, channel: "C0123456789", ts: `${write(next(), "send")}.000200` });
    // By its id alone.
    if (channel !== "C0123456789") return answer(200, { ok: false, error: "channel_not_found" });
    const id = ts?.replace(".000200", "") ?? "";
    return chat.messages.has(id)
      ? answer(200, { ok: true, channel, ts: `${write(id, "edit")}.000200` })
      : answer(200, { ok: false, error: "message_not_found" });
  }
  const { message_id: id } = JSON.parse(body) as { message_id: number };
  return chat.messages.has(String(id))
    ? answer(200, { ok: true, result: { message_id: Number(write(String(id), "edit")) } })
    : answer(400, { ok: false, description: "Bad Request: message to edit not found" });
});

let monitor: Monitor;
let url: string;
const mark = marksFromNow();

beforeAll(async () => {
  [monitor, url] = await Promise.all([startMonitor(), listen(chatServer)]);
});
afterAll(async () => {
  chatServer.close();
  await monitor.close();
});
beforeEach(() => {
  chat.messages.clear();
  chat.calls = [];
});

const settingsOf = {
  discord: () => ({ webhookUrl: `${url}/discord` }),
  telegram: () => ({ botToken: "1:a", chatId: "-1", apiUrl: url }),
  slack: () => ({ botToken: "xoxb-1", channel: "#alerts", apiUrl: url }),
};
type Chat = keyof typeof settingsOf;
let count = 0;

/** A target that only a channel of that kind hears of, up. */
async function watched(type: Chat, living: string, more: object = {}) {
  const site = await startSite();
  const { id: channel } = (await monitor.api("POST", "/channels", {
    name: `Chat ${++count}`,
    type,
    settings: settingsOf[type](),
    living,
  })) as { id: string };
  const { id } = (await monitor.api("POST", "/targets", {
    name: `Shop ${count}`,
    url: site.url,
    retries: 0,
    channels: [channel],
    ...more,
  })) as { id: string };
  await monitor.round(mark());
  const done = async () => {
    await monitor.api("DELETE", `/targets/${id}`);
    await monitor.api("DELETE", `/channels/${channel}`);
  };
  return { site, done, id };
}

describe.each(["discord", "telegram", "slack"] as const)("a living message on %s", (type) => {
  it("is the first of an incident, changed by a reminder and by its end", async () => {
    const { site, done } = await watched(type, "edit", { remindEverySeconds: 60 });
    site.answerWith(500);
    await monitor.round(mark());
    expect(chat.calls).toEqual(["send 100"]);
    await monitor.round(mark());
    await monitor.round(mark());
    expect(chat.calls.filter((call) => call === "edit 100").length).toBeGreaterThan(0);
    site.answerWith(200);
    await monitor.round(mark());
    expect(chat.messages.size).toBe(1);
    expect(chat.messages.get("100")).toMatch(/is up|recovered|UP/i);
    // The next one is another.
    site.answerWith(500);
    await monitor.round(mark());
    expect(chat.messages.size).toBe(2);
    await done();
  });

  it("says who takes care of it, and nobody is rung for that", async () => {
    const { site, done, id } = await watched(type, "both");
    site.answerWith(500);
    await monitor.round(mark());
    const acknowledge = async (note: string) => {
      const { items } = (await monitor.api("GET", `/incidents?target=${id}`)) as { items: [{ id: string }] };
      await monitor.api("POST", `/incidents/${items[0].id}/acknowledge`, { note });
      await monitor.round(mark());
    };
    await acknowledge("the disk is full");
    expect(chat.calls).toEqual(["send 100", "edit 100"]);
    expect(chat.messages.get("100")).toContain("takes care of it");
    expect(chat.messages.get("100")).toContain("the disk is full");
    // What it is, is still said, and nobody is asked to do what somebody does.
    expect(chat.messages.get("100")).toContain("500 Internal Server Error");
    expect(chat.messages.get("100")).not.toContain("/acknowledge/");
    await monitor.round(mark());
    expect(chat.calls).toHaveLength(2);
    // Nor is anybody rung for its being given back, after which it may be taken again.
    const { items } = (await monitor.api("GET", `/incidents?target=${id}`)) as { items: [{ id: string }] };
    await monitor.api("DELETE", `/incidents/${items[0].id}/acknowledge`);
    await monitor.round(mark());
    expect(chat.calls).toEqual(["send 100", "edit 100", "edit 100"]);
    expect(chat.messages.get("100")).toContain("nobody takes care of it any more");
    chat.calls.pop();
    // Where it was deleted, none is made for that alone.
    chat.messages.clear();
    await acknowledge("again");
    expect(chat.calls).toHaveLength(2);
    site.answerWith(200);
    await monitor.round(mark());
    expect(chat.calls.slice(2)).toEqual(["send 102"]);
    await done();
  });

  it("says that nobody watches its target any more, which rings for nobody, and how it goes on when somebody does", async () => {
    const { site, done, id } = await watched(type, "edit");
    site.answerWith(500);
    await monitor.round(mark());
    await monitor.api("PATCH", `/targets/${id}`, { paused: true });
    await monitor.round(mark());
    expect(chat.calls).toEqual(["send 100", "edit 100"]);
    expect(chat.messages.get("100")).toContain("is no longer watched");
    site.answerWith(200);
    await monitor.api("PATCH", `/targets/${id}`, { paused: false });
    await monitor.round(mark());
    expect(chat.calls.slice(2)).toEqual(["edit 100"]);
    expect(chat.messages.get("100")).toContain("has recovered");
    await done();
  });

  it("says that nobody watches its target any more when that is deleted", async () => {
    const { site, done, id } = await watched(type, "edit");
    site.answerWith(500);
    await monitor.round(mark());
    await monitor.api("DELETE", `/targets/${id}`);
    await monitor.round(mark());
    expect(chat.calls).toEqual(["send 100", "edit 100"]);
    expect(chat.messages.get("100")).toContain("is no longer watched");
    await done();
  });

  it("that was deleted is sent anew; with both, its end is a message besides", async () => {
    const { site, done } = await watched(type, "both");
    site.answerWith(500);
    await monitor.round(mark());
    site.answerWith(200);
    await monitor.round(mark());
    expect(chat.calls).toEqual(["send 100", "edit 100", "send 102"]);
    site.answerWith(500);
    await monitor.round(mark());
    chat.messages.clear();
    site.answerWith(200);
    await monitor.round(mark());
    expect(chat.calls.slice(3)).toEqual(["send 103", "send 104"]);
    await done();
  });

  it("is changed once while the message beside it is asked to wait", async () => {
    const { site, done } = await watched(type, "both");
    site.answerWith(500);
    await monitor.round(mark());
    chat.limitedSends = 2;
    site.answerWith(200);
    await monitor.round(mark());
    expect(chat.calls).toEqual(["send 100", "edit 100", "send 102"]);
    await done();
  });

  it("waits as long as the service asks, and is left out where every message is to ring", async () => {
    const limited = await watched(type, "edit");
    limited.site.answerWith(500);
    await monitor.round(mark());
    chat.limited = 1;
    limited.site.answerWith(200);
    await monitor.round(mark());
    expect(chat.calls).toEqual(["send 100", "edit 100"]);
    await limited.done();
    const { site, done } = await watched(type, "message");
    site.answerWith(500);
    await monitor.round(mark());
    site.answerWith(200);
    await monitor.round(mark());
    expect(chat.calls.slice(2)).toEqual(["send 102", "send 103"]);
    await done();
  });
});

it("is refused of a service that changes no messages", async () => {
  const webhook = { name: "Slack", type: "slack", settings: { webhookUrl: `${url}/x` }, living: "edit" };
  await expect(monitor.api("POST", "/channels", webhook)).rejects.toThrow(
    "living: must be message: a webhook of slack changes no messages",
  );
  const channel = { name: "Hook", type: "webhook", settings: { url: `${url}/x` }, living: "edit" };
  const headers = { "x-api-key": "test-key-0123456789-abcdef", "content-type": "application/json" };
  const { status, json } = await monitor.request("POST", "/channels", { body: JSON.stringify(channel), headers });
  expect([status, JSON.stringify(json)]).toEqual([400, expect.stringContaining("webhook changes no messages")]);
});

it("stays as it was set while other fields of its channel change, and what was read is taken back", async () => {
  const made = { id: "kept-living", name: "Kept", type: "discord", settings: { webhookUrl: `${url}/kept` }, living: "edit" };
  await monitor.api("POST", "/channels", made);
  expect(await monitor.api("PATCH", "/channels/kept-living", { paused: true })).toMatchObject({ paused: true, living: "edit" });
  const { items } = (await monitor.api("GET", "/channels")) as { items: { id: string }[] };
  const read = items.find(({ id }) => id === "kept-living");
  expect(read).toMatchObject({ living: "edit" });
  expect(await monitor.api("PATCH", "/channels/kept-living", read)).toMatchObject({ living: "edit", version: 3 });
  await monitor.api("DELETE", "/channels/kept-living");
});
