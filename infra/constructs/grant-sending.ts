import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Settings } from "../settings.ts";

/** Lets a function send e-mail by the identity that the owner named, if any. */
export function grantSending(lambda: LambdaFunction, { emailIdentity }: Settings): void {
  if (emailIdentity === undefined) return;
  const identity = lambda.stack.formatArn({ service: "ses", resource: "identity", resourceName: emailIdentity });
  lambda.addToRolePolicy(new PolicyStatement({ actions: ["ses:SendEmail"], resources: [identity] }));
}
