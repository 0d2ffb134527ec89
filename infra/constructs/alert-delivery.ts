import { Token, Validations } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { publicUrlOf, type Settings } from "../settings.ts";
import type { Parts } from "./parts.ts";
import { reachEnvironment } from "./reach-environment.ts";

/** Lets a function send by what the owner named: e-mail by an identity, messages to topics. */
export function grantSending(lambda: LambdaFunction, { emailIdentity, snsTopics }: Settings): void {
  const topics = snsTopics.split(",").filter((arn) => arn !== "");
  if (topics.length > 0) lambda.addToRolePolicy(new PolicyStatement({ actions: ["sns:Publish"], resources: topics }));
  if (emailIdentity === undefined) return;
  // While SES keeps an account in its sandbox, it asks for the recipient's identity, too: who sends is what is said here.
  // https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
  const { region, account } = lambda.stack;
  const identities = lambda.stack.formatArn({ service: "ses", resource: "identity", resourceName: "*" });
  const senders = emailIdentity.includes("@") ? [emailIdentity] : [`*@${emailIdentity}`, `*@*.${emailIdentity}`];
  lambda.addToRolePolicy(
    new PolicyStatement({
      actions: ["ses:SendEmail"],
      resources: [identities],
      conditions: { StringLike: { "ses:FromAddress": senders } },
    }),
  );
  Validations.of(lambda.role ?? lambda).acknowledge({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:${known(region, "AWS::Region")}:${known(account, "AWS::AccountId")}:identity/*]`,
    reason: "Recipients are the owner's to name; what it sends as is in the condition.",
  });
}

/** As rules of templates name it: what is not known before the deploy, by its parameter. */
function known(value: string, parameter: string): string {
  return Token.isUnresolved(value) ? `<${parameter}>` : value;
}

/** What a function is told that delivers alerts. */
export function deliveryEnvironment({
  settings,
  state,
  log,
  secrets,
  fieldKey,
  pageUrl,
}: Pick<Parts, "settings" | "state" | "log" | "secrets" | "fieldKey" | "pageUrl">) {
  return {
    ...state.environment,
    ...log.writer.environment,
    ...reachEnvironment(settings),
    ...secrets.environment,
    ...fieldKey.environment,
    STAGE: settings.stage,
    ROUND_SECONDS: String(settings.roundSeconds),
    PUBLIC_URL: publicUrlOf(settings, pageUrl),
    // Beside a page the API stands below it; alone, at its own address.
    API_URL: pageUrl === undefined ? publicUrlOf(settings, undefined) : undefined,
  };
}
