import { CloudFormationClient, GetTemplateSummaryCommand } from "@aws-sdk/client-cloudformation";
import * as z from "zod";

const metadataSchema = z.looseObject({ Settings: z.record(z.string(), z.unknown()).default({}) });
const TIMEOUT_MS = 15_000;

/**
 * The settings that a deployed service stack was given, as its template says; none where there is no such stack, or one
 * of a release that did not say.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html
 */
export async function deployedSettings({ name, region }: { name: string; region: string | undefined }): Promise<Record<string, unknown>> {
  const client = new CloudFormationClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
    ...(region !== undefined && { region }),
  });
  try {
    const { Metadata } = await client.send(new GetTemplateSummaryCommand({ StackName: name }));
    return Metadata === undefined ? {} : metadataSchema.parse(JSON.parse(Metadata)).Settings;
  } catch (error) {
    if (error instanceof Error && error.name === "ValidationError" && /does not exist/.test(error.message)) return {};
    throw error;
  } finally {
    client.destroy();
  }
}
