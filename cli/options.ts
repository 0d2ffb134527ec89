import { parseArgs } from "node:util";
import * as z from "zod";
import { complain, say } from "../local/terminal.ts";
import { explainAws } from "./explain-aws.ts";

/** A whole number given as text. */
export const whole = (min: number, max: number) =>
  z.coerce
    .number("must be a whole number")
    .int("must be a whole number")
    .min(min, `must be ${min} to ${max}`)
    .max(max, `must be ${min} to ${max}`);

/** What a command was called with. */
export interface CommandLine<Options> {
  readonly options: Options;
  readonly positionals: readonly string[];
}

/**
 * Runs a command of an operator: options by its schema, `--help`, one clear line and exit code 1 when it fails.
 * @param name as it is called, such as `npm run cost`
 * @param schema of the options: each is `--name value`
 * @param run ends the process with 0 when it returns
 */
export async function runCommand<Schema extends z.ZodObject>(
  name: string,
  usage: string,
  schema: Schema,
  run: (line: CommandLine<z.output<Schema>>) => Promise<void>,
): Promise<void> {
  try {
    const text = { type: "string" } as const;
    const options = Object.fromEntries(Object.keys(schema.shape).map((option) => [option, text]));
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { ...options, help: { type: "boolean" } } });
    if (values["help"]) say(usage);
    else {
      const { help: _, ...given } = values as Record<string, unknown>;
      const parsed = schema.safeParse(given);
      if (!parsed.success)
        throw new UsageError(parsed.error.issues.map(({ path, message }) => `--${path.join(".")} ${message}`).join("; "));
      await run({ options: parsed.data, positionals });
    }
    process.exit();
  } catch (error) {
    complain(`${name}: ${explainAws(error)}${error instanceof UsageError ? `\n\n${usage}` : ""}`);
    process.exit(1);
  }
}

/** The command was called wrongly: its usage is shown. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
