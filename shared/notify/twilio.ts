import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { plainText } from "./wording.ts";

/** Twilio takes 1,600 and bills each part of 153 or 67: who gets a text message wants to know what, and why. */
const MAX_CHARACTERS = 600;
const NUMBER = /^\+[1-9]\d{6,14}$/;

/** Twilio: a text message an alert and number. https://www.twilio.com/docs/messaging/api/message-resource */
export const twilioNotifier = defineNotifier({
  type: "twilio",
  schema: z.strictObject({
    accountSid: z.string().regex(/^AC[0-9a-f]{32}$/, "must be an account's SID, AC and 32 hexadecimal digits"),
    authToken: z.string().regex(/^[0-9a-zA-Z]{16,64}$/, "must be the account's auth token"),
    from: z
      .string()
      .regex(
        /^(?:\+[1-9]\d{6,14}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$/,
        "must be a number such as +15005550006, a sender's name or a messaging service's SID",
      ),
    to: z.string().regex(NUMBER, "must be a number with its country, such as +4915112345678"),
    apiUrl: httpUrl.default("https://api.twilio.com"),
  }),
  secrets: ["authToken"],
  settings: ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_TO", "TWILIO_API_URL"],
  fromSettings: ({
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_FROM: from,
    TWILIO_TO: to,
    TWILIO_API_URL: apiUrl,
  }) => (accountSid ? { accountSid, authToken, from, to, apiUrl: apiUrl || undefined } : undefined),
  maxAlertsPerMessage: 1,
  send: async (alerts, { accountSid, authToken, from, to, apiUrl }, context) => {
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`,
    };
    for (const alert of alerts) {
      const sender = from.startsWith("MG") ? { MessagingServiceSid: from } : { From: from };
      const body = new URLSearchParams({ ...sender, To: to, Body: plainText(alert, MAX_CHARACTERS) });
      await postJson("twilio", `${apiUrl}/2010-04-01/Accounts/${accountSid}/Messages.json`, body.toString(), context, headers);
    }
  },
});
