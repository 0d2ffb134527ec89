import { messageOf } from "../../shared/errors.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { ApiProblem, type Client } from "./client.ts";
import { KINDS, kindOf } from "./kinds.ts";
import type { Output } from "./output.ts";
import { awaitedBy, channelsOf, type Plan, type Step, withIds } from "./plan.ts";
import { AT_ONCE, mapWithProgress } from "./progress.ts";

/** What became of a step. */
export interface StepOutcome {
  readonly kind: Step["kind"];
  readonly key: string;
  readonly action: Step["action"];
  readonly error?: string;
}

type Creation = Extract<Step, { action: "create" }>;
type Update = Extract<Step, { action: "update" }>;

/** Does what a plan says, step by step: a name must be free before another takes it; what others name is there before them. */
export async function carryOutAll(
  client: Client,
  { steps, project }: Pick<Plan, "steps" | "project">,
  output: Output,
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  const ids = new Map<string, string>();
  const toMake = new Set(steps.filter(({ kind, action }) => kind === "channels" && action === "create").map(({ key }) => key));
  const carryOut = carrier(client, project, ids);
  const run = async (some: readonly Step[], what: string) => {
    const work = { work: (step: Step) => carryOut(withIds(step, ids)), isDone: ({ error }: StepOutcome) => error === undefined };
    outcomes.push(...(await mapWithProgress(some, what, output, work)));
    for (const step of some) if (step.kind === "channels" && !isRefused(step)) toMake.delete(step.key);
  };
  const runUpdates = async (some: readonly Step[]) => {
    const { waves, circular } = nameWaves(some);
    const moved = await Promise.all(circular.map((step) => outOfTheWay(client, project, step)));
    for (const wave of waves) await run(wave, "updated");
    await run(moved, "updated");
  };
  const outcomeOf = (step: Step) =>
    outcomes.find(({ kind, key, action }) => kind === step.kind && key === step.key && action === step.action);
  const isRefused = (step: Step) => outcomeOf(step)?.error !== undefined;
  const missing = (step: Step) => [...awaitedBy(step).filter((key) => !ids.has(key)), ...channelsOf(step).filter((key) => toMake.has(key))];
  const isReady = (step: Step) => missing(step).length === 0;
  const of = (action: Step["action"]) => steps.filter((step) => step.action === action);
  // What shows targets goes before them, and what tells of them after.
  for (const { field } of [...KINDS].reverse()) {
    await run(
      of("delete").filter(({ kind }) => kind === field),
      "deleted",
    );
  }
  const updates = await withNamesFree(of("update"), of("create"), (step) =>
    isReady(step) ? undefined : outOfTheWay(client, project, step),
  );
  await runUpdates(updates.filter(isReady));
  const known = await ownedKeys(client, of("create"), project);
  for (const { kind, key } of of("create").filter((step) => step.kind === "targets" && known.has(step.key)))
    outcomes.push({ kind, key, action: "create", error: "it was made since the plan was made: plan again" });
  let waiting = of("create").filter((step) => outcomeOf(step) === undefined);
  const make = async (some: readonly Step[]) => {
    for (let wave = some; wave.length > 0; wave = waiting.filter(isReady)) {
      await run(wave, "created");
      waiting = waiting.filter((step) => outcomeOf(step) === undefined);
    }
  };
  await make(waiting.filter(isReady));
  // Channels of targets that are to be told on them: made first, of nothing and paused.
  const tied = waiting.filter(isCreation).filter((step) => step.kind === "channels" && missing(step).every((key) => isMade(waiting, key)));
  await make(tied.map(untied));
  await run(tied.filter((step) => !isRefused(step) && isReady(step)).map(tiedAgain), "updated");
  for (const { kind, key } of tied.filter((step) => !isRefused(step) && !isReady(step)))
    outcomes.push({ kind, key, action: "update", error: "it is paused, since targets that it is for were refused: apply again" });
  const late = updates.filter((step) => outcomeOf(step) === undefined);
  await runUpdates(late.filter(isReady));
  for (const step of [...waiting, ...late.filter((each) => !isReady(each))]) {
    const { kind, key, action } = step;
    outcomes.push({ kind, key, action, error: `it depends on ${missing(step).join(", ")}, which was refused` });
  }
  return outcomes;
}

/**
 * Updates that wait for what is to be made, and keep its name from it until then, give that up before.
 * @param giveUp what does so; nothing for one that need not wait
 */
async function withNamesFree(
  updates: readonly Step[],
  creations: readonly Step[],
  giveUp: (step: Update) => Promise<Step> | undefined,
): Promise<Step[]> {
  const wanted = new Set(creations.map((step) => `${step.kind} ${step.name.toLowerCase()}`));
  return Promise.all(
    updates.map((step) => {
      const isInTheWay = step.action === "update" && wanted.has(nameChange(step)?.from ?? "");
      return (isInTheWay ? giveUp(step) : undefined) ?? step;
    }),
  );
}

/** Keys of targets that the project has, where some are to be made: a plan may be older than they are. */
async function ownedKeys(client: Client, creations: readonly Step[], project: string): Promise<ReadonlySet<string>> {
  if (!creations.some(({ kind }) => kind === "targets")) return new Set();
  const targets = await client.all(kindOf("targets").path);
  return new Set(targets.flatMap(({ managed }) => (isObject(managed) && managed["project"] === project ? [String(managed["key"])] : [])));
}

function isCreation(step: Step): step is Creation {
  return step.action === "create";
}

function isMade(steps: readonly Step[], target: string): boolean {
  return steps.some(({ kind, key, action }) => kind === "targets" && key === target && action === "create");
}

/** A channel before the targets that it is for are there: it tells of none meanwhile. */
function untied(step: Creation): Creation {
  const match = isObject(step.body["match"]) ? step.body["match"] : {};
  return { ...step, body: { ...step.body, paused: true, match: { ...match, targets: [] } } };
}

/** The same channel once they are. */
function tiedAgain({ kind, key, name, body }: Creation): Update {
  return {
    action: "update",
    kind,
    key,
    name,
    id: key,
    version: 1,
    changes: [],
    patch: { match: body["match"], paused: body["paused"] === true },
  };
}

/** The names that a step gives up and takes, where it changes one that is one thing's alone; case does not count. */
function nameChange(step: Step): { readonly from: string; readonly to: string } | undefined {
  if (step.action !== "update" || (step.kind !== "targets" && step.kind !== "channels")) return undefined;
  const { name } = step.patch;
  const [from, to] = [`${step.kind} ${step.name.toLowerCase()}`, `${step.kind} ${String(name).toLowerCase()}`];
  return typeof name === "string" && from !== to ? { from, to } : undefined;
}

/**
 * Updates in the order in which names become free.
 * @returns `circular`: those that hold each other's names, of which each must give up its own first
 */
function nameWaves(steps: readonly Step[]): { readonly waves: readonly (readonly Step[])[]; readonly circular: readonly Update[] } {
  const waves: Step[][] = [];
  let left = [...steps];
  while (left.length > 0) {
    const held = new Set(left.flatMap((step) => nameChange(step)?.from ?? []));
    const wave = left.filter((step) => !held.has(nameChange(step)?.to ?? ""));
    if (wave.length === 0) break;
    waves.push(wave);
    left = left.filter((step) => !wave.includes(step));
  }
  return { waves, circular: left.filter((step) => step.action === "update") };
}

/** Gives up a thing's name for one that nobody has. @returns the step as it is to be done then; as it was, when that is refused */
async function outOfTheWay(client: Client, appliedBy: string, step: Update): Promise<Step> {
  const name = `${step.name.slice(0, 150)} (${step.key})`;
  const path = `${kindOf(step.kind).path}/${step.id}`;
  try {
    const moved = await client.call("PATCH", path, { body: { name }, ifMatch: `"${step.version}"`, appliedBy });
    return isObject(moved) ? { ...step, version: Number(moved["version"]) } : step;
  } catch {
    return step; // It is tried as it stands, and what the API says of that is told.
  }
}

/** @param ids gets those of targets that are made, by key @returns what does one step */
function carrier(client: Client, appliedBy: string, ids: Map<string, string>): (step: Step) => Promise<StepOutcome> {
  /** Steps in a row that nobody answered: as many as are under way at once, and nobody is there any more. */
  let unanswered = 0;
  return async (step) => {
    const { kind, key, action } = step;
    if (unanswered >= AT_ONCE) return { kind, key, action, error: "not tried: the API does not answer any more. Apply again" };
    try {
      const answer = await request(client, appliedBy, step);
      if (action === "create" && kind === "targets" && isObject(answer)) ids.set(key, String(answer["id"]));
      unanswered = 0;
      return { kind, key, action };
    } catch (error) {
      unanswered = error instanceof ApiProblem ? 0 : unanswered + 1;
      const isStale = error instanceof ApiProblem && error.status === 412;
      return { kind, key, action, error: isStale ? "it was changed since the plan was made: plan again" : messageOf(error) };
    }
  };
}

function request(client: Client, appliedBy: string, step: Step): Promise<unknown> {
  const { path } = kindOf(step.kind);
  if (step.action === "create") return client.call("POST", path, { body: step.body, appliedBy });
  const ifMatch = `"${step.version}"`;
  if (step.action === "delete") return client.call("DELETE", `${path}/${step.id}`, { ifMatch, appliedBy });
  return client.call("PATCH", `${path}/${step.id}`, { body: step.patch, ifMatch, appliedBy });
}
