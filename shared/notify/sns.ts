import { createHash } from "node:crypto";
import * as z from "zod";
import { defineNotifier } from "./notifier.ts";
import { cut, plainLines, wordingOf } from "./wording.ts";

/** Printable ASCII without a line break, beginning with a letter, a digit or a mark. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_SUBJECT = 100;
/** What people read on a phone: two parts of a text message, and no more. */
const MAX_SMS = 280;

/** An Amazon SNS topic: text messages, e-mail, queues, functions, other accounts. Subscriptions filter by `kinds`, `tags` and `groups`. */
export const snsNotifier = defineNotifier({
  type: "sns",
  schema: z.strictObject({
    topicArn: z
      .string()
      .regex(
        /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/,
        "must be the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:ops",
      )
      .meta({ description: "In AWS the deployment's setting snsTopics names it, too." }),
  }),
  secrets: [],
  settings: ["SNS_TOPIC_ARN"],
  fromSettings: ({ SNS_TOPIC_ARN: topicArn }) => (topicArn ? { topicArn } : undefined),
  maxAlertsPerMessage: 20,
  send: async (alerts, { topicArn }, context) => {
    const [first] = alerts;
    if (first === undefined) return;
    const more = alerts.length > 1 ? ` (and ${alerts.length - 1} more)` : "";
    const title = `${wordingOf(first).title}${more}`;
    const listed = (values: readonly string[]) => [...new Set(values)].slice(0, 20);
    // Loaded only where it is used, from a file of its own, so that bundles hold what they use.
    const { publishToSns } = await import("./publish-to-sns.ts");
    await publishToSns(
      {
        topicArn,
        id: createHash("sha256")
          .update(alerts.map(({ id, kind, missed }) => `${kind} ${id} ${missed.length}`).join("\n"))
          .digest("hex"),
        subject: plainSubject(title),
        text: alerts.map((alert) => plainLines(alert).join("\n")).join("\n\n"),
        sms: cut(alerts.length > 1 ? title : plainLines(first).join(" "), MAX_SMS),
        attributes: {
          kinds: listed(alerts.map(({ kind }) => kind)),
          tags: listed(alerts.flatMap(({ target }) => target.tags)),
          groups: listed(alerts.flatMap(({ target }) => target.group ?? [])),
        },
      },
      context.signal,
    );
  },
});

function plainSubject(title: string): string {
  const ascii = title
    .normalize("NFKD")
    .replace(/[^\x20-\x7e]+/g, "")
    .replace(/^[^\w"'(]+/, "")
    .trim();
  return cut(ascii === "" ? "Server Tracker" : ascii, MAX_SUBJECT).replace(/[^\x20-\x7e]/g, ".");
}
