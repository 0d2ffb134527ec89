import { CloudFormationClient, DescribeStacksCommand, GetTemplateSummaryCommand } from "@aws-sdk/client-cloudformation";
import * as z from "zod";
import { CALL_LIMITS } from "./call-limits.ts";

/** Of a deployment. */
export interface StackPlace {
  readonly name: string;
  /** The profile's, where left out. */
  readonly region: string | undefined;
}

const metadataSchema = z.looseObject({ Settings: z.record(z.string(), z.unknown()).default({}) });

/**
 * The settings that a deployed service stack was given, as its template says; none where there is no such stack, or one
 * of a release that did not say.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html
 */
export async function deployedSettings(place: StackPlace): Promise<Record<string, unknown>> {
  const summary = await asked(place, (client, StackName) => client.send(new GetTemplateSummaryCommand({ StackName })));
  return summary?.Metadata === undefined ? {} : metadataSchema.parse(JSON.parse(summary.Metadata)).Settings;
}

/** Statuses of a stack whose first deploy did not end well, or has not begun: it is made again. */
const NEVER_STOOD = /^(?:REVIEW_IN_PROGRESS|ROLLBACK_\w+|CREATE_FAILED|DELETE_COMPLETE)$/;

/** A stack as it is. */
export interface FoundStack {
  /** Whether it has stood, and holds what must not be lost. */
  readonly stood: boolean;
  /** By their names; none where there is no such stack. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export async function findStack(place: StackPlace): Promise<FoundStack> {
  const found = await asked(place, (client, StackName) => client.send(new DescribeStacksCommand({ StackName })));
  const { StackStatus: status, Outputs = [] } = found?.Stacks?.[0] ?? {};
  return {
    stood: status !== undefined && !NEVER_STOOD.test(status),
    outputs: Object.fromEntries(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue])),
  };
}

/** What CloudFormation answers; nothing where there is no such stack. */
async function asked<Answer>(
  { name, region }: StackPlace,
  ask: (client: CloudFormationClient, name: string) => Promise<Answer>,
): Promise<Answer | undefined> {
  const client = new CloudFormationClient({ ...CALL_LIMITS, ...(region !== undefined && { region }) });
  try {
    return await ask(client, name);
  } catch (error) {
    if (error instanceof Error && error.name === "ValidationError" && /does not exist/.test(error.message)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
