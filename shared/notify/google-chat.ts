import * as z from "zod";
import { type Alert, defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { cut, fitted, linksOf, unlinked, withoutAcknowledging, wordingOf } from "./wording.ts";

/** Of a message. https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages */
const MAX_BYTES = 32_000;

/** Google Chat, by a space's incoming webhook: a card an alert. */
export const googleChatNotifier = defineNotifier({
  type: "google-chat",
  schema: z.strictObject({ webhookUrl: z.url({ protocol: /^https?$/, error: "must be the URL of a Google Chat webhook" }) }),
  secrets: ["webhookUrl"],
  settings: ["GOOGLE_CHAT_WEBHOOK_URL"],
  fromSettings: ({ GOOGLE_CHAT_WEBHOOK_URL: webhookUrl }) => (webhookUrl ? { webhookUrl } : undefined),
  maxAlertsPerMessage: 10,
  send: async (alerts, { webhookUrl }, context) => {
    const body = fitted(
      MAX_BYTES,
      (room, isWhole) =>
        JSON.stringify({
          cardsV2: alerts.map((alert) => card(isWhole ? alert : withoutAcknowledging(alert), Math.floor(room / alerts.length))),
        }),
      Buffer.byteLength,
    );
    await postJson("google-chat", webhookUrl, body, context);
  },
});

function card(alert: Alert, share: number) {
  const { title, reason, facts, missed, missedTitle } = wordingOf(alert);
  const value = (text: string) => cut(unlinked(text), Math.floor(share * 0.1), escaped);
  const buttons = linksOf(alert).map(([text, url]) => ({ text, onClick: { openLink: { url } } }));
  const widgets = [
    { textParagraph: { text: `<b>${cut(unlinked(title), Math.floor(share * 0.2), escaped)}</b>` } },
    ...(reason === undefined ? [] : [{ textParagraph: { text: cut(unlinked(reason), Math.floor(share * 0.2), escaped) } }]),
    ...[...facts, ["Since", new Date(alert.since).toISOString()] as const].map(([topLabel, text]) => ({
      decoratedText: {
        topLabel,
        text: topLabel === "Target" ? cut(text, Math.floor(share * 0.1), escaped) : value(text),
        wrapText: true,
      },
    })),
    ...(missed.length > 0 ? [{ textParagraph: { text: `${missedTitle}:\n${missed.map(value).join("\n")}` } }] : []),
    ...(buttons.length === 0 ? [] : [{ buttonList: { buttons } }]),
  ];
  return { cardId: alert.id, card: { sections: [{ widgets }] } };
}

// Texts of cards know a few of HTML's tags, links among them.
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
