import * as z from "zod";
import { type Alert, defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { markdownOf, traitsOf, wordingOf } from "./wording.ts";

/** A post may have 16,383 characters. https://developers.mattermost.com/integrate/webhooks/incoming/ */
const MAX_CHARACTERS = 12_000;

/** Mattermost, by an incoming webhook: an attachment an alert. */
export const mattermostNotifier = defineNotifier({
  type: "mattermost",
  schema: z.strictObject({ webhookUrl: z.url({ protocol: /^https?$/, error: "must be the URL of a Mattermost incoming webhook" }) }),
  secrets: ["webhookUrl"],
  settings: ["MATTERMOST_WEBHOOK_URL"],
  fromSettings: ({ MATTERMOST_WEBHOOK_URL: webhookUrl }) => (webhookUrl ? { webhookUrl } : undefined),
  maxAlertsPerMessage: 10,
  send: async (alerts, { webhookUrl }, context) => {
    const share = Math.floor(MAX_CHARACTERS / alerts.length);
    await postJson("mattermost", webhookUrl, JSON.stringify({ attachments: alerts.map((alert) => attachment(alert, share)) }), context);
  },
});

function attachment(alert: Alert, share: number) {
  const { title, reason, facts, missed, missedTitle } = wordingOf(alert);
  const lines = [...(reason === undefined ? [] : [reason]), ...(missed.length > 0 ? [`${missedTitle}:`, ...missed] : [])];
  const acknowledge = alert.acknowledgeLink === undefined ? [] : [`[Acknowledge](${alert.acknowledgeLink})`];
  return {
    fallback: markdownOf(title, 500, escaped),
    color: `#${traitsOf(alert).colour.toString(16).padStart(6, "0")}`,
    title: markdownOf(title, Math.floor(share * 0.2), escaped),
    ...(alert.link !== undefined && { title_link: alert.link }),
    text: [markdownOf(lines.join("\n"), Math.floor(share * 0.3), escaped), ...acknowledge].filter(Boolean).join("\n"),
    fields: [...facts, ["Since", new Date(alert.since).toISOString()] as const].map(([label, value]) => ({
      title: label,
      value: markdownOf(value, Math.floor(share * 0.1), escaped),
      short: label !== "Target",
    })),
  };
}

// Markdown, and mentions: a name after `@` calls people, a backslash before it does not help.
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|~<>]/g, (mark) => `\\${mark}`).replaceAll("@", "@\u200b");
}
