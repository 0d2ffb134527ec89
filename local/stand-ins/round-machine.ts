import { readFile } from "node:fs/promises";
import { StateMachine } from "aws-local-stepfunctions";
import { SettingError } from "../../shared/errors.ts";

/** The handlers that a definition's tasks call, by state name. */
export type TaskHandlers = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

/** What the interpreter would ignore without a word, so that the same file would do something else here than in AWS. */
const UNSUPPORTED: readonly (readonly [what: string, found: (key: string, value: unknown) => boolean])[] = [
  ["JSONata", (key, value) => key === "QueryLanguage" && value !== "JSONPath"],
  ["Assign", (key) => key === "Assign"],
  ["ItemBatcher", (key) => key === "ItemBatcher"],
  ["ItemReader", (key) => key === "ItemReader"],
  ["ResultWriter", (key) => key === "ResultWriter"],
  ["ToleratedFailure…", (key) => key.startsWith("ToleratedFailure")],
  ["HeartbeatSeconds", (key) => key.startsWith("HeartbeatSeconds")],
  ["IsPresent: false", (key, value) => key === "IsPresent" && value === false],
  ["$$.Execution.Id", (_key, value) => typeof value === "string" && value.includes("$$.Execution.Id")],
  ["a distributed Map", (key, value) => key === "Mode" && value === "DISTRIBUTED"],
  [".sync and .waitForTaskToken", (key, value) => key === "Resource" && /\.(sync|waitForTaskToken)/.test(String(value))],
];

/** @throws {SettingError} naming what of the definition the interpreter would not do as AWS does */
export function assertSupported(definition: unknown, path = "$"): void {
  if (typeof definition !== "object" || definition === null) return;
  for (const [key, value] of Object.entries(definition)) {
    const hit = UNSUPPORTED.find(([, found]) => found(key, value));
    if (hit !== undefined) throw new SettingError(`${path}.${key} uses ${hit[0]}, which the local interpreter does not do as AWS does`);
    assertSupported(value, `${path}.${key}`);
  }
}

/** The round loop's definition, as AWS runs it. */
export const ROUND_DEFINITION = new URL("../../infra/round.asl.json", import.meta.url);

/** Runs executions of the round loop's definition. */
export interface RoundMachine {
  /** Runs one execution to its end. Rejects when it fails, or with the signal's reason when aborted. */
  run(input: { start: string }, signal?: AbortSignal): Promise<unknown>;
}

export async function loadRoundMachine(handlers: TaskHandlers, definitionUrl: URL = ROUND_DEFINITION): Promise<RoundMachine> {
  const text = await readFile(definitionUrl, "utf8");
  // As CDK does it with the functions' ARNs; here the handlers take their place.
  const definition = JSON.parse(text.replace(/\$\{(\w+)\}/g, (_, name: string) => `arn:aws:lambda:local:000000000000:function:${name}`));
  assertSupported(definition);
  const machine = new StateMachine(definition, { validationOptions: { checkArn: false } });
  return {
    async run(input, signal) {
      const execution = machine.run(input as never, { overrides: { taskResourceLocalHandlers: handlers as never }, noThrowOnAbort: true }); // plain JSON both ways
      const abort = () => execution.abort();
      signal?.addEventListener("abort", abort, { once: true });
      return execution.result.finally(() => signal?.removeEventListener("abort", abort));
    },
  };
}
