import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { listen } from "../../../local/stand-ins/listen.ts";
import { createWebhookSink, type ReceivedMessage } from "../../../local/stand-ins/webhook-sink.ts";
import { channelInput, requireSound } from "../../../shared/alert/channel-object.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { createChannel } from "../../../shared/notify/channel.ts";
import { notifiers } from "../../../shared/notify/index.ts";
import { DeliveryError } from "../../../shared/notify/notifier.ts";
import { postJson } from "../../../shared/notify/post-json.ts";
import { signature } from "../../../shared/notify/webhook.ts";
import { cut, duration } from "../../../shared/notify/wording.ts";
import { type NotifierFixture, notifierContract } from "../../contracts/notifier.contract.ts";
import { alertOf, notifyContext } from "../../support/alerts.ts";
import { serveSmtp } from "../../support/mail-server.ts";

const serveSink = async (answer: Parameters<NotifierFixture["serve"]>[0]) => {
  const received: string[] = [];
  const messages: ReceivedMessage[] = [];
  const server = createWebhookSink((message) => {
    messages.push(message);
    // As people would read it, not as JSON has it.
    received.push(JSON.stringify(message.body).replaceAll("\\\\", ""));
    return answer(message);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: await listen(server), received, messages };
};

const webhookAnswers = { gone: { status: 404 }, fault: { status: 502 } };

/** A service that is called at an address of the configuration's. */
function served(
  type: NotifierFixture["type"],
  configFor: (url: string) => Record<string, unknown>,
  {
    settings,
    later = { status: 429, headers: { "retry-after": "1.5" } },
  }: { settings: Record<string, string>; later?: NotifierFixture["answers"]["fault"] },
): NotifierFixture {
  return {
    type,
    settings,
    serve: async (answer) => {
      const { url, received } = await serveSink(answer);
      return { config: configFor(url), received };
    },
    configAt: (port) => configFor(`http://127.0.0.1:${port}`),
    answers: { ...webhookAnswers, later },
  };
}

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:ops";
const AWS_KEYS = { AWS_REGION: "local", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" };
/** As SNS answers. https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */
const snsError = (status: number, code: string) => ({
  status,
  headers: { "content-type": "text/xml" },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
});

const fixtures: NotifierFixture[] = [
  {
    type: "sns",
    settings: { SNS_TOPIC_ARN: TOPIC },
    serve: async (answer) => {
      const { url, received } = await serveSink((message) => answer(message) ?? { status: 200, body: "<PublishResponse/>" });
      Object.assign(process.env, AWS_KEYS, { AWS_ENDPOINT_URL_SNS: url });
      return { config: { topicArn: TOPIC }, received };
    },
    configAt: (port) => {
      Object.assign(process.env, AWS_KEYS, { AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${port}` });
      return { topicArn: TOPIC };
    },
    isOfAws: true,
    answers: { gone: snsError(404, "NotFound"), fault: snsError(503, "ServiceUnavailable") },
  },
  {
    type: "discord",
    settings: { DISCORD_WEBHOOK_URL: "https://discord.com/api/webhooks/1/x" },
    serve: async (answer) => {
      const { url, received } = await serveSink(answer);
      return { config: { webhookUrl: `${url}/api/webhooks/1/token` }, received };
    },
    configAt: (port) => ({ webhookUrl: `http://127.0.0.1:${port}/` }),
    answers: {
      ...webhookAnswers,
      later: { status: 429, body: { message: "You are being rate limited.", retry_after: 1.5, global: false } },
    },
  },
  {
    type: "slack",
    settings: { SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/x" },
    serve: async (answer) => {
      const { url, received } = await serveSink(answer);
      return { config: { webhookUrl: url }, received };
    },
    configAt: (port) => ({ webhookUrl: `http://127.0.0.1:${port}/` }),
    answers: { ...webhookAnswers, later: { status: 429, headers: { "retry-after": "1.5" } } },
  },
  {
    type: "telegram",
    settings: { TELEGRAM_BOT_TOKEN: "123:abc", TELEGRAM_CHAT_ID: "-100" },
    serve: async (answer) => {
      const { url, received } = await serveSink(answer);
      return { config: { botToken: "123:abc", chatId: "-100", apiUrl: url }, received };
    },
    configAt: (port) => ({ botToken: "123:abc", chatId: "-100", apiUrl: `http://127.0.0.1:${port}` }),
    answers: { ...webhookAnswers, later: { status: 429, body: { ok: false, parameters: { retry_after: 1.5 } } } },
  },
  ...(["teams", "google-chat", "mattermost"] as const).map(
    (type): NotifierFixture => ({
      type,
      settings: { [`${type.toUpperCase().replace("-", "_")}_WEBHOOK_URL`]: "https://hooks.example.com/x" },
      serve: async (answer) => {
        const { url, received } = await serveSink(answer);
        return { config: { webhookUrl: url }, received };
      },
      configAt: (port) => ({ webhookUrl: `http://127.0.0.1:${port}/` }),
      answers: { ...webhookAnswers, later: { status: 429, headers: { "retry-after": "1.5" } } },
    }),
  ),
  served("matrix", (homeserver) => ({ homeserver, roomId: "!room:example.org", accessToken: "syt_0123456789" }), {
    settings: {
      MATRIX_HOMESERVER: "https://matrix.example.org",
      MATRIX_ROOM_ID: "!room:example.org",
      MATRIX_ACCESS_TOKEN: "syt_0123456789",
    },
    later: { status: 429, body: { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 1_500 } },
  }),
  served("ntfy", (server) => ({ server, topic: "alerts" }), { settings: { NTFY_TOPIC: "alerts" } }),
  served("gotify", (server) => ({ server, appToken: "A.bcdefg" }), {
    settings: { GOTIFY_SERVER: "https://g.example.com", GOTIFY_APP_TOKEN: "A.bcdefg" },
  }),
  served("pushover", (apiUrl) => ({ appToken: "a".repeat(30), userKey: "u".repeat(30), apiUrl }), {
    settings: { PUSHOVER_APP_TOKEN: "a".repeat(30), PUSHOVER_USER_KEY: "u".repeat(30) },
  }),
  served(
    "twilio",
    (apiUrl) => ({ accountSid: `AC${"0".repeat(32)}`, authToken: "t".repeat(32), from: "+15005550006", to: "+4915112345678", apiUrl }),
    {
      settings: {
        TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
        TWILIO_AUTH_TOKEN: "t".repeat(32),
        TWILIO_FROM: "+15005550006",
        TWILIO_TO: "+4915112345678",
      },
    },
  ),
  served("pagerduty", (apiUrl) => ({ routingKey: "r".repeat(32), apiUrl }), { settings: { PAGERDUTY_ROUTING_KEY: "r".repeat(32) } }),
  served("opsgenie", (apiUrl) => ({ apiKey: "0".repeat(36), apiUrl }), { settings: { OPSGENIE_API_KEY: "0".repeat(36) } }),
  {
    type: "webhook",
    settings: { WEBHOOK_URL: "https://example.com/hook", WEBHOOK_SECRET: "0123456789abcdef" },
    serve: async (answer) => {
      const { url, received } = await serveSink(answer);
      return { config: { url }, received };
    },
    configAt: (port) => ({ url: `http://127.0.0.1:${port}/` }),
    answers: { ...webhookAnswers, later: { status: 429, headers: { "retry-after": "1.5" } } },
  },
  {
    type: "email",
    settings: { EMAIL_FROM: "a@example.com", EMAIL_TO: "b@example.com, c@example.com" },
    serve: async (answer) => {
      const received: string[] = [];
      const port = await serveSmtp((text) => {
        received.push(text);
        return answer({ method: "POST", path: "", headers: {}, body: undefined, text })?.status;
      });
      return { config: { from: "a@example.com", to: ["b@example.com"], smtpUrl: `smtp://127.0.0.1:${port}` }, received };
    },
    configAt: (port) => ({ from: "a@example.com", to: ["b@example.com"], smtpUrl: `smtp://127.0.0.1:${port}` }),
    answers: { gone: { status: 550 }, fault: { status: 451 } },
  },
];

for (const fixture of fixtures) notifierContract(fixture);

it("has a fixture for every notifier", () => {
  expect(fixtures.map(({ type }) => type).sort()).toEqual(notifiers.map(({ type }) => type).sort());
});

const hostile = alertOf({
  target: { id: "1", name: "@everyone <!channel> *bold* [x](http://evil.test)", label: "http://a.test/", tags: [] },
  error: { class: "status", text: "500 <@123> `code`" },
});

describe("discord", () => {
  it("sends an embed with colour, linked name, address, reason, latency and since when", async () => {
    const { url, messages } = await serveSink(() => undefined);
    await createChannel("d", "discord", { webhookUrl: url }).send([alertOf({ link: "http://tracker.test/targets/1" })], notifyContext());
    expect(messages[0]?.body).toMatchObject({
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: "🔴 Shop is down",
          url: "http://tracker.test/targets/1",
          description: "**connect: connection refused**",
          color: 0xe01e5a,
          fields: expect.arrayContaining([
            { name: "Target", value: "`https://shop.example/health`", inline: false },
            { name: "Latency", value: "12 ms", inline: true },
            { name: "Since", value: "<t:1795400000:f> (<t:1795400000:R>)", inline: true },
          ]),
        },
      ],
    });
  });

  it("tells how long a recovered target was down, and what the channel missed", async () => {
    const { url, messages } = await serveSink(() => undefined);
    const { error: _, ...healthy } = alertOf();
    const recovery = {
      ...healthy,
      kind: "recovered",
      from: "down",
      to: "up",
      lastedMs: 3_723_000,
      missed: [{ to: "down", at: 1_795_396_277_000, text: "connection refused" }],
    } as const;
    await createChannel("d", "discord", { webhookUrl: url }).send([recovery], notifyContext());
    const text = JSON.stringify(messages[0]?.body);
    expect(text).toContain("🟢 Shop has recovered");
    expect(text).toContain("1 h 2 min 3 s");
    expect(text).toContain("down: connection refused");
  });

  it("mentions nobody and renders no markup of a target's", async () => {
    const { url, messages } = await serveSink(() => undefined);
    await createChannel("d", "discord", { webhookUrl: url }).send([hostile], notifyContext());
    expect(messages[0]?.body).toMatchObject({
      allowed_mentions: { parse: [] },
      embeds: [{ title: expect.stringContaining("\\@everyone") }],
    });
    expect(messages[0]?.body).toMatchObject({ embeds: [{ title: expect.stringContaining("\\*bold\\*") }] });
  });

  it("makes no link of words that look like a URL", async () => {
    const { url, messages } = await serveSink(() => undefined);
    const text = "https://x/**[Sign-in-to-fix](https://evil.example/phish)**";
    const phishing = alertOf({ error: { class: "heartbeat", text }, target: { ...alertOf().target, tags: [text], group: text } });
    await createChannel("d", "discord", { webhookUrl: url }).send([phishing], notifyContext());
    const sent = JSON.stringify(messages[0]?.body);
    expect(sent).toContain("evil.example");
    // JSON writes each backslash twice.
    expect(sent).not.toMatch(/[^\\]\[Sign/);
  });

  it("stays within Discord's 6,000 characters whatever the alerts hold", async () => {
    const { url, messages } = await serveSink(() => undefined);
    const long = alertOf({
      target: {
        id: "1",
        name: "n".repeat(200),
        label: `http://${"l".repeat(2_000)}.test/`,
        group: "g".repeat(100),
        tags: Array(20).fill("t".repeat(50)),
      },
      error: { class: "status", text: "e".repeat(300) },
      missed: Array(5).fill({ to: "down", at: 0, text: "m".repeat(300) }),
      httpStatus: 500,
      certificateDaysLeft: 3,
      lastedMs: 1e9,
    });
    for (const count of [1, 2, 10]) await createChannel("d", "discord", { webhookUrl: url }).send(Array(count).fill(long), notifyContext());
    for (const { body } of messages) {
      const { embeds } = body as {
        embeds: { title: string; description?: string; footer: { text: string }; fields: { name: string; value: string }[] }[];
      };
      const size = embeds
        .flatMap(({ title, description = "", footer, fields }) => [
          title,
          description,
          footer.text,
          ...fields.flatMap(({ name, value }) => [name, value]),
        ])
        .join("").length;
      expect(size).toBeLessThanOrEqual(6_000);
      for (const embed of embeds) expect(embed.title.length).toBeLessThanOrEqual(256);
    }
  });
});

describe("slack", () => {
  it("cannot be made to call a channel", async () => {
    const { url, messages } = await serveSink(() => undefined);
    await createChannel("s", "slack", { webhookUrl: url }).send([hostile], notifyContext());
    const text = JSON.stringify(messages[0]?.body);
    expect(text).not.toContain("<!channel>");
    expect(text).not.toContain("<@123>");
    expect(text).toContain("&lt;!channel&gt;");
  });
});

describe("slack's bot", () => {
  const bot = (apiUrl: string) => ({ botToken: "xoxb-1", channel: "C0123456789", apiUrl });
  const refusal = async (error: string) => {
    const { url } = await serveSink(() => ({ status: 200, body: { ok: false, error } }));
    return createChannel("s", "slack", bot(url))
      .send([alertOf()], notifyContext())
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
  };

  it("is refused in an answer of status 200: for good, but for what passes", async () => {
    for (const error of ["invalid_auth", "channel_not_found", "not_in_channel", "is_archived", "invalid_blocks", "msg_too_long"])
      expect(await refusal(error)).toMatchObject({ permanent: true, message: `slack answered ${error}` });
    for (const error of ["internal_error", "service_unavailable", "ratelimited"])
      expect(await refusal(error)).toMatchObject({ permanent: false, message: `slack answered ${error}` });
    expect(await refusal("\u001b[31m".repeat(50))).toMatchObject({ message: expect.not.stringContaining("\u001b") });
  });

  it("needs token and channel, or a webhook in their place", () => {
    for (const settings of [{}, { botToken: "xoxb-1" }, { channel: "#a" }, { ...bot("http://a"), webhookUrl: "https://hooks.slack.com/x" }])
      expect(() => createChannel("s", "slack", settings)).toThrow("must be set");
  });
});

describe("on-call services", () => {
  const { error: _, ...healthy } = alertOf();
  const recovery = { ...healthy, kind: "recovered", from: "down", to: "up", lastedMs: 60_000 } as const;
  const configs = {
    pagerduty: (apiUrl: string) => ({ routingKey: "r".repeat(32), apiUrl }),
    opsgenie: (apiUrl: string) => ({ apiKey: "0".repeat(36), apiUrl }),
  };

  it.each(["pagerduty", "opsgenie"] as const)("%s: who takes care of it here does so there", async (type) => {
    const { url, messages } = await serveSink(() => ({ status: 202 }));
    const channel = createChannel("c", type, configs[type](url));
    for (const alert of [alertOf(), alertOf({ kind: "acknowledged", note: "acknowledged by jo" })])
      await channel.send([alert], notifyContext());
    const [down, acknowledged] = messages.map(({ path, body }) => ({ path, ...(body as Record<string, unknown>) }));
    if (type === "pagerduty") {
      expect(acknowledged).toMatchObject({ event_action: "acknowledge", dedup_key: (down as { dedup_key?: string }).dedup_key });
    } else expect(acknowledged?.path).toContain("/acknowledge?identifierType=alias");
  });

  it("opsgenie: what is given back here is so there; PagerDuty has no word for it", async () => {
    const { url, messages } = await serveSink(() => ({ status: 202 }));
    const channel = createChannel("c", "opsgenie", configs.opsgenie(url));
    await channel.send([alertOf({ kind: "unacknowledged", note: "given back by jo" })], notifyContext());
    expect(messages[0]?.path).toMatch(/\/unacknowledge\?identifierType=alias$/);
    expect([channel.takesBack, createChannel("c", "pagerduty", configs.pagerduty(url)).takesBack]).toEqual([true, undefined]);
  });

  it.each(["pagerduty", "opsgenie"] as const)("%s: what nobody watches any more is closed there", async (type) => {
    const { url, messages } = await serveSink(() => ({ status: 202 }));
    const channel = createChannel("c", type, configs[type](url));
    for (const alert of [alertOf(), alertOf({ kind: "unwatched", to: "paused" })]) await channel.send([alert], notifyContext());
    const [down, closed] = messages.map(({ path, body }) => ({ path, ...(body as Record<string, unknown>) }));
    if (type === "pagerduty") {
      expect(closed).toMatchObject({ event_action: "resolve", dedup_key: (down as { dedup_key?: string }).dedup_key });
    } else
      expect(closed?.path).toBe(`/v2/alerts/${encodeURIComponent(String((down as { alias?: string }).alias))}/close?identifierType=alias`);
  });

  it.each(["pagerduty", "opsgenie"] as const)(
    "%s: a recovery closes what the down opened, and a certificate is another matter",
    async (type) => {
      const { url, messages } = await serveSink(() => ({ status: 202 }));
      const channel = createChannel("c", type, configs[type](url));
      const certificate = alertOf({ kind: "certificate", certificateDaysLeft: 3 });
      const budget = alertOf({ kind: "slo", from: "up", to: "up" });
      const blind = (id: string) => alertOf({ id, kind: "monitor", target: { ...alertOf().target, id: "monitor" } });
      for (const alert of [alertOf(), certificate, recovery, budget, blind("monitor:1"), blind("monitor:2")])
        await channel.send([alert], notifyContext());
      const idOf = ({ path, body }: ReceivedMessage) => {
        const { dedup_key: key, alias } = body as { dedup_key?: string; alias?: string };
        return key ?? alias ?? decodeURIComponent(path.split("/")[3] ?? "");
      };
      const [down, warned, recovered, ...beside] = messages.map(idOf);
      expect(recovered).toBe(down);
      // Matters of their own, that no recovery of the target closes.
      expect(new Set([down, warned, ...beside]).size).toBe(5);
      expect(JSON.stringify(messages[2])).toMatch(type === "pagerduty" ? /"event_action":"resolve"/ : /\/close\?identifierType=alias/);
    },
  );
});

describe("a message that is there already", () => {
  it("of Matrix is one for a repeat alone, and another for the same words about another change", async () => {
    const { url, messages } = await serveSink(() => undefined);
    const room = createChannel("m", "matrix", { homeserver: url, roomId: "!room:example.org", accessToken: "syt_0123456789" });
    for (const id of ["a:1", "a:1", "a:2"]) await room.send([alertOf({ id })], notifyContext());
    const [first, repeat, other] = messages.map(({ path }) => path);
    expect(repeat).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each([
    ["Bad Request: message is not modified: specified new message content is exactly the same", true],
    ["Bad Request: message to edit not found", false],
  ])("of Telegram: %s", async (description, isThere) => {
    const { url } = await serveSink(() => ({ status: 400, body: { ok: false, error_code: 400, description } }));
    const bot = createChannel("t", "telegram", { botToken: "1:a", chatId: "1", apiUrl: url });
    expect(await bot.edit?.("7", alertOf(), notifyContext())).toBe(isThere);
  });
});

it("names who an SMTP server did not take an e-mail for, and sends it to nobody twice", async () => {
  const mails: string[] = [];
  const port = await serveSmtp((mail) => void mails.push(mail), ["gone@example.org"]);
  const mail = { smtpUrl: `smtp://127.0.0.1:${port}`, from: "monitor@example.org", to: ["ops@example.org", "gone@example.org"] };
  const outcome = await createChannel("e", "email", mail)
    .send([alertOf()], notifyContext())
    .catch((error: unknown) => error);
  expect(outcome).toMatchObject({ permanent: true, taken: true, message: expect.stringContaining("not for gone@example.org") });
  expect(mails).toHaveLength(1);
});

describe("what a target writes", () => {
  const nasty = '@everyone @all <users/all> <at>you</at> [click](https://evil.example) <a href="https://evil.example">x</a> **b**';
  const target = { ...alertOf().target, name: nasty, group: nasty, tags: [nasty.slice(0, 50)] };
  const alert = alertOf({ target, error: { class: "status", text: nasty }, link: "https://own.example/targets/1" });

  it("is no mention, command or link in Teams, Google Chat and Mattermost", async () => {
    const { url, messages } = await serveSink(() => undefined);
    for (const type of ["teams", "google-chat", "mattermost"] as const) {
      await createChannel("c", type, { webhookUrl: url }).send([alert], notifyContext());
    }
    const [teams, chat, mattermost] = messages.map(({ body }) => JSON.stringify(body));
    // Only runs of text, which know no markdown, hold it.
    expect([...(teams ?? "").matchAll(/"type":"(\w+)"/g)].map(([, type]) => type)).not.toContain("TextBlock");
    expect(teams).not.toContain('"entities"');
    expect(chat).not.toMatch(/<users\/all>"|<a href/);
    expect(chat).toContain("&lt;a href");
    expect(mattermost).not.toMatch(/@(?:everyone|all)|[^\\]\[click/);
  });

  // What would become a link by itself where the text is shown: an address of others, outside of code.
  const isLinked = (text: string) => /(?<!`)https?:\/\/(?:evil|phish)|(?<![\w\u200b])www\.evil/i.test(text);
  const lure = "log in again at https://evil.example/login or www.evil.example, ask @admin or phish.example";
  const ours = { link: "https://own.example/targets/1", acknowledgeLink: `https://own.example/acknowledge#${"k".repeat(90)}` };
  const baited = alertOf({
    ...ours,
    target: { ...alertOf().target, name: lure, group: lure },
    error: { class: "assertion", text: lure },
    missed: [{ to: "down", at: 0, text: lure }],
  });
  const everyChat = [
    ["discord", (url: string) => ({ webhookUrl: url })],
    ["slack", (url: string) => ({ webhookUrl: url })],
    ["mattermost", (url: string) => ({ webhookUrl: url })],
    ["google-chat", (url: string) => ({ webhookUrl: url })],
    ["telegram", (url: string) => ({ botToken: "1:a", chatId: "1", apiUrl: url })],
    ["matrix", (url: string) => ({ homeserver: url, roomId: "!room:example.org", accessToken: "syt_0123456789" })],
    ["ntfy", (url: string) => ({ server: url, topic: "alerts" })],
    ["gotify", (url: string) => ({ server: url, appToken: "A.bcdefg" })],
    ["pushover", (url: string) => ({ appToken: "a".repeat(30), userKey: "u".repeat(30), apiUrl: url })],
  ] as const;

  it.each(everyChat)("is no link in %s", async (type, configFor) => {
    const { url, messages } = await serveSink(() => undefined);
    await createChannel("c", type, configFor(url)).send([baited], notifyContext());
    const text = JSON.stringify(messages[0]?.body);
    expect(text).toContain("log in again");
    expect(isLinked(text)).toBe(false);
    if (type === "telegram") expect(text).not.toMatch(/@admin|phish\.example/);
  });

  it.each(everyChat)("never cuts our own links in %s, nor what a character is escaped as", async (type, configFor) => {
    const { url, messages } = await serveSink(() => undefined);
    const channel = createChannel("c", type, configFor(url));
    for (const mark of ["&", "*", "<", "_"]) {
      const long = mark.repeat(5_000);
      const flood = {
        ...baited,
        target: { ...baited.target, name: mark.repeat(150), group: long },
        error: { class: "assertion", text: long },
      };
      const missed = Array(20).fill({ to: "down", at: 0, text: long });
      await channel.send(Array(channel.maxAlertsPerMessage).fill({ ...flood, missed }), notifyContext());
    }
    for (const { body } of messages) {
      const text = JSON.stringify(body);
      // Of a service with a button or a field for it, the text has one address less.
      expect(text.split(ours.link).length + text.split(ours.acknowledgeLink).length - 2).toBeGreaterThanOrEqual(
        channel.maxAlertsPerMessage * 2,
      );
      if (type === "slack" || type === "google-chat") expect(/&(?!amp;|lt;|gt;)[a-z]{0,3}…/.test(text)).toBe(false);
    }
  });

  it("fits Teams by its bytes", async () => {
    const { url, messages } = await serveSink(() => undefined);
    const text = "漢字".repeat(2_000);
    const wide = { ...baited, error: { class: "assertion", text }, missed: Array(20).fill({ to: "down", at: 0, text: "é\n" }) };
    await createChannel("t", "teams", { webhookUrl: url }).send(Array(10).fill(wide), notifyContext());
    expect(Buffer.byteLength(JSON.stringify(messages[0]?.body))).toBeLessThan(28_000);
  });

  it("is cut at a whole character, and never within what one is escaped as", () => {
    const family = "👨‍👩‍👧‍👦";
    expect(cut(family.repeat(5), 30)).toBe(`${family.repeat(2)}…`);
    expect(cut("a&b&c&d&", 12, (text) => text.replaceAll("&", "&amp;"))).toBe("a&amp;b…");
    expect(cut("short", 5)).toBe("short");
  });

  it("pushes no other alert out of a message of Telegram", async () => {
    const { url, messages } = await serveSink(() => undefined);
    const long = (index: number) =>
      alertOf({
        target: { ...target, name: `Target-${index}- ${"n".repeat(150)}` },
        error: { class: "status", text: "e".repeat(300) },
        missed: Array(5).fill({ to: "down", at: 0, text: "m".repeat(300) }),
      });
    await createChannel("t", "telegram", { botToken: "1:a", chatId: "1", apiUrl: url }).send([1, 2, 3, 4, 5].map(long), notifyContext());
    const [{ body } = { body: {} }] = messages;
    const { text } = body as { text: string };
    expect(text.length).toBeLessThanOrEqual(4_096);
    for (const index of [1, 2, 3, 4, 5]) expect(text).toContain(`Target-${index}-`);
  });
});

describe("webhook", () => {
  it("signs time and body, so that a receiver can tell a forgery", async () => {
    const { url, messages } = await serveSink(() => undefined);
    const secret = "0123456789abcdef";
    await createChannel("w", "webhook", { url, secret }).send([alertOf()], notifyContext());
    const { headers, text } = messages[0]!;
    const timestamp = String(headers["x-server-tracker-timestamp"]);
    expect(timestamp).toBe("1795400030");
    expect(headers["x-server-tracker-signature"]).toBe(`sha256=${signature(secret, timestamp, text)}`);
    expect(signature(secret, timestamp, text.replace("Shop", "Shoq"))).not.toBe(signature(secret, timestamp, text));
    expect(JSON.parse(text)).toMatchObject({ version: 1, alerts: [{ id: alertOf().id, kind: "down" }] });
  });
});

describe("sns", () => {
  const sent = async (topicArn: string, ...alerts: Parameters<typeof alertOf>) => {
    const { url, messages } = await serveSink(() => ({ status: 200, body: "<PublishResponse/>" }));
    Object.assign(process.env, AWS_KEYS, { AWS_ENDPOINT_URL_SNS: url });
    await createChannel("s", "sns", { topicArn }).send(
      alerts.map((each) => alertOf(each)),
      notifyContext(),
    );
    return messages[0]?.body as Record<string, string>;
  };

  it("has a subject that e-mail takes, a short text for phones, and what subscriptions filter by", async () => {
    const target = { ...alertOf().target, name: "Café ✓ Shop", tags: ["a", "b"], group: "Web" };
    const body = await sent(TOPIC, { target });
    expect(body).toMatchObject({ Action: "Publish", TopicArn: TOPIC, Subject: "Cafe  Shop is down", MessageStructure: "json" });
    const { default: text, sms } = JSON.parse(body["Message"] ?? "") as Record<string, string>;
    expect(text).toContain("Café ✓ Shop is down\n");
    expect(sms?.length).toBeLessThanOrEqual(280);
    expect(sms).not.toContain("\n");
    const named = Object.entries(body)
      .filter(([key]) => /entry\.\d+\.(?:Name|Value\.StringValue)$/.test(key))
      .map(([, value]) => value);
    expect(named).toEqual(["kinds", '["down"]', "tags", '["a","b"]', "groups", '["Web"]']);
    expect(body).not.toHaveProperty("MessageGroupId");
  });

  it("tells a FIFO topic the order and the identity of what it tells", async () => {
    const body = await sent(`${TOPIC}.fifo`, {});
    expect(body).toMatchObject({ MessageGroupId: "server-tracker", MessageDeduplicationId: expect.stringMatching(/^[\x21-\x7e]{1,128}$/) });
  });

  it.each(["ops", "arn:aws:sqs:eu-central-1:123456789012:ops", "arn:aws:sns:eu-central-1:1:ops"])("refuses %s", (topicArn) => {
    expect(() => createChannel("s", "sns", { topicArn })).toThrow(/topicArn/);
  });
});

describe("email", () => {
  it("goes through SES where there is no SMTP server", async () => {
    const { url, messages } = await serveSink(() => ({ status: 200, body: { MessageId: "1" } }));
    Object.assign(process.env, { AWS_ENDPOINT_URL_SESV2: url, AWS_REGION: "local", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" });
    await createChannel("e", "email", { from: "a@example.com", to: ["b@example.com"] }).send([alertOf()], notifyContext());
    expect(messages[0]).toMatchObject({
      path: "/v2/email/outbound-emails",
      body: {
        FromEmailAddress: "a@example.com",
        Destination: { ToAddresses: ["b@example.com"] },
        Content: {
          Simple: {
            Subject: { Data: "🔴 Shop is down" },
            Body: { Text: { Data: expect.stringContaining("connect: connection refused") } },
          },
        },
      },
    });
  });

  it("holds no connection open to a server that drips its answers", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      const drip = setInterval(() => socket.write("2"), 50);
      socket.on("close", () => clearInterval(drip));
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const config = { from: "a@example.com", to: ["b@example.com"], smtpUrl: `smtp://127.0.0.1:${port}` };
    const context = { ...notifyContext(), signal: AbortSignal.timeout(400) };
    await expect(createChannel("e", "email", config).send([alertOf()], context)).rejects.toBeInstanceOf(DeliveryError);
    await vi.waitFor(() => expect(sockets.size).toBe(0), { timeout: 5_000 });
  });

  it("cannot be made to carry headers of a target's", async () => {
    let mail = "";
    const port = await serveSmtp((text) => {
      mail = text;
      return undefined;
    });
    const name = "x\r\nBcc: victim@example.com";
    const config = { from: "a@example.com", to: ["b@example.com"], smtpUrl: `smtp://127.0.0.1:${port}` };
    await createChannel("e", "email", config).send([alertOf({ target: { ...alertOf().target, name } })], notifyContext());
    expect(mail.split(/\r?\n\r?\n/)[0]).not.toMatch(/^bcc:/im);
  });
});

it.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [90_000, "1 min 30 s"],
  [3_600_000, "1 h"],
  [90_061_000, "1 d 1 h 1 min"],
])("says %d ms as %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it("names neither a webhook's address nor its host, which may be the secret", async () => {
  const context = { guard: createAddressGuard(), userAgent: "test", now: 0, signal: AbortSignal.timeout(5_000) };
  for (const host of ["169.254.7.7", "[fe80::7]", "k3y.localhost"]) {
    const told = await postJson("webhook", `https://${host}/hook/secret`, "{}", context).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(told).toMatch(/^webhook/);
    expect(told).not.toMatch(/secret|169\.254|fe80|k3y/);
  }
});

describe("twilio", () => {
  const config = { accountSid: `AC${"0".repeat(32)}`, authToken: "t".repeat(32), from: "+15005550006", to: "+4915112345678" };
  it("sends a form to the account's address, with its login, from a number or a messaging service", async () => {
    const { url, messages } = await serveSink(() => ({ status: 201, body: { sid: "SM1" } }));
    await createChannel("sms", "twilio", { ...config, apiUrl: url }).send([alertOf()], notifyContext());
    await createChannel("sms", "twilio", { ...config, from: `MG${"1".repeat(32)}`, apiUrl: url }).send([alertOf()], notifyContext());
    expect(messages.map(({ path }) => path)).toEqual(
      Array.from({ length: 2 }, () => `/2010-04-01/Accounts/AC${"0".repeat(32)}/Messages.json`),
    );
    expect(messages[0]?.headers.authorization).toBe(`Basic ${Buffer.from(`AC${"0".repeat(32)}:${"t".repeat(32)}`).toString("base64")}`);
    expect(messages.map(({ body }) => body)).toMatchObject([
      { From: "+15005550006", To: "+4915112345678", Body: expect.stringContaining("Shop") },
      { MessagingServiceSid: `MG${"1".repeat(32)}`, To: "+4915112345678" },
    ]);
  });

  it.each([{ to: "015112345678" }, { accountSid: "AC1" }, { from: "a name that is too long" }])("refuses %j", (wrong) => {
    expect(() => createChannel("sms", "twilio", { ...config, ...wrong })).toThrow(/must be/);
  });
});

describe("limits of a whole message", () => {
  const wide = "\u6f22\u5b57".repeat(400);
  const link = `https://status.example.com/targets/${"0".repeat(36)}`;
  const long = (of: number) =>
    alertOf({
      id: `${of}`,
      error: { class: "assertion", text: wide },
      note: wide,
      link,
      acknowledgeLink: `https://abcdefghij.execute-api.eu-central-1.amazonaws.com/v1/acknowledge/${"x".repeat(160)}`,
      missed: Array.from({ length: 10 }, () => ({ at: 0, from: "up", to: "down", reason: wide })) as never,
    });

  it.each([
    [
      "discord",
      6_000,
      (body: { embeds: { title: string; description?: string; footer: { text: string }; fields: { name: string; value: string }[] }[] }) =>
        body.embeds
          .flatMap((embed) => [
            embed.title,
            embed.description ?? "",
            embed.footer.text,
            ...embed.fields.flatMap(({ name, value }) => [name, value]),
          ])
          .join("").length,
    ],
    ["google-chat", 32_000, (body: unknown) => Buffer.byteLength(JSON.stringify(body))],
  ] as const)("%s takes ten of the longest alerts: at most %i of all of them", async (type, limit, sizeOf) => {
    const { url, messages } = await serveSink(() => ({ status: 200 }));
    const channel = createChannel("c", type, { webhookUrl: url });
    for (const count of [1, 5, 10]) {
      await channel.send(
        Array.from({ length: count }, (_, index) => long(index)),
        notifyContext(),
      );
      const body = messages.at(-1)?.body as never;
      expect(sizeOf(body)).toBeLessThanOrEqual(limit);
      // Which target, what it is, and why, however many there are.
      expect(JSON.stringify(body).split("is down").length - 1).toBe(count);
      expect(JSON.stringify(body).split("\u6f22").length).toBeGreaterThan(count);
    }
  });
});

describe("a repeat", () => {
  it("of the same alerts is the same transaction to Matrix, though its links are others", async () => {
    const { url, messages } = await serveSink(() => ({ status: 200, body: {} }));
    const channel = createChannel("m", "matrix", { homeserver: url, roomId: "!abc:example.org", accessToken: "0123456789abc" });
    const alert = alertOf({ acknowledgeLink: "https://a.example/acknowledge/1" });
    for (const each of [alert, { ...alert, acknowledgeLink: "https://a.example/acknowledge/2" }, { ...alert, id: "other" }])
      await channel.send([each], notifyContext());
    const [first, again, other] = messages.map(({ path }) => path);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it("after a service's date or a 503 waits as long as that says", async () => {
    const now = Date.parse("2026-11-28T10:00:00Z");
    for (const [status, header, ms] of [
      [429, "Sat, 28 Nov 2026 10:02:00 GMT", 120_000],
      [503, "90", 90_000],
      [503, "Sat, 28 Nov 2026 09:00:00 GMT", 250],
      [429, "soon", undefined],
      [502, "90", undefined],
    ] as const) {
      const { url } = await serveSink(() => ({ status, headers: { "retry-after": header } }));
      const failure = await postJson("webhook", url, "{}", { ...notifyContext(), now }).then(
        () => undefined,
        (error: unknown) => error as DeliveryError,
      );
      expect([status, header, failure?.retryAfterMs]).toEqual([status, header, ms]);
    }
  });
});

describe("a telegram message", () => {
  it("is changed in the chat that it was sent to, and in no other", async () => {
    const { url, messages } = await serveSink(() => ({ status: 200, body: { ok: true, result: { message_id: 34 } } }));
    const channelIn = (chatId: string) => createChannel("t", "telegram", { botToken: "1:a", chatId, apiUrl: url });
    const sent: string[] = [];
    await channelIn("-1").send([alertOf()], { ...notifyContext(), onSent: (id) => sent.push(id) });
    expect(sent).toEqual(["-1:34"]);
    expect(await channelIn("-1").edit?.(sent[0] ?? "", alertOf(), notifyContext())).toBe(true);
    expect(await channelIn("-2").edit?.(sent[0] ?? "", alertOf(), notifyContext())).toBe(false);
    // As releases before kept it.
    expect(await channelIn("-1").edit?.("35", alertOf(), notifyContext())).toBe(true);
    expect(messages.map(({ body }) => (body as { message_id?: number }).message_id)).toEqual([undefined, 34, 35]);
  });
});

describe("a webhook of one's own", () => {
  const settings = (more: object) => ({ url: "https://a.example/hook", ...more });
  const problems = (more: object) => {
    try {
      requireSound("webhook", channelInput.parse({ name: "w", type: "webhook", settings: settings(more) }).settings);
      return [];
    } catch (error) {
      return (error as { issues: { path: PropertyKey[]; message: string }[] }).issues.map(
        ({ path, message }) => `${path.slice(1).join(".")}: ${message}`,
      );
    }
  };

  it("that was stored under older rules goes on, without what frames the request", async () => {
    const { url, messages } = await serveSink(() => ({ status: 200 }));
    const template = '{"r":{{#reason}}"{{reason}}"{{/reason}}}';
    const channel = createChannel("w", "webhook", { url, template, headers: { Host: "a.example", "Keep-Alive": "1", "x-a": "b" } });
    await channel.send([alertOf()], notifyContext());
    expect(messages[0]?.headers).toMatchObject({ "x-a": "b", host: new URL(url).host });
    expect(messages[0]?.headers).not.toHaveProperty("keep-alive");
    expect(problems({ template })).toEqual([expect.stringContaining("must make JSON of every alert")]);
  });

  it("escapes values for each kind of JSON, and each of its lines is tried", async () => {
    const { url, messages } = await serveSink(() => ({ status: 200 }));
    const template = '{"name":"{{name}}"}\n{"kind":"{{kind}}"}\n';
    const headers = { "content-type": "application/x-ndjson" };
    const hostile = alertOf({ target: { ...alertOf().target, name: 'Shop","admin":true,"x":"' } });
    await createChannel("w", "webhook", { url, template, headers }).send([hostile], notifyContext());
    const lines = String(messages[0]?.text)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual([{ name: 'Shop","admin":true,"x":"' }, { kind: "down" }]);
    expect(problems({ template: '{"a":1}\n{', headers })).toEqual([expect.stringContaining("must make JSON")]);
  });

  it("is tried with all that an alert may have, and with as little", () => {
    expect(problems({ template: '{"a":1{{#link}} "l":"{{link}}"{{/link}}}' })).toEqual([expect.stringContaining("must make JSON")]);
    expect(problems({ template: '{"a":1,{{#reason}}"r":1{{/reason}}}' })).toEqual([expect.stringContaining("must make JSON")]);
    expect(problems({ template: '{"a":1{{#link}}, "l":"{{link}}"{{/link}}}' })).toEqual([]);
  });

  it("sends no header that frames the request, or is ours", () => {
    for (const name of ["Content-Length", "transfer-encoding", "Expect", "Host", "X-Server-Tracker-Signature"])
      expect(problems({ headers: { [name]: "1" } })).toEqual([`headers.${name}: must be left out: it frames the request, or is ours`]);
    expect(problems({ headers: { authorization: "Bearer x" } })).toEqual([]);
  });

  it("is called by GET where that is what a service wants, with what it says in the address", async () => {
    const { url, messages } = await serveSink(() => ({ status: 200 }));
    const channel = createChannel("w", "webhook", { url: `${url}/send/{{kind}}?text={{ title }}&x={{nothing}}`, method: "GET" });
    expect(channel.maxAlertsPerMessage).toBe(1);
    await channel.send([alertOf({ target: { ...alertOf().target, name: "A&b=1 #2" } })], notifyContext());
    expect([messages[0]?.method, messages[0]?.path]).toEqual([
      "GET",
      expect.stringMatching(/^\/send\/down\?text=.*A%26b%3D1%20%232%20is%20down&x=$/),
    ]);
    expect(problems({ method: "GET", template: "{{title}}" })).toEqual([expect.stringContaining("must be left out with GET")]);
    for (const host of ["https://{{name}}.example/", "https:///{{name}}/x", "https://a.example@{{name}}/"])
      expect([host, problems({ url: host }).join()]).toEqual([host, expect.stringContaining("url: ")]);
    // A name leads nowhere else.
    const up = createChannel("w", "webhook", {
      url: `${url}/a/{{name}}/topic/{{name}}{{kind}}/{{name}}`,
      method: "GET",
      secret: "0123456789abcdef",
    });
    await up.send([alertOf({ target: { ...alertOf().target, name: ".." } })], notifyContext());
    expect(messages[1]?.path).toBe("/a/__/topic/..down/__");
    const { headers } = messages[1]!;
    const timestamp = String(headers["x-server-tracker-timestamp"]);
    expect(headers["x-server-tracker-signature"]).toBe(`sha256=${signature("0123456789abcdef", timestamp, "")}`);
    expect(problems({ url: "https://a.example/?x={{#tags}}" })).toEqual([expect.stringContaining("must hold names alone")]);
  });
});
