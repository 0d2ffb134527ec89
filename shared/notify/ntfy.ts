import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import type { Urgency } from "../status/alert-kinds.ts";
import { defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { cut, titledText, traitsOf } from "./wording.ts";

/** Longer ones become a file. Bytes, of which a character takes up to four. https://docs.ntfy.sh/publish/ */
const MAX_CHARACTERS = 1_000;

/** 1 to 5. */
const PRIORITIES: Readonly<Record<Urgency, number>> = { critical: 5, warning: 4, good: 3, info: 3 };

/** An ntfy topic, at ntfy.sh or a server of one's own: a notification an alert. */
export const ntfyNotifier = defineNotifier({
  type: "ntfy",
  schema: z.strictObject({
    server: httpUrl.default("https://ntfy.sh"),
    topic: z.string().regex(/^[\w-]{1,64}$/, "must be a topic: letters, digits, _ and -"),
    accessToken: z
      .string()
      .regex(/^[\x21-\x7e]{5,}$/, "must be an access token of ntfy")
      .optional(),
  }),
  secrets: ["topic", "accessToken"],
  settings: ["NTFY_SERVER", "NTFY_TOPIC", "NTFY_ACCESS_TOKEN"],
  fromSettings: ({ NTFY_SERVER: server, NTFY_TOPIC: topic, NTFY_ACCESS_TOKEN: accessToken }) =>
    topic ? { server: server || undefined, topic, accessToken: accessToken || undefined } : undefined,
  maxAlertsPerMessage: 1,
  send: async (alerts, { server, topic, accessToken }, context) => {
    for (const alert of alerts) {
      const { title, text } = titledText(alert, MAX_CHARACTERS);
      const body = JSON.stringify({
        topic,
        title,
        message: text,
        priority: PRIORITIES[traitsOf(alert).urgency],
        ...(alert.link !== undefined && { click: alert.link }),
        tags: alert.target.tags.slice(0, 5).map((tag) => cut(tag, 50)),
      });
      await postJson("ntfy", server, body, context, accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` });
    }
  },
});
