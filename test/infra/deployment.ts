import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { buildApp } from "../../infra/app.ts";
import { type Bundles, bundleFunctions } from "../../infra/bundle.ts";
import { DATA_STAMP } from "../../infra/data-stamp.ts";
import { settingsSchema } from "../../infra/settings.ts";

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** What a deployment with these settings would make. */
export interface Synthesized {
  readonly bundles: Bundles;
  /** Of the service stack's template. */
  readonly metadata: unknown;
  /** Of each stack, by its name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, { readonly Value: unknown }>>>>;
  readonly all: readonly [id: string, resource: Resource][];
  readonly ofType: (type: string) => readonly [id: string, resource: Resource][];
  /** Without CDK's own helpers of custom resources and triggers, which are not ours to shape. */
  readonly ours: (type: string) => readonly [id: string, resource: Resource][];
}

// Once a process: bundling takes longer than all of a synth.
const folder = mkdtempSync(join(tmpdir(), "server-tracker-bundles-"));
const bundled = bundleFunctions(folder);
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

/** CDK's own rules of templates take longer than the rest of a synth, and only warn: `npm run synth` runs them. */
const UNVALIDATED = { "@aws-cdk/core:validateAgainstDefaultRules": false };

const made = new Map<string, Promise<Synthesized>>();

/** A deployment that has every function. */
export const WITH_PROBE = { probeRegions: "us-east-1" };

/** Made once for each set of settings. */
export function synthesized(given: Record<string, unknown> = {}): Promise<Synthesized> {
  const key = JSON.stringify(given);
  const found = made.get(key) ?? synthesize(given);
  made.set(key, found);
  return found;
}

async function synthesize(given: Record<string, unknown>): Promise<Synthesized> {
  const settings = settingsSchema.parse({
    stage: "test",
    alarmEmail: "ops@example.com",
    emailIdentity: "example.com",
    ...given,
  });
  const bundles = await bundled;
  const built = buildApp(new App({ context: { ...UNVALIDATED, [DATA_STAMP]: "0123456789abcdef" } }), { settings, bundles });
  const stacks = Object.values(built)
    .flat()
    .filter((stack) => stack !== undefined);
  const metadata = Template.fromStack(built.service).toJSON()["Metadata"];
  const resources = (stack: Stack) => Object.entries(Template.fromStack(stack).toJSON()["Resources"] as Record<string, Resource>);
  const all = stacks.flatMap(resources);
  const ofType = (type: string) => all.filter(([, resource]) => resource.Type === type);
  return {
    bundles,
    metadata,
    outputs: Object.fromEntries(stacks.map((stack) => [stack.stackName, Template.fromStack(stack).toJSON()["Outputs"] ?? {}])),
    all,
    ofType,
    ours: (type) => ofType(type).filter(([id]) => !/CustomResourceProvider|AWSCDK|Custom/.test(id)),
  };
}

/** A function of the template, with the statements that its role allows. */
export interface DeployedFunction {
  readonly name: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly statements: readonly {
    readonly actions: readonly string[];
    readonly resources: readonly unknown[];
    /** Values of the partition key that a statement about the table is for. */
    readonly partitions: readonly string[];
  }[];
}

interface Condition {
  readonly "ForAllValues:StringEquals"?: { readonly "dynamodb:LeadingKeys"?: readonly string[] };
}

interface PolicyProperties {
  readonly Roles: { Ref: string }[];
  readonly PolicyDocument: { Statement: { Effect: string; Action: string | string[]; Resource: unknown; Condition?: Condition }[] };
}

export function deployedFunctions({ ours, ofType }: Synthesized): DeployedFunction[] {
  // What is more than a role holds itself, CDK puts into a policy of its own.
  const policies = ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"]
    .flatMap(ofType)
    .map(([, { Properties }]) => Properties as unknown as PolicyProperties);
  return ours("AWS::Lambda::Function").map(([, { Properties }]) => {
    const environment = (Properties["Environment"] as { Variables: Record<string, unknown> }).Variables;
    const role = (Properties["Role"] as { "Fn::GetAtt": [string] })["Fn::GetAtt"][0];
    const statements = policies
      .filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .map(({ Action, Resource, Condition }) => ({
        actions: [Action].flat(),
        resources: [Resource].flat(),
        partitions: Condition?.["ForAllValues:StringEquals"]?.["dynamodb:LeadingKeys"] ?? [],
      }));
    return { name: String(environment["POWERTOOLS_SERVICE_NAME"]), environment, statements };
  });
}
