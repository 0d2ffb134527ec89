import { writeFile } from "node:fs/promises";
import { messageOf } from "../../../shared/errors.ts";
import { ROUND_LENGTHS } from "../../../shared/time/marks.ts";
import { type Imported, importFrom } from "../../import/index.ts";
import { LEVELS } from "../../import/warnings.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { exportedFile } from "../exported-file.ts";
import { mapWithProgress } from "../progress.ts";
import { withVariables } from "../project-file.ts";

export interface ImportFlags {
  readonly to?: string;
  readonly apply?: boolean;
  readonly strict?: boolean;
  readonly round?: string;
}

/** A deployment's, where nothing else is said. */
const DEFAULT_ROUND_S = 30;

const HEADINGS: Readonly<Record<(typeof LEVELS)[number], string>> = {
  lost: "Lost: no longer checked, or told",
  changed: "Changed: behaves otherwise than before",
  todo: "To do, before it works",
  note: "Worth knowing",
};

/** Reads another monitor's configuration. @returns the exit code */
export async function importCommand(context: Context, source: string, paths: readonly string[], flags: ImportFlags): Promise<number> {
  const { output } = context;
  const roundSeconds = await roundOf(context, flags);
  const imported = await importFrom(source, paths, { roundSeconds, env: process.env });
  if (flags.to !== undefined) {
    const { text, variables } = exportedFile({ targets: imported.targets }, source, {
      roundSeconds,
      hasVariables: imported.hasVariables,
    });
    await writeFile(flags.to, text);
    if (variables.length > 0)
      output.note(`Secrets stand in ${flags.to} as variables, to be given where it is applied: ${variables.join(", ")}`);
  }
  if (output.format === "table") tell(context, imported, flags.to);
  else output.data({ targets: imported.targets, warnings: imported.warnings });
  const failed = flags.apply === true ? await register(context, imported) : 0;
  if (failed > 0) return EXIT.error;
  return flags.strict === true && imported.warnings.some(({ level }) => level === "lost") ? EXIT.differs : EXIT.fine;
}

/** Of the deployment that takes them, where it is known. */
async function roundOf(context: Context, { round, apply }: ImportFlags): Promise<number> {
  if (round === undefined) {
    if (apply !== true) return DEFAULT_ROUND_S;
    const overview = (await (await context.client()).call("GET", "/overview")) as { roundSeconds: number }; // of our API
    return overview.roundSeconds;
  }
  const seconds = ROUND_LENGTHS.find((length) => String(length) === round);
  if (seconds === undefined) throw new CommandError(`--round must be one of ${ROUND_LENGTHS.join(", ")}: the seconds of a round`);
  return seconds;
}

function tell({ output }: Context, { targets, warnings, dropped }: Imported, to: string | undefined): void {
  for (const level of LEVELS) {
    const found = warnings.filter((warning) => warning.level === level);
    if (found.length === 0) continue;
    output.note(output.paint("bold", HEADINGS[level]));
    for (const { topic, at, text } of found)
      output.note(
        `  ${topic}: ${text}\n    ${at.slice(0, 8).join(", ") || "everywhere"}${at.length > 8 ? ` and ${at.length - 8} more` : ""}`,
      );
  }
  const places = (level: string) => warnings.filter((warning) => warning.level === level).reduce((sum, { at }) => sum + at.length, 0);
  output.line(
    `${targets.length} imported, ${dropped} not, ${places("changed")} changed, ${places("lost")} lost something${to === undefined ? "" : `; written to ${to}`}`,
  );
}

/** Registers the targets at the API. @returns how many were refused */
async function register(context: Context, { targets, hasVariables }: Imported): Promise<number> {
  const client = await context.client();
  if (!(await context.confirm(`Register ${targets.length} targets at ${client.url}?`))) return 0;
  const work = async (target: Imported["targets"][number]) => {
    try {
      const missing = new Set<string>();
      const body = hasVariables ? withVariables(target, process.env, missing) : target;
      if (missing.size > 0) throw new CommandError(`the variable ${[...missing].join(", ")} is not given`);
      await client.call("POST", "/targets", { body });
      return undefined;
    } catch (error) {
      return `${target.name}: ${messageOf(error)}`;
    }
  };
  const refusals = await mapWithProgress(targets, "registered", context.output, { work, isDone: (refusal) => refusal === undefined });
  const failed = refusals.filter((refusal) => refusal !== undefined);
  for (const refusal of failed) context.output.problem(context.output.paint("red", refusal));
  context.output.note(`${targets.length - failed.length} registered, ${failed.length} refused`);
  return failed.length;
}
