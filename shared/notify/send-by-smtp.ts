import { createTransport } from "nodemailer";
import { messageOf } from "../errors.ts";
import { ForbiddenAddressError } from "../net/address-guard.ts";
import { bareHost } from "../net/bare-host.ts";
import { dial, Trace } from "../net/dial.ts";
import { cleanText } from "../text/clean-text.ts";
import type { Message } from "./mail.ts";
import { DeliveryError, type NotifyContext } from "./notifier.ts";

/** Ports of mail submission, with TLS from the start and without. Source: RFC 8314, 3.3; RFC 6409, 3.1. */
const TLS_PORT = 465;
const PORT = 587;

/**
 * Through an SMTP server, on a guarded connection that ends with the signal: a server that answers a letter a minute
 * holds nothing open. `smtp:` is encrypted where the server offers STARTTLS.
 * @param smtpUrl `smtps://user:password@host:port`
 * @throws {DeliveryError}
 */
export async function sendBySmtp(smtpUrl: string, message: Message, { guard, signal }: NotifyContext): Promise<void> {
  const { protocol, hostname, port } = new URL(smtpUrl);
  const secure = protocol === "smtps:";
  const host = bareHost(hostname);
  const endpoint = { host, port: Number(port) || (secure ? TLS_PORT : PORT), ...(secure && { tls: { verify: true } }) };
  try {
    const connection = await dial(endpoint, { guard, signal, trace: new Trace() });
    try {
      const transport = createTransport({ url: smtpUrl, connection, secured: secure });
      const { rejected } = await transport.sendMail({ ...message, to: [...message.to] });
      // Some took it: who did not is named.
      if (rejected.length > 0) {
        const names = rejected.join(", ");
        throw new DeliveryError(`SMTP server took the e-mail, but not for ${cleanText(names, 300)}`, { permanent: true, taken: true });
      }
    } finally {
      connection.destroy();
    }
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    if (error instanceof ForbiddenAddressError) throw new DeliveryError(`SMTP server: ${error.message}`, { permanent: true, cause: error });
    const code = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
    throw new DeliveryError(`SMTP server refused the e-mail: ${messageOf(error)}`, { permanent: code >= 500, cause: error });
  }
}
