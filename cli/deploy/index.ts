import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { complain } from "../../local/terminal.ts";
import { messageOf, SettingError } from "../../shared/errors.ts";
import { deployArguments, destroyArguments, readCall, serviceStackOf } from "./cdk-arguments.ts";
import { deployedSettings } from "./deployed-settings.ts";

/*
 * `npm run deploy` and `npm run destroy`: cdk, once it is sure that no setting of what is deployed is lost by a forgotten
 * option. All else is cdk's: its options are passed on.
 */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CDK = join(ROOT, "node_modules", ".bin", "cdk");

try {
  const [verb, ...args] = process.argv.slice(2);
  const call = readCall(args);
  if (call.profile !== undefined) process.env["AWS_PROFILE"] = call.profile;
  const sources = { context: call.context, environment: process.env, folder: ROOT };
  const deployed = await deployedSettings(serviceStackOf(sources));
  const plan = verb === "destroy" ? destroyArguments : deployArguments;
  if (!existsSync(CDK)) throw new SettingError("cdk is not installed: run npm ci");
  const child = spawn(CDK, plan(call, sources, deployed), { cwd: ROOT, stdio: "inherit" });
  child.once("error", (error) => {
    complain(`cdk could not be run: ${error.message}`);
    process.exit(1);
  });
  child.once("close", (code) => process.exit(code ?? 1));
} catch (error) {
  complain(
    error instanceof SettingError ? error.message : `what is deployed could not be read, and nothing was changed: ${messageOf(error)}`,
  );
  process.exit(1);
}
