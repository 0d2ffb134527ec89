import { type MessageAttributeValue, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { messageOf } from "../errors.ts";
import { DeliveryError } from "./notifier.ts";

export interface SnsMessage {
  readonly topicArn: string;
  /** Of all that it tells, 64 hexadecimal digits: a FIFO topic takes the same one once within five minutes. */
  readonly id: string;
  /** Of e-mail: ASCII, 100 characters. */
  readonly subject: string;
  readonly text: string;
  readonly sms: string;
  /** What subscriptions filter by. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** What is wrong with the message or its topic: the same will be refused again. */
const PERMANENT =
  /^(NotFound|AuthorizationError|AccessDenied|InvalidParameter|InvalidSecurity|KMSAccessDenied|KMSDisabled|KMSNotFound|InvalidClientTokenId|SignatureDoesNotMatch)/;

/** Publishes in the topic's region. @throws {DeliveryError} */
export async function publishToSns({ topicArn, id, subject, text, sms, attributes }: SnsMessage, abortSignal: AbortSignal): Promise<void> {
  const [, , , region = ""] = topicArn.split(":");
  const client = new SNSClient({ region, maxAttempts: 1 });
  const isFifo = topicArn.endsWith(".fifo");
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]): [string, MessageAttributeValue] => [name, { DataType: "String.Array", StringValue: JSON.stringify(values) }]),
  );
  const command = new PublishCommand({
    TopicArn: topicArn,
    Subject: subject,
    MessageStructure: "json",
    Message: JSON.stringify({ default: text, sms }),
    MessageAttributes,
    ...(isFifo && {
      MessageGroupId: "server-tracker",
      MessageDeduplicationId: id,
    }),
  });
  try {
    await client.send(command, { abortSignal });
  } catch (error) {
    const permanent = error instanceof Error && PERMANENT.test(error.name);
    throw new DeliveryError(`SNS refused the message: ${messageOf(error)}`, { permanent, cause: error });
  } finally {
    client.destroy();
  }
}
