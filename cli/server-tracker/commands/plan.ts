import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { messageOf } from "../../../shared/errors.ts";
import { cleanText } from "../../../shared/text/clean-text.ts";
import { isObject } from "../../../shared/text/is-object.ts";
import { carryOutAll } from "../carry-out.ts";
import type { Client } from "../client.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { exportedFile } from "../exported-file.ts";
import { KINDS, kindOf, labelOf } from "../kinds.ts";
import { isPlan, makePlan, type Plan, type Step } from "../plan.ts";
import { type FileThing, projectSchema, readProject } from "../project-file.ts";
import { showPlan } from "../show-plan.ts";

export interface PlanFlags {
  readonly delete: boolean;
  readonly adopt?: boolean;
  readonly exitCode?: boolean;
}

/** Shows what `apply` would do. @returns the exit code */
export async function plan(context: Context, paths: readonly string[], flags: PlanFlags): Promise<number> {
  const found = await planOf(context, paths, flags);
  if (context.output.format === "table") showPlan(context.output, found);
  else context.output.data(found);
  return flags.exitCode === true && found.steps.length > 0 ? EXIT.differs : EXIT.fine;
}

async function planOf(context: Context, paths: readonly string[], flags: PlanFlags): Promise<Plan> {
  const client = await context.client();
  const project = await readProject(paths, { roundSeconds: await roundSecondsOf(client), env: process.env });
  return makePlan(project, client, { mayDelete: flags.delete, adopts: flags.adopt === true });
}

async function roundSecondsOf(client: Client): Promise<number> {
  const health = await client.call("GET", "/health");
  return isObject(health) && typeof health["roundSeconds"] === "number" ? health["roundSeconds"] : 30;
}

/** Makes the deployment what the files say, or does what a saved plan says. @returns the exit code */
export async function apply(context: Context, paths: readonly string[], flags: PlanFlags): Promise<number> {
  const { output } = context;
  const found = (await savedPlan(paths)) ?? (await planOf(context, paths, flags));
  const client = await context.client();
  if (found.api !== client.url) throw new CommandError(`the plan was made for ${found.api}, not for ${client.url}`);
  showPlan(output.format === "table" ? output : { ...output, line: output.note }, found);
  if (found.steps.length === 0) {
    if (output.format !== "table") output.data({ outcomes: [] });
    return EXIT.fine;
  }
  if (!(await context.confirm(`Do that at ${client.url}?`))) return EXIT.fine;
  const order = { delete: 0, update: 1, create: 2 } as const;
  const outcomes = await carryOutAll(client, found, output);
  outcomes.sort((a, b) => order[a.action] - order[b.action]);
  const failed = outcomes.filter(({ error }) => error !== undefined);
  for (const { kind, key, action, error } of failed) {
    output.problem(output.paint("red", cleanText(`${labelOf(kindOf(kind), key)}: ${action} refused: ${error}`, 1_000)));
  }
  if (output.format === "table") output.line(`${outcomes.length - failed.length} done, ${failed.length} refused.`);
  else output.data({ outcomes });
  return failed.length > 0 ? EXIT.error : EXIT.fine;
}

/** Where one file is given that `plan -o json` wrote, whatever it is called. */
async function savedPlan([path, ...others]: readonly string[]): Promise<Plan | undefined> {
  if (path === undefined || others.length > 0) return undefined;
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new CommandError(`${path} cannot be read: ${messageOf(error)}`);
  });
  const parsed = jsonIn(text);
  if (parsed === undefined && path.endsWith(".json")) throw new CommandError(`${path} is not a whole JSON document: plan again`);
  if (!isObject(parsed) || !Array.isArray(parsed["steps"])) return undefined;
  if (parsed["version"] !== 2) throw new CommandError(`${path} is a plan of another release: plan again`);
  if (!isPlan(parsed)) throw new CommandError(`${path} is not what plan -o json wrote: plan again`);
  return parsed;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looks at files without a deployment. @returns the exit code */
export async function validate({ output }: Context, paths: readonly string[], { round }: { round: string }): Promise<number> {
  if (!/^(?:10|15|20|30|60)$/.test(round)) throw new CommandError("--round must be 10, 15, 20, 30 or 60");
  const { project, things } = await readProject(paths, { roundSeconds: Number(round), env: undefined });
  if (output.format === "table") output.line(`${counted(things)} of project "${project}" are valid.`);
  else
    output.data({
      project,
      ...Object.fromEntries(KINDS.map((kind) => [kind.field, things.filter((thing) => thing.kind === kind).map(inShort)])),
    });
  return EXIT.fine;
}

/** `2 targets, 1 channel`. */
function counted(things: readonly FileThing[]): string {
  const counts = KINDS.flatMap((kind) => {
    const count = things.filter((thing) => thing.kind === kind).length;
    return count > 0 || kind.field === "targets" ? [`${count} ${kind.noun}${count === 1 ? "" : "s"}`] : [];
  });
  return counts.join(", ");
}

function inShort({ kind, key, config }: FileThing): Record<string, unknown> {
  return { key, [kind.titleField]: config[kind.titleField], ...(config["type"] !== undefined && { type: config["type"] }) };
}

/** Writes what there is as a file. */
export async function exportCommand(context: Context, { project }: { project: string }): Promise<number> {
  const client = await context.client();
  const described: Partial<Record<Step["kind"], Record<string, unknown>[]>> = {};
  let others = 0;
  for (const { field, path, isOver } of KINDS) {
    const all = await client.all(path);
    // What settings make stands there; a window that is over says nothing any more; what another project owns is in its files.
    const there = all.filter((view) => view["source"] !== "settings" && isOver?.(view) !== true);
    described[field] = there.filter(({ managed }) => !isObject(managed) || managed["project"] === project);
    others += there.length - described[field].length;
  }
  if (others > 0) context.output.note(`${others} that other projects own are left out.`);
  const { text } = exportedFile(described, project, { roundSeconds: await roundSecondsOf(client), hasVariables: false });
  if (context.output.format === "json") context.output.data(parse(text));
  else process.stdout.write(text);
  return EXIT.fine;
}

/** The file's JSON Schema. */
export async function schema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(projectSchema(), null, 2)}\n`);
  return EXIT.fine;
}
