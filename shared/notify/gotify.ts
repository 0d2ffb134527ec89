import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import type { Urgency } from "../status/alert-kinds.ts";
import { defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { titledText, traitsOf } from "./wording.ts";

/** 0 to 10; from 8 on, phones ring. */
const PRIORITIES: Readonly<Record<Urgency, number>> = { critical: 9, warning: 6, good: 4, info: 4 };

/** A Gotify server: a message an alert. https://gotify.net/api-docs */
export const gotifyNotifier = defineNotifier({
  type: "gotify",
  schema: z.strictObject({ server: httpUrl, appToken: z.string().regex(/^[\w.-]{5,}$/, "must be the token of a Gotify application") }),
  secrets: ["appToken"],
  settings: ["GOTIFY_SERVER", "GOTIFY_APP_TOKEN"],
  fromSettings: ({ GOTIFY_SERVER: server, GOTIFY_APP_TOKEN: appToken }) => (server ? { server, appToken } : undefined),
  maxAlertsPerMessage: 1,
  send: async (alerts, { server, appToken }, context) => {
    for (const alert of alerts) {
      const { title, text } = titledText(alert, 4_000);
      const body = JSON.stringify({
        title,
        message: text,
        priority: PRIORITIES[traitsOf(alert).urgency],
        extras: {
          "client::display": { contentType: "text/plain" },
          ...(alert.link !== undefined && { "client::notification": { click: { url: alert.link } } }),
        },
      });
      await postJson("gotify", `${server.replace(/\/+$/, "")}/message`, body, context, { "x-gotify-key": appToken });
    }
  },
});
