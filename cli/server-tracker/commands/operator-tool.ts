import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandError, EXIT } from "../exit-codes.ts";

/** The root of the checkout, of which this file, or the bundle that it is in, is a part. */
const ROOT = join(import.meta.dirname, import.meta.dirname.endsWith("commands") ? "../../.." : "../..");

/** What works on a deployment's stores and code, not by its API: it takes a checkout, and is called there as `npm run <name>`. */
export const OPERATOR_TOOLS = {
  token: { file: "cli/token.ts", description: "make, list and revoke tokens without one, on the stores themselves" },
  "set-aside": { file: "cli/set-aside.ts", description: "list log rows that the log refused, and give them to it again" },
  cost: { file: "cli/cost/index.ts", description: "what a deployment costs a month, from metered calls" },
  seed: { file: "cli/seed/index.ts", description: "write a history to look at" },
  "grafana:push": { file: "cli/push-dashboards.ts", description: "push the dashboards and their data source into a Grafana" },
} as const;

/** Runs one as npm would, its words and exit code handed on. @throws {CommandError} where there is no checkout */
export async function runOperatorTool(name: keyof typeof OPERATOR_TOOLS, args: readonly string[]): Promise<number> {
  const file = join(ROOT, OPERATOR_TOOLS[name].file);
  if (!existsSync(file)) throw new CommandError(`${name} works on a checkout of Server Tracker: run \`npm run ${name}\` there`);
  const own = join(ROOT, "node_modules/node/bin/node");
  const program = existsSync(own) ? own : process.execPath;
  const child = spawn(program, ["--require", "./local/preload.cjs", file, ...args], { cwd: ROOT, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? EXIT.interrupted));
  });
}
