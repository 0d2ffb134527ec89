import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { cleanText } from "../text/clean-text.ts";
import { type Alert, DeliveryError, defineNotifier, type NotifyContext } from "./notifier.ts";
import { answerField, postJson } from "./post-json.ts";
import { cut, linksOf, traitsOf, unlinked, wordingOf } from "./wording.ts";

const slackSettings = z
  .strictObject({
    webhookUrl: z
      .url({ protocol: /^https?$/, error: "must be the URL of a Slack incoming webhook" })
      .optional()
      .meta({ description: "Of an incoming webhook; or botToken and channel." }),
    botToken: z
      .string()
      .regex(/^xoxb-[\w-]+$/, "must be a bot token, such as xoxb-1-2-abc")
      .optional()
      .meta({ description: "Of an app with the scope chat:write, which can change its messages (living)." }),
    channel: z
      .string()
      .regex(/^(?:[CDG][A-Z0-9]{6,20}|#?[^\s#]{1,80})$/u, "must be a channel's id such as C0123456789, or its name")
      .optional()
      .meta({ description: "Where the bot writes: the channel's id or name. The bot must be in it." }),
    apiUrl: httpUrl.default("https://slack.com/api"),
  })
  .refine(({ webhookUrl, botToken }) => (webhookUrl === undefined) !== (botToken === undefined), {
    path: ["webhookUrl"],
    message: "must be set, or botToken and channel in its place",
  })
  .refine(({ botToken, channel }) => (botToken === undefined) === (channel === undefined), {
    path: ["channel"],
    message: "must be set with botToken, and without it not",
  });

/**
 * Slack, by an incoming webhook or as a bot that can change its messages: one attachment an alert, with Block Kit inside.
 * https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update
 */
export const slackNotifier = defineNotifier({
  type: "slack",
  schema: slackSettings,
  secrets: ["webhookUrl", "botToken"],
  settings: ["SLACK_WEBHOOK_URL", "SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL"],
  fromSettings: ({ SLACK_WEBHOOK_URL: webhookUrl, SLACK_BOT_TOKEN: botToken, SLACK_CHANNEL: channel, SLACK_API_URL: apiUrl }) =>
    webhookUrl || botToken
      ? { webhookUrl: webhookUrl || undefined, botToken: botToken || undefined, channel: channel || undefined, apiUrl: apiUrl || undefined }
      : undefined,
  maxAlertsPerMessage: 10,
  send: async (alerts, settings, context) => {
    const { webhookUrl, channel } = settings;
    if (webhookUrl !== undefined) {
      await postJson("slack", webhookUrl, JSON.stringify(contentOf(alerts)), context);
      return;
    }
    const { ts, channel: id } = await callApi("chat.postMessage", { channel, ...contentOf(alerts) }, settings, context);
    if (ts !== undefined && id !== undefined) context.onSent?.(`${id}:${ts}`);
  },
  canEdit: ({ botToken }) => botToken !== undefined,
  edit: async (message, alert, settings, context) => {
    const [channel, ts] = message.split(":");
    try {
      await callApi("chat.update", { channel, ts, ...contentOf([alert]) }, settings, context);
      return true;
    } catch (error) {
      if (error instanceof SlackError && GONE.has(error.code)) return false;
      throw error;
    }
  },
});

/** What says that a message is not there any more, or may not be changed. */
const GONE: ReadonlySet<string> = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  // It stands in a channel that is not the one to write to any more.
  "channel_not_found",
  "is_archived",
  "not_in_channel",
]);
/** What another attempt may find mended. Every other error is of the token, the channel or the message. */
const PASSING: ReadonlySet<string> = new Set([
  "fatal_error",
  "internal_error",
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
  "request_timeout",
  "service_unavailable",
]);

/** Slack said no, in an answer of status 200. */
class SlackError extends DeliveryError {
  readonly code: string;

  constructor(code: string) {
    super(`slack answered ${cleanText(code, 60)}`, { permanent: !PASSING.has(code) });
    this.code = code;
  }
}

/** @returns where the message stands: what changes it must name the channel by its id @throws {DeliveryError} */
async function callApi(
  method: "chat.postMessage" | "chat.update",
  body: object,
  { apiUrl, botToken = "" }: z.output<typeof slackSettings>,
  context: NotifyContext,
): Promise<{ ts?: string; channel?: string }> {
  const headers = { "content-type": "application/json; charset=utf-8", authorization: `Bearer ${botToken}` };
  const answer = await postJson("slack", `${apiUrl}/${method}`, JSON.stringify(body), context, headers);
  if (answerField(answer, "ok") !== true) throw new SlackError(String(answerField(answer, "error") ?? "something that is no JSON"));
  const [ts, channel] = [answerField(answer, "ts"), answerField(answer, "channel")];
  return typeof ts === "string" && typeof channel === "string" ? { ts, channel } : {};
}

function contentOf(alerts: readonly Alert[]): object {
  const titles = alerts.map((alert) => wordingOf(alert).title).join("; ");
  return { text: cut(unlinked(titles), 3_000, escaped), attachments: alerts.map(attachment) };
}

function attachment(alert: Alert) {
  const { title, reason, facts, missed, missedTitle } = wordingOf(alert);
  const since = Math.floor(alert.since / 1_000);
  const when = `*Since*\n<!date^${since}^{date_short_pretty} {time_secs}|${new Date(alert.since).toISOString()}>`;
  const head = [
    `*${cut(unlinked(title), 600, escaped)}*`,
    reason && cut(unlinked(reason), 1_200, escaped),
    linksOf(alert)
      .map(([label, url]) => `<${url}|${label}>`)
      .join("  "),
  ];
  const fields = [
    ...facts.map(([label, value]) => `*${label}*\n${cut(label === "Target" ? value : unlinked(value), 1_900, escaped)}`),
    when,
  ];
  return {
    color: `#${traitsOf(alert).colour.toString(16).padStart(6, "0")}`,
    fallback: cut(unlinked(title), 600, escaped),
    blocks: [
      section(head.filter(Boolean).join("\n")),
      // Block Kit takes 10 fields a section of 2,000 characters each.
      { type: "section", fields: fields.slice(-10).map((text) => ({ type: "mrkdwn", text, verbatim: true })) },
      ...(missed.length > 0 ? [section(`${missedTitle}:\n${cut(unlinked(missed.join("\n")), 2_800, escaped)}`)] : []),
    ],
  };
}

/** @param text of 3,000 characters at most */
function section(text: string) {
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

// Slack's three control characters; with them escaped there is no <!channel> and no <@user>.
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
