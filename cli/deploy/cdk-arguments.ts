import { parseArgs } from "node:util";
import { droppedSettings, givenSettings, readSettings, type SettingSources } from "../../infra/settings.ts";
import { SettingError } from "../../shared/errors.ts";

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

/** Which stack tells what is deployed. @throws {SettingError} of settings that are wrong */
export function serviceStackOf(sources: SettingSources): { name: string; region: string | undefined } {
  const { stage, region } = readSettings(sources);
  return { name: `server-tracker-${stage}-service`, region };
}

/**
 * Arguments of `cdk deploy`.
 * @param deployed settings of the stack that is there
 * @throws {SettingError} when this deploy would take one of them away that nobody gave up
 */
export function deployArguments(call: CdkCall, sources: SettingSources, deployed: Readonly<Record<string, unknown>>): string[] {
  const lost = droppedSettings(deployed, givenSettings(sources)).filter((name) => !call.drop.includes(name));
  if (lost.length > 0) {
    const { stage } = readSettings(sources);
    const kept = lost.map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(deployed[name])}`).join(",\n");
    throw new SettingError(
      `this deploy would drop settings that are deployed. Nothing was changed. Keep them in settings.${stage}.json:\n\n{\n${kept}\n}\n\nor give them up: ${lost.map((name) => `--drop ${name}`).join(" ")}`,
    );
  }
  return ["deploy", "--all", ...call.passed];
}

/** Arguments of `cdk destroy`: all that is deployed goes, also what only its settings made. */
export function destroyArguments(call: CdkCall, sources: SettingSources, deployed: Readonly<Record<string, unknown>>): string[] {
  const kept = droppedSettings(deployed, givenSettings(sources));
  return ["destroy", "--all", ...call.passed, ...kept.flatMap((name) => ["-c", `${name}=${String(deployed[name])}`])];
}
