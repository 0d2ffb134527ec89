/** Kinds of notifications that are channels here, and the settings that make one. */
const CHANNELS: Readonly<Record<string, { readonly id: string; readonly settings: string }>> = {
  discord: { id: "discord", settings: "DISCORD_WEBHOOK_URL" },
  slack: { id: "slack", settings: "SLACK_WEBHOOK_URL" },
  telegram: { id: "telegram", settings: "TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID" },
  email: { id: "email", settings: "EMAIL_FROM and EMAIL_TO" },
  smtp: { id: "email", settings: "EMAIL_FROM, EMAIL_TO and SMTP_URL" },
};

/** The channel that another monitor's kind of notification becomes; `undefined` where there is none. */
export function channelOf(kind: string): { readonly id: string; readonly settings: string } | undefined {
  return Object.hasOwn(CHANNELS, kind) ? CHANNELS[kind] : undefined;
}
