import { readFile } from "node:fs/promises";
import { messageOf } from "../../../shared/errors.ts";
import { cleanText } from "../../../shared/text/clean-text.ts";
import { isObject } from "../../../shared/text/is-object.ts";
import { ApiProblem, type Client } from "../client.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { exportedFile } from "../exported-file.ts";
import type { Output } from "../output.ts";
import { awaitedBy, makePlan, type Plan, type Step, withIds } from "../plan.ts";
import { mapWithProgress } from "../progress.ts";
import { projectSchema, readProject } from "../project-file.ts";

const DAY_MS = 86_400_000;

export interface PlanFlags {
  readonly delete: boolean;
  readonly adopt?: boolean;
  readonly exitCode?: boolean;
}

/** Shows what `apply` would do. @returns the exit code */
export async function plan(context: Context, paths: readonly string[], flags: PlanFlags): Promise<number> {
  const found = await planOf(context, paths, flags);
  if (context.output.format === "table") show(context.output, found);
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
  show(output.format === "table" ? output : { ...output, line: output.note }, found);
  if (found.steps.length === 0) return EXIT.fine;
  if (!(await context.confirm(`Do that at ${client.url}?`))) return EXIT.fine;
  const order = { delete: 0, update: 1, create: 2 } as const;
  const outcomes = await carryOutAll(client, found.steps, output);
  outcomes.sort((a, b) => order[a.action] - order[b.action]);
  const failed = outcomes.filter(({ error }) => error !== undefined);
  for (const { key, action, error } of failed) output.note(output.paint("red", `${key}: ${action} refused: ${error}`));
  if (output.format === "table") output.line(`${outcomes.length - failed.length} done, ${failed.length} refused.`);
  else output.data({ outcomes });
  return failed.length > 0 ? EXIT.error : EXIT.fine;
}

/** Where one file is given that `plan -o json` wrote. */
async function savedPlan([path, ...others]: readonly string[]): Promise<Plan | undefined> {
  if (path === undefined || others.length > 0 || !path.endsWith(".json")) return undefined;
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new CommandError(`${path} cannot be read: ${messageOf(error)}`);
  });
  const parsed: unknown = JSON.parse(text);
  return isObject(parsed) && Array.isArray(parsed["steps"]) && parsed["version"] === 1 ? (parsed as unknown as Plan) : undefined; // as plan wrote it
}

interface StepOutcome {
  readonly key: string;
  readonly action: Step["action"];
  readonly error?: string;
}

/** A name must be free before another takes it; what others depend on is there before them. */
async function carryOutAll(client: Client, steps: readonly Step[], output: Output): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  const ids = new Map<string, string>();
  const run = async (some: readonly Step[], what: string) => {
    outcomes.push(
      ...(await mapWithProgress(some, what, output, (step) => carryOut(client, step.action === "delete" ? step : withIds(step, ids), ids))),
    );
  };
  const isReady = (step: Step) => awaitedBy(step).every((key) => ids.has(key));
  const of = (action: Step["action"]) => steps.filter((step) => step.action === action);
  await run(of("delete"), "deleted");
  await run(of("update").filter(isReady), "updated");
  const done = (step: Step) => outcomes.some(({ key, action }) => key === step.key && action === step.action);
  let waiting = of("create");
  for (let wave = waiting.filter(isReady); wave.length > 0; wave = waiting.filter(isReady)) {
    await run(wave, "created");
    waiting = waiting.filter((step) => !done(step));
  }
  const late = of("update").filter((step) => !done(step));
  await run(late.filter(isReady), "updated");
  for (const step of [...waiting, ...late.filter((each) => !isReady(each))]) {
    const missing = awaitedBy(step).filter((key) => !ids.has(key));
    outcomes.push({ key: step.key, action: step.action, error: `it depends on ${missing.join(", ")}, which was refused` });
  }
  return outcomes;
}

/** @param ids gets those of what is made, by key */
async function carryOut(client: Client, step: Step, ids: Map<string, string>): Promise<StepOutcome> {
  const { key, action } = step;
  try {
    if (step.action === "create") {
      const made = await client.call("POST", "/targets", { body: step.body });
      if (isObject(made)) ids.set(key, String(made["id"]));
    } else if (step.action === "update")
      await client.call("PATCH", `/targets/${step.id}`, { body: step.patch, ifMatch: `"${step.version}"` });
    else await client.call("DELETE", `/targets/${step.id}`, { ifMatch: `"${step.version}"` });
    return { key, action };
  } catch (error) {
    const isStale = error instanceof ApiProblem && error.status === 412;
    return { key, action, error: isStale ? "it was changed since the plan was made: plan again" : messageOf(error) };
  }
}

function show(output: Pick<Output, "line" | "paint">, { steps, unchanged, adoptable }: Plan): void {
  const count = (action: Step["action"]) => steps.filter((step) => step.action === action).length;
  for (const step of steps) showStep(output, step);
  output.line(
    `${steps.length > 0 ? "\n" : ""}Plan: ${count("create")} to add, ${count("update")} to change, ${count("delete")} to delete, ${unchanged} unchanged.`,
  );
  if (adoptable > 0)
    output.line(`${adoptable} of them ${adoptable === 1 ? "was" : "were"} made by hand: with --adopt they become this project's.`);
}

function showStep(output: Pick<Output, "line" | "paint">, step: Step): void {
  const name = cleanText(step.name, 100);
  if (step.action === "create") output.line(`${output.paint("green", "+")} ${step.key}  "${name}"  new`);
  else if (step.action === "delete") {
    const days = Math.round((Date.now() - Date.parse(step.createdAt)) / DAY_MS);
    output.line(`${output.paint("red", "-")} ${step.key}  "${name}"  (${days} days of history)   deletes its history`);
  } else {
    const adopted = step.adopts ? ", adopted: it was made by hand" : "";
    output.line(`${output.paint("yellow", "~")} ${step.key}  "${name}"  ${step.changes.length} changed${adopted}`);
    for (const change of step.changes) {
      const values = change.isSecret ? "(changed)" : `${shown(change.before)} -> ${shown(change.after)}`;
      output.line(`    ${change.field.padEnd(24)} ${values}`);
    }
    if (step.drift !== undefined)
      output.line(`    ${output.paint("dim", `last changed by ${cleanText(step.drift.who, 100)}, ${step.drift.at}`)}`);
  }
}

function shown(value: unknown): string {
  return value === undefined ? "(none)" : cleanText(JSON.stringify(value), 120);
}

/** Looks at files without a deployment. @returns the exit code */
export async function validate({ output }: Context, paths: readonly string[], { round }: { round: string }): Promise<number> {
  const { project, targets } = await readProject(paths, { roundSeconds: Number(round), env: undefined });
  if (output.format === "table") output.line(`${targets.length} targets of project "${project}" are valid.`);
  else output.data({ project, targets: targets.map(({ key, config }) => ({ key, name: config.name, type: config.type })) });
  return EXIT.fine;
}

/** Writes what there is as a file. */
export async function exportCommand(context: Context, { project }: { project: string }): Promise<number> {
  const client = await context.client();
  const all = await client.all("/targets");
  // What another project owns stands in its own files.
  const own = all.filter(({ managed }) => !isObject(managed) || managed["project"] === project);
  if (own.length < all.length) context.output.note(`${all.length - own.length} that other projects own are left out.`);
  process.stdout.write(exportedFile(own, project, await roundSecondsOf(client)));
  return EXIT.fine;
}

/** The file's JSON Schema. */
export async function schema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(projectSchema(), null, 2)}\n`);
  return EXIT.fine;
}
