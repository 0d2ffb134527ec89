import { discordNotifier } from "./discord.ts";
import { emailNotifier } from "./email.ts";
import { googleChatNotifier } from "./google-chat.ts";
import { gotifyNotifier } from "./gotify.ts";
import { matrixNotifier } from "./matrix.ts";
import { mattermostNotifier } from "./mattermost.ts";
import { ntfyNotifier } from "./ntfy.ts";
import { opsgenieNotifier } from "./opsgenie.ts";
import { pagerDutyNotifier } from "./pager-duty.ts";
import { pushoverNotifier } from "./pushover.ts";
import { slackNotifier } from "./slack.ts";
import { snsNotifier } from "./sns.ts";
import { teamsNotifier } from "./teams.ts";
import { telegramNotifier } from "./telegram.ts";
import { twilioNotifier } from "./twilio.ts";
import { webhookNotifier } from "./webhook.ts";

/** Every way to tell people. */
export const notifiers = [
  discordNotifier,
  slackNotifier,
  teamsNotifier,
  googleChatNotifier,
  mattermostNotifier,
  matrixNotifier,
  telegramNotifier,
  emailNotifier,
  ntfyNotifier,
  gotifyNotifier,
  pushoverNotifier,
  twilioNotifier,
  snsNotifier,
  pagerDutyNotifier,
  opsgenieNotifier,
  webhookNotifier,
] as const;

export type NotifierType = (typeof notifiers)[number]["type"];
