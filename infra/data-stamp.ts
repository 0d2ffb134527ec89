import { CfnOutput, type Stack } from "aws-cdk-lib";

/** CDK context: what `npm run deploy` saw of the data stack's outputs. */
export const DATA_STAMP = "@server-tracker/data-stamp";

/**
 * Writes into a stack what the data stack's outputs were when it was last deployed. Its references are resolved when it is
 * created or updated, and not when they change; where its template is what it was, there is no update: a cluster that was
 * replaced or restored would stay unknown to it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
 */
export function stampData(stack: Stack): void {
  const value: unknown = stack.node.tryGetContext(DATA_STAMP);
  if (typeof value !== "string") return;
  new CfnOutput(stack, "DataStamp", { value, description: "Of the data stack's outputs, as this stack knows them" });
}
