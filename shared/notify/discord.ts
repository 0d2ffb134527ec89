import * as z from "zod";
import { type Alert, defineNotifier } from "./notifier.ts";
import { answerField, postJson, unlessGone } from "./post-json.ts";
import { fitted, markdownOf, traitsOf, withoutAcknowledging, wordingOf } from "./wording.ts";

/** Over all embeds of a message, titles, descriptions, names and values of fields and footers together. */
const MAX_CHARACTERS = 6_000;

/** Discord webhook: one embed an alert, ten a message. Limits: https://discord.com/developers/docs/resources/message#embed-object */
export const discordNotifier = defineNotifier({
  type: "discord",
  schema: z.strictObject({ webhookUrl: z.url({ protocol: /^https?$/, error: "must be the URL of a Discord webhook" }) }),
  secrets: ["webhookUrl"],
  settings: ["DISCORD_WEBHOOK_URL"],
  fromSettings: ({ DISCORD_WEBHOOK_URL: webhookUrl }) => (webhookUrl ? { webhookUrl } : undefined),
  maxAlertsPerMessage: 10,
  send: async (alerts, { webhookUrl }, context) => {
    const url = new URL(webhookUrl);
    // Only then is the message in the answer: https://discord.com/developers/docs/resources/webhook#execute-webhook
    if (context.onSent !== undefined) url.searchParams.set("wait", "true");
    const answer = await postJson("discord", url.href, bodyOf(alerts, { username: "Server Tracker" }), context);
    const id = answerField(answer, "id");
    if (typeof id === "string") context.onSent?.(id);
  },
  // https://discord.com/developers/docs/resources/webhook#edit-webhook-message
  edit: async (message, alert, { webhookUrl }, context) => {
    const url = new URL(webhookUrl);
    url.pathname = `${url.pathname.replace(/\/$/, "")}/messages/${encodeURIComponent(message)}`;
    return unlessGone(postJson("discord", url.href, bodyOf([alert]), context, {}, "PATCH"), [404]);
  },
});

function bodyOf(alerts: readonly Alert[], more: object = {}): string {
  return JSON.stringify({
    ...more,
    // A target's name must not be able to call everyone.
    allowed_mentions: { parse: [] },
    embeds: fitted(
      MAX_CHARACTERS,
      (room, isWhole) => alerts.map((alert) => embed(isWhole ? alert : withoutAcknowledging(alert), Math.floor(room / alerts.length))),
      (embeds) => embeds.reduce((sum, each) => sum + charactersOf(each), 0),
    ),
  });
}

function charactersOf({ title, description = "", fields, footer }: ReturnType<typeof embed>): number {
  const texts = [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function embed(alert: Alert, share: number) {
  const { title, reason, facts, missed, missedTitle } = wordingOf(alert);
  const since = Math.floor(alert.since / 1_000);
  const lines = [
    reason && `**${markdownOf(reason, Math.floor(share * 0.15), escaped)}**`,
    alert.acknowledgeLink && `[Acknowledge](${alert.acknowledgeLink})`,
    missed.length > 0 && `${missedTitle}:\n${markdownOf(missed.join("\n"), Math.floor(share * 0.2), escaped)}`,
  ];
  return {
    title: markdownOf(title, Math.min(256, Math.floor(share * 0.25)), escaped),
    ...(alert.link !== undefined && { url: alert.link }),
    ...(lines.some(Boolean) && { description: lines.filter(Boolean).join("\n\n") }),
    color: traitsOf(alert).colour,
    fields: [
      ...facts.map(([name, value]) => ({ name, value: markdownOf(value, Math.floor(share * 0.1), escaped), inline: name !== "Target" })),
      { name: "Since", value: `<t:${since}:f> (<t:${since}:R>)`, inline: true },
    ],
    timestamp: new Date(alert.decidedAt).toISOString(),
    footer: { text: "Server Tracker" },
  };
}

// Discord's markdown and mentions.
function escaped(text: string): string {
  return text.replace(/[\\*_~`|>#[\]<@]/g, (mark) => `\\${mark}`);
}
