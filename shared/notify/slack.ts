import * as z from "zod";
import { type Alert, defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { cut, linksOf, traitsOf, wordingOf } from "./wording.ts";

/** Slack incoming webhook: one attachment an alert, with Block Kit inside. */
export const slackNotifier = defineNotifier({
  type: "slack",
  schema: z.strictObject({ webhookUrl: z.url({ protocol: /^https?$/, error: "must be the URL of a Slack incoming webhook" }) }),
  secrets: ["webhookUrl"],
  settings: ["SLACK_WEBHOOK_URL"],
  fromSettings: ({ SLACK_WEBHOOK_URL: webhookUrl }) => (webhookUrl ? { webhookUrl } : undefined),
  maxAlertsPerMessage: 10,
  send: async (alerts, { webhookUrl }, context) => {
    const titles = alerts.map((alert) => wordingOf(alert).title).join("; ");
    const body = JSON.stringify({ text: cut(titles, 3_000, escaped), attachments: alerts.map(attachment) });
    await postJson("slack", webhookUrl, body, context);
  },
});

function attachment(alert: Alert) {
  const { title, reason, facts, missed, missedTitle } = wordingOf(alert);
  const since = Math.floor(alert.since / 1_000);
  const when = `*Since*\n<!date^${since}^{date_short_pretty} {time_secs}|${new Date(alert.since).toISOString()}>`;
  const head = [
    `*${escaped(title)}*`,
    reason && escaped(reason),
    linksOf(alert)
      .map(([label, url]) => `<${url}|${label}>`)
      .join("  "),
  ];
  const fields = [...facts.map(([label, value]) => `*${label}*\n${escaped(value)}`), when];
  return {
    color: `#${traitsOf(alert).colour.toString(16).padStart(6, "0")}`,
    fallback: escaped(title),
    blocks: [
      section(head.filter(Boolean).join("\n")),
      // Block Kit takes 10 fields a section of 2,000 characters each.
      { type: "section", fields: fields.slice(0, 10).map((text) => ({ type: "mrkdwn", text: cut(text, 2_000), verbatim: true })) },
      ...(missed.length > 0 ? [section(`${missedTitle}:\n${missed.map(escaped).join("\n")}`)] : []),
    ],
  };
}

function section(text: string) {
  return { type: "section", text: { type: "mrkdwn", text: cut(text, 3_000), verbatim: true } };
}

// Slack's three control characters; with them escaped there is no <!channel> and no <@user>.
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
