import { own } from "../../shared/text/own.ts";

/** Kinds of notifications that are channels here, and the settings that make one. */
const CHANNELS: Readonly<Record<string, { readonly id: string; readonly settings: string }>> = {
  discord: { id: "discord", settings: "DISCORD_WEBHOOK_URL" },
  slack: { id: "slack", settings: "SLACK_WEBHOOK_URL" },
  telegram: { id: "telegram", settings: "TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID" },
  email: { id: "email", settings: "EMAIL_FROM and EMAIL_TO" },
  teams: { id: "teams", settings: "TEAMS_WEBHOOK_URL" },
  "teams-workflows": { id: "teams", settings: "TEAMS_WEBHOOK_URL" },
  googlechat: { id: "google-chat", settings: "GOOGLE_CHAT_WEBHOOK_URL" },
  GoogleChat: { id: "google-chat", settings: "GOOGLE_CHAT_WEBHOOK_URL" },
  mattermost: { id: "mattermost", settings: "MATTERMOST_WEBHOOK_URL" },
  matrix: { id: "matrix", settings: "MATRIX_HOMESERVER, MATRIX_ROOM_ID and MATRIX_ACCESS_TOKEN" },
  ntfy: { id: "ntfy", settings: "NTFY_TOPIC" },
  gotify: { id: "gotify", settings: "GOTIFY_SERVER and GOTIFY_APP_TOKEN" },
  pushover: { id: "pushover", settings: "PUSHOVER_APP_TOKEN and PUSHOVER_USER_KEY" },
  twilio: { id: "twilio", settings: "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM and TWILIO_TO" },
  pagerduty: { id: "pagerduty", settings: "PAGERDUTY_ROUTING_KEY" },
  PagerDuty: { id: "pagerduty", settings: "PAGERDUTY_ROUTING_KEY" },
  opsgenie: { id: "opsgenie", settings: "OPSGENIE_API_KEY" },
  Opsgenie: { id: "opsgenie", settings: "OPSGENIE_API_KEY" },
  smtp: { id: "email", settings: "EMAIL_FROM, EMAIL_TO and SMTP_URL" },
};

/** The channel that another monitor's kind of notification becomes; `undefined` where there is none. */
export function channelOf(kind: string): { readonly id: string; readonly settings: string } | undefined {
  return own(CHANNELS, kind);
}
