import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import type { Urgency } from "../status/alert-kinds.ts";
import { defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { titledText, traitsOf } from "./wording.ts";

const KEY = /^[A-Za-z0-9]{30}$/;

/** -2 to 2; 1 rings in quiet hours, too. */
const PRIORITIES: Readonly<Record<Urgency, number>> = { critical: 1, warning: 0, good: 0, info: 0 };

/** Pushover: a notification an alert. Limits: https://pushover.net/api#limits */
export const pushoverNotifier = defineNotifier({
  type: "pushover",
  schema: z.strictObject({
    appToken: z.string().regex(KEY, "must be the API token of a Pushover application, 30 letters and digits"),
    userKey: z.string().regex(KEY, "must be the key of a Pushover user or group, 30 letters and digits"),
    apiUrl: httpUrl.default("https://api.pushover.net"),
  }),
  secrets: ["appToken", "userKey"],
  settings: ["PUSHOVER_APP_TOKEN", "PUSHOVER_USER_KEY", "PUSHOVER_API_URL"],
  fromSettings: ({ PUSHOVER_APP_TOKEN: appToken, PUSHOVER_USER_KEY: userKey, PUSHOVER_API_URL: apiUrl }) =>
    appToken ? { appToken, userKey, apiUrl: apiUrl || undefined } : undefined,
  maxAlertsPerMessage: 1,
  send: async (alerts, { appToken, userKey, apiUrl }, context) => {
    for (const alert of alerts) {
      const { title, text } = titledText(alert, 1_024);
      const body = JSON.stringify({
        token: appToken,
        user: userKey,
        title,
        message: text,
        priority: PRIORITIES[traitsOf(alert).urgency],
        timestamp: Math.floor(alert.decidedAt / 1_000),
        ...(alert.link !== undefined && { url: alert.link, url_title: "Open" }),
      });
      await postJson("pushover", `${apiUrl}/1/messages.json`, body, context);
    }
  },
});
