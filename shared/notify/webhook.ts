import { createHmac } from "node:crypto";
import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";

/**
 * Any HTTP endpoint: JSON, with a time stamp and an HMAC over both, so that the receiver can tell
 * that it is from us and not replayed. Signature: hex HMAC-SHA256 of `<timestamp>.<body>`.
 */
export const webhookNotifier = defineNotifier({
  type: "webhook",
  schema: z.strictObject({
    url: httpUrl,
    /** Key of the signature. Without one, requests are not signed. */
    secret: z.string().min(16, "must have at least 16 characters").optional(),
  }),
  secrets: ["url", "secret"],
  settings: ["WEBHOOK_URL", "WEBHOOK_SECRET"],
  fromSettings: ({ WEBHOOK_URL: url, WEBHOOK_SECRET: secret }) => (url ? { url, secret } : undefined),
  maxAlertsPerMessage: 50,
  takesEach: true,
  send: async (alerts, { url, secret }, context) => {
    const timestamp = String(Math.floor(context.now / 1_000));
    const body = JSON.stringify({ version: 1, sentAt: new Date(context.now).toISOString(), alerts });
    await postJson("webhook", url, body, context, {
      "x-server-tracker-timestamp": timestamp,
      ...(secret !== undefined && { "x-server-tracker-signature": `sha256=${signature(secret, timestamp, body)}` }),
    });
  },
});

/** What a receiver computes to verify a request. */
export function signature(secret: string, timestamp: string, body: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
}
