import { App, type Environment, Tags, Validations } from "aws-cdk-lib";
import { RegionInfo } from "aws-cdk-lib/region-info";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { SettingError } from "../shared/errors.ts";
import { bundleFunctions } from "./bundle.ts";
import type { Deployment } from "./constructs/app-function.ts";
import { DataStack } from "./data-stack.ts";
import { stampData } from "./data-stamp.ts";
import { GrafanaStack } from "./grafana-stack.ts";
import { ProbeStack } from "./probe-stack.ts";
import { ServiceStack } from "./service-stack.ts";
import { chosenSettings, probeRegionsOf, readSettings } from "./settings.ts";

/** All of a deployment's stacks. */
export function buildApp(
  app: App,
  { settings, bundles }: Deployment,
): { data: DataStack; service: ServiceStack; grafana: GrafanaStack | undefined; probes: readonly ProbeStack[] } {
  const { stage, account, region, protectData } = settings;
  const env = withoutUndefined({
    account: account ?? process.env["CDK_DEFAULT_ACCOUNT"],
    region: region ?? process.env["CDK_DEFAULT_REGION"],
  });
  requireOthers(probeRegionsOf(settings), env.region);
  const props = { env, settings, bundles };
  const data = new DataStack(app, `server-tracker-${stage}-data`, {
    ...props,
    terminationProtection: protectData,
    description: "Server Tracker: state and log",
  });
  const service = new ServiceStack(app, `server-tracker-${stage}-service`, {
    ...props,
    data,
    description: "Server Tracker: API, round loop, alarms",
  });
  // What `npm run deploy` compares the next deploy with.
  service.templateOptions.metadata = { Settings: chosenSettings(settings) };
  stampData(service);
  const probes = probeRegionsOf(settings).map(
    (probeRegion) =>
      new ProbeStack(app, `server-tracker-${stage}-probe-${probeRegion}`, {
        ...props,
        env: { ...env, region: probeRegion },
        description: "Server Tracker: second opinions",
      }),
  );
  let grafana: GrafanaStack | undefined;
  if (settings.grafana) {
    grafana = new GrafanaStack(app, `server-tracker-${stage}-grafana`, {
      env,
      settings,
      data,
      description: "Server Tracker: Amazon Managed Grafana",
    });
    stampData(grafana);
  }
  Tags.of(app).add("application", "server-tracker");
  Tags.of(app).add("stage", stage);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { data, service, grafana, probes };
}

/** Whoever is asked for a second opinion is elsewhere, and can be called from here. @throws {SettingError} */
function requireOthers(regions: readonly string[], home: string | undefined): void {
  if (home === undefined) return;
  if (regions.includes(home)) throw new SettingError(`probeRegions: ${home} is where the deployment itself is: name other regions`);
  const partition = RegionInfo.get(home).partition;
  const strange = regions.find((region) => RegionInfo.get(region).partition !== partition);
  if (strange !== undefined)
    throw new SettingError(`probeRegions: ${strange} is not of the same partition of AWS as ${home}, and cannot be called from there`);
}

function withoutUndefined(env: { account: string | undefined; region: string | undefined }): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

if (import.meta.main) {
  const app = new App();
  try {
    buildApp(app, {
      settings: readSettings({ context: app.node.getAllContext(), environment: process.env, folder: process.cwd() }),
      bundles: await bundleFunctions(),
    });
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  app.synth();
}
