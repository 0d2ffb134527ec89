import * as z from "zod";
import type { Urgency } from "../status/alert-kinds.ts";
import { type Alert, defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { cut, linksOf, traitsOf, wordingOf } from "./wording.ts";

/** A message may have 28 KB. https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook */
const MAX_BYTES = 27_000;
const MAX_CHARACTERS = 18_000;
/** Characters of an alert that are always shown. */
const MIN_SHARE = 200;

/** Colours that Adaptive Cards know. */
const COLOURS: Readonly<Record<Urgency, string>> = { critical: "attention", warning: "warning", good: "good", info: "accent" };

/** Microsoft Teams, by a workflow "when a webhook request is received": an Adaptive Card, a container an alert. */
export const teamsNotifier = defineNotifier({
  type: "teams",
  schema: z.strictObject({ webhookUrl: z.url({ protocol: /^https?$/, error: "must be the URL of a Teams workflow" }) }),
  secrets: ["webhookUrl"],
  settings: ["TEAMS_WEBHOOK_URL"],
  fromSettings: ({ TEAMS_WEBHOOK_URL: webhookUrl }) => (webhookUrl ? { webhookUrl } : undefined),
  maxAlertsPerMessage: 10,
  send: async (alerts, { webhookUrl }, context) => {
    // A character has up to four bytes, and each line some around it.
    let body = bodyOf(alerts, MAX_CHARACTERS);
    for (let room = MAX_CHARACTERS; Buffer.byteLength(body) > MAX_BYTES && room > MIN_SHARE * alerts.length; ) {
      room = Math.floor(room * 0.8);
      body = bodyOf(alerts, room);
    }
    await postJson("teams", webhookUrl, body, context);
  },
});

/** @param room characters that all alerts have together */
function bodyOf(alerts: readonly Alert[], room: number): string {
  const share = Math.floor(room / alerts.length);
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    msteams: { width: "Full" },
    body: alerts.map((alert) => container(alert, share)),
  };
  const attachments = [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content }];
  return JSON.stringify({ type: "message", attachments });
}

function container(alert: Alert, share: number) {
  const { title, reason, facts, missed, missedTitle } = wordingOf(alert);
  const rest = [
    ...(reason === undefined ? [] : [reason]),
    ...facts.map(([label, value]) => `${label}: ${value}`),
    `Since: ${new Date(alert.since).toISOString()}`,
    ...(missed.length > 0 ? [`${missedTitle}:`, ...missed] : []),
  ].join("\n");
  const actions = linksOf(alert).map(([title, url]) => ({ type: "Action.OpenUrl", title, url }));
  return {
    type: "Container",
    separator: true,
    items: [
      // Runs of text know no markdown: nothing of a target's becomes a link or a mention.
      text(cut(title, Math.floor(share * 0.2)), { weight: "bolder", size: "medium", color: COLOURS[traitsOf(alert).urgency] }),
      ...cut(rest, Math.floor(share * 0.8))
        .split("\n")
        .map((line) => text(line, {})),
      ...(actions.length === 0 ? [] : [{ type: "ActionSet", actions }]),
    ],
  };
}

function text(content: string, style: Readonly<Record<string, string>>) {
  return { type: "RichTextBlock", spacing: "none", inlines: [{ type: "TextRun", text: content, ...style }] };
}
