import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { messageOf } from "../errors.ts";
import type { Message } from "./mail.ts";
import { DeliveryError } from "./notifier.ts";

const ses = new SESv2Client();

/** Sends through Amazon SES in the function's region. @throws {DeliveryError} */
export async function sendBySes({ from, to, subject, text }: Message, abortSignal: AbortSignal): Promise<void> {
  const content = { Simple: { Subject: { Data: subject, Charset: "UTF-8" }, Body: { Text: { Data: text, Charset: "UTF-8" } } } };
  try {
    await ses.send(new SendEmailCommand({ FromEmailAddress: from, Destination: { ToAddresses: [...to] }, Content: content }), {
      abortSignal,
    });
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    const permanent = /^(MessageRejected|MailFromDomainNotVerified|NotFound|BadRequest|AccountSuspended|AccessDenied)/.test(name);
    throw new DeliveryError(`SES refused the e-mail: ${messageOf(error)}`, { permanent, cause: error });
  }
}
