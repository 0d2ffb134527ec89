import { discordNotifier } from "./discord.ts";
import { emailNotifier } from "./email.ts";
import { slackNotifier } from "./slack.ts";
import { telegramNotifier } from "./telegram.ts";
import { webhookNotifier } from "./webhook.ts";

/** Every way to tell people. */
export const notifiers = [discordNotifier, slackNotifier, telegramNotifier, emailNotifier, webhookNotifier] as const;

export type NotifierType = (typeof notifiers)[number]["type"];
