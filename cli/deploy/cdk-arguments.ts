import { parseArgs } from "node:util";
import { droppedSettings, givenSettings, readSettings, type SettingSources } from "../../infra/settings.ts";
import { SettingError } from "../../shared/errors.ts";
import type { StackPlace } from "./deployed-stacks.ts";

/** What `npm run deploy` or `destroy` was called with. */
export interface CdkCall {
  readonly context: Readonly<Record<string, string>>;
  /** Settings whose loss is meant: `--drop alarmEmail`. */
  readonly drop: readonly string[];
  readonly profile: string | undefined;
  /** All that `cdk` gets: everything but `--drop`. */
  readonly passed: readonly string[];
}

/** Reads `-c name=value`, `--context name=value`, `--profile name` as cdk does, and `--drop name` of ours. @throws {SettingError} */
export function readCall(args: readonly string[]): CdkCall {
  const options = {
    context: { type: "string", short: "c", multiple: true },
    drop: { type: "string", multiple: true },
    profile: { type: "string" },
  } as const;
  // What is not ours is cdk's, and is not judged here.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const found = tokens.flatMap((token) => (token.kind === "option" && token.name in options ? [token] : []));
  for (const { rawName, value } of found) if (value === undefined) throw new SettingError(`${rawName} needs a value`);
  const valuesOf = (name: keyof typeof options) => found.flatMap((token) => (token.name === name ? [token.value ?? ""] : []));
  const ours = new Set(
    found.flatMap(({ name, index, inlineValue }) => (name !== "drop" ? [] : inlineValue ? [index] : [index, index + 1])),
  );
  return {
    context: Object.fromEntries(valuesOf("context").map((pair) => [pair.split("=")[0] ?? "", pair.split("=").slice(1).join("=")])),
    drop: valuesOf("drop"),
    profile: valuesOf("profile").at(-1),
    passed: args.filter((_, index) => !ours.has(index)),
  };
}

/** Where a deployment's stacks are: one tells what is deployed, the other holds the data. @throws {SettingError} of settings that are wrong */
export function stacksOf(sources: SettingSources): { service: StackPlace; data: StackPlace } {
  const { stage, region } = readSettings(sources);
  return { service: { name: `server-tracker-${stage}-service`, region }, data: { name: `server-tracker-${stage}-data`, region } };
}

/** What is deployed already. */
export interface Deployed {
  /** Settings of the service stack. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether there is data that must not be lost. */
  readonly hasData: boolean;
}

/**
 * Arguments of each `cdk deploy` of a deploy, one after the other. What is protected cannot be taken back by CloudFormation:
 * a first deploy protects nothing until it stands, so that one that fails leaves nothing behind, and can be made again.
 * @throws {SettingError} when this deploy would take a setting away that nobody gave up
 */
export function deployPasses(call: CdkCall, sources: SettingSources, { settings: deployed, hasData }: Deployed): string[][] {
  const { stage, protectData } = readSettings(sources);
  // Of a first deploy that was ended between its passes: to protect more loses nothing.
  const lost = droppedSettings(deployed, givenSettings(sources)).filter((name) => name !== "protectData" && !call.drop.includes(name));
  if (lost.length > 0) {
    const kept = lost.map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(deployed[name])}`).join(",\n");
    throw new SettingError(
      `this deploy would drop settings that are deployed. Nothing was changed. Keep them in settings.${stage}.json:\n\n{\n${kept}\n}\n\nor give them up: ${lost.map((name) => `--drop ${name}`).join(" ")}`,
    );
  }
  const pass = ["deploy", "--all", ...call.passed];
  return hasData || !protectData ? [pass] : [[...pass, "-c", "protectData=false"], pass];
}

/** Arguments of `cdk destroy`: all that is deployed goes, also what only its settings made. */
export function destroyArguments(call: CdkCall, sources: SettingSources, { settings: deployed }: Deployed): string[] {
  const kept = droppedSettings(deployed, givenSettings(sources));
  return ["destroy", "--all", ...call.passed, ...kept.flatMap((name) => ["-c", `${name}=${String(deployed[name])}`])];
}
