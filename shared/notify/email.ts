import * as z from "zod";
import { messageOf } from "../errors.ts";
import { type Alert, DeliveryError, defineNotifier } from "./notifier.ts";
import type { Message, SendMail } from "./send-mail.ts";
import { cut, plainLines, wordingOf } from "./wording.ts";

/** E-mail through Amazon SES, or through an SMTP server where a `smtpUrl` is given (a laptop, a company's relay). */
export const emailNotifier = defineNotifier({
  type: "email",
  schema: z.strictObject({
    from: z.email("must be an e-mail address"),
    to: z.array(z.email("must be an e-mail address")).min(1, "must name at least one address").max(50),
    smtpUrl: z.url({ protocol: /^smtps?$/, error: "must be a URL such as smtps://user:password@mail.example.com" }).optional(),
  }),
  settings: ["EMAIL_FROM", "EMAIL_TO", "SMTP_URL"],
  fromSettings: ({ EMAIL_FROM: from, EMAIL_TO: to, SMTP_URL: smtpUrl }) =>
    to ? { from, to: to.split(",").map((address) => address.trim()), smtpUrl } : undefined,
  maxAlertsPerMessage: 50,
  send: async (alerts, { from, to, smtpUrl }, { signal }) => {
    const message = { from, to, subject: subject(alerts), text: alerts.map((alert) => plainLines(alert).join("\n")).join("\n\n") };
    await (smtpUrl === undefined ? sendBySes(message, signal) : sendBySmtp(smtpUrl, message));
  },
});

function subject(alerts: readonly Alert[]): string {
  const [first] = alerts;
  const title = first === undefined ? "" : wordingOf(first).title;
  const more = alerts.length > 1 ? ` (and ${alerts.length - 1} more)` : "";
  // A line break here would let a name write headers of its own.
  return cut(`${title}${more}`.replace(/[\r\n]+/g, " "), 200);
}

// Loaded only where mail is sent, not at each cold start; each from a file of its own, so that bundles hold what it uses.
const sendBySes: SendMail = async (...args) => (await import("./send-by-ses.ts")).sendBySes(...args);

async function sendBySmtp(smtpUrl: string, message: Message): Promise<void> {
  const { createTransport } = await import("nodemailer");
  const transport = createTransport(smtpUrl, { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 8_000 } as object); // typed without URL options
  try {
    await transport.sendMail({ ...message, to: [...message.to] });
  } catch (error) {
    const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
    throw new DeliveryError(`SMTP server refused the e-mail: ${messageOf(error)}`, { permanent: code >= 500, cause: error });
  } finally {
    transport.close();
  }
}
