import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { type Alert, defineNotifier } from "./notifier.ts";
import { answerField, postJson, unlessGone } from "./post-json.ts";
import { plainText, unlinked } from "./wording.ts";

/** https://core.telegram.org/bots/api#sendmessage */
const MAX_CHARACTERS = 4_096;
const SEPARATOR = "\n\n";

/** Telegram bot: alerts as plain text, so that nothing in a name is read as markup. */
export const telegramNotifier = defineNotifier({
  type: "telegram",
  schema: z.strictObject({
    botToken: z.string().regex(/^\d+:[\w-]+$/, "must be a bot token such as 123456:ABC-DEF"),
    chatId: z.string().regex(/^(-?\d+|@\w+)$/, "must be a chat id such as -1001234567890, or @channel"),
    apiUrl: httpUrl.default("https://api.telegram.org"),
  }),
  secrets: ["botToken"],
  settings: ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "TELEGRAM_API_URL"],
  fromSettings: ({ TELEGRAM_BOT_TOKEN: botToken, TELEGRAM_CHAT_ID: chatId, TELEGRAM_API_URL: apiUrl }) =>
    botToken ? { botToken, chatId, apiUrl } : undefined,
  maxAlertsPerMessage: 5,
  send: async (alerts, { botToken, chatId, apiUrl }, context) => {
    const body = JSON.stringify({ chat_id: chatId, ...contentOf(alerts) });
    const answer = await postJson("telegram", `${apiUrl}/bot${botToken}/sendMessage`, body, context);
    const id = answerField(answer, "result", "message_id");
    // Numbers are a chat's own.
    if (typeof id === "number") context.onSent?.(`${chatId}:${id}`);
  },
  // https://core.telegram.org/bots/api#editmessagetext
  edit: async (message, alert, { botToken, chatId, apiUrl }, context) => {
    const [, chat, id] = /^(?:(.+):)?(\d+)$/.exec(message) ?? [];
    if (chat !== undefined && chat !== chatId) return false;
    const body = JSON.stringify({ chat_id: chatId, message_id: Number(id), ...contentOf([alert]) });
    const call = postJson("telegram", `${apiUrl}/bot${botToken}/editMessageText`, body, context);
    return unlessGone(call, [400], (answer) => /message is not modified/i.test(String(answerField(answer, "description"))));
  },
});

// It makes links of bare domains, too, and mentions and commands of words.
function inert(text: string): string {
  return unlinked(text).replace(/(?<=[\p{L}\p{N}])\.(?=\p{L}{2})|[@/#$](?=[\p{L}\p{N}])/gu, "$&\u200b");
}

function contentOf(alerts: readonly Alert[]): object {
  // Each has its share: a long one must not push the last ones out.
  const share = Math.floor(MAX_CHARACTERS / alerts.length) - SEPARATOR.length;
  const text = alerts.map((alert) => plainText(alert, share, inert)).join(SEPARATOR);
  return { text, link_preview_options: { is_disabled: true } };
}
