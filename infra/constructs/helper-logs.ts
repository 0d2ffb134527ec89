import { CfnResource, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Settings } from "../settings.ts";

/** Gives log groups to functions that CDK makes for its own work: else Lambda makes them, and keeps them for ever. Call it last. */
export function keepHelperLogs(stack: Stack, { logRetentionDays }: Settings): void {
  const scope = new Construct(stack, "HelperLogs");
  for (const helper of stack.node.findAll().filter(isHelper)) {
    const log = new LogGroup(scope, helper.node.path.replaceAll(/[^A-Za-z0-9]/g, ""), {
      retention: logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    }); // checked by CloudWatch
    helper.addPropertyOverride("LoggingConfig", { LogGroup: log.logGroupName });
  }
}

/** Ours have a group of their own. */
function isHelper(node: unknown): node is CfnResource {
  if (!CfnResource.isCfnResource(node) || node.cfnResourceType !== CfnFunction.CFN_RESOURCE_TYPE_NAME) return false;
  return !(node instanceof CfnFunction) || node.loggingConfig === undefined;
}
