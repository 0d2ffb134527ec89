import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSettings, type SettingSources } from "../../infra/settings.ts";
import { complain, say } from "../../local/terminal.ts";
import { SettingError } from "../../shared/errors.ts";
import { explainAws } from "../explain-aws.ts";
import { type Deployed, deployPasses, destroyArguments, readCall, stacksOf } from "./cdk-arguments.ts";
import { deployedSettings, findStack } from "./deployed-stacks.ts";
import { concurrencyHint, functionsAtOnce } from "./free-functions.ts";
import { runPasses, stampOf } from "./run-passes.ts";

/*
 * `npm run deploy` and `npm run destroy`: cdk, once it is sure that no setting of what is deployed is lost by a forgotten
 * option. All else is cdk's: its options are passed on.
 */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CDK = join(ROOT, "node_modules", ".bin", "cdk");

async function deployed(sources: SettingSources): Promise<Deployed> {
  const { service, data } = stacksOf(sources);
  const [settings, { stood }] = await Promise.all([deployedSettings(service), findStack(data)]);
  return { settings, hasData: stood };
}

async function hint(sources: SettingSources): Promise<void> {
  const settings = readSettings(sources);
  const account = await functionsAtOnce(settings.region);
  const text = account && concurrencyHint(account, settings);
  if (text !== undefined) say(`Note: ${text}`);
  if (settings.alarmEmail === undefined)
    say(`Note: without the setting alarmEmail, nobody is told when the monitor itself fails: its alarms are red in CloudWatch alone.`);
}

let begun = false;

/** @returns its exit code */
async function cdk(args: readonly string[]): Promise<number> {
  begun = true;
  const child = spawn(CDK, args, { cwd: ROOT, stdio: "inherit" });
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}

try {
  const [verb, ...args] = process.argv.slice(2);
  const call = readCall(args);
  if (call.profile !== undefined) process.env["AWS_PROFILE"] = call.profile;
  const sources = { context: call.context, environment: process.env, folder: ROOT };
  const before = await deployed(sources);
  if (!existsSync(CDK)) throw new SettingError("cdk is not installed: run npm ci");
  if (verb === "destroy") process.exit(await cdk(destroyArguments(call, sources, before)));
  const passes = deployPasses(call, sources, before);
  await hint(sources);
  if (passes.length > 1) say("A first deploy has two passes: data is protected once all of it stands.");
  const stamp = async () => stampOf((await findStack(stacksOf(sources).data)).outputs);
  process.exit(await runPasses(passes, { stamp, cdk, say }));
} catch (error) {
  const unread = `what is deployed could not be read, and ${begun ? "the deploy ended there: begin it again" : "nothing was changed"}`;
  complain(error instanceof SettingError ? error.message : `${unread}: ${explainAws(error)}`);
  process.exit(1);
}
