import * as z from "zod";
import { type Alert, defineNotifier } from "./notifier.ts";
import { cut, plainLines, wordingOf } from "./wording.ts";

/** E-mail through Amazon SES, or through an SMTP server where a `smtpUrl` is given (a laptop, a company's relay). */
export const emailNotifier = defineNotifier({
  type: "email",
  schema: z.strictObject({
    from: z.email("must be an e-mail address"),
    to: z.array(z.email("must be an e-mail address")).min(1, "must name at least one address").max(50),
    smtpUrl: z.url({ protocol: /^smtps?$/, error: "must be a URL such as smtps://user:password@mail.example.com" }).optional(),
  }),
  secrets: ["smtpUrl"],
  settings: ["EMAIL_FROM", "EMAIL_TO", "SMTP_URL"],
  fromSettings: ({ EMAIL_FROM: from, EMAIL_TO: to, SMTP_URL: smtpUrl }) =>
    to ? { from, to: to.split(",").map((address) => address.trim()), smtpUrl } : undefined,
  maxAlertsPerMessage: 50,
  send: async (alerts, { from, to, smtpUrl }, context) => {
    const message = { from, to, subject: subject(alerts), text: alerts.map((alert) => plainLines(alert).join("\n")).join("\n\n") };
    // Loaded only where mail is sent, not at each cold start; each from a file of its own, so that bundles hold what it uses.
    if (smtpUrl === undefined) await (await import("./send-by-ses.ts")).sendBySes(message, context.signal);
    else await (await import("./send-by-smtp.ts")).sendBySmtp(smtpUrl, message, context);
  },
});

function subject(alerts: readonly Alert[]): string {
  const [first] = alerts;
  const title = first === undefined ? "" : wordingOf(first).title;
  const more = alerts.length > 1 ? ` (and ${alerts.length - 1} more)` : "";
  // A line break here would let a name write headers of its own.
  return cut(`${title}${more}`.replace(/[\r\n]+/g, " "), 200);
}
