import { mapSecrets, secretsOf } from "../../shared/targets/secret-fields.ts";
import type { TargetConfig } from "../../shared/targets/target.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { MASK } from "../../shared/text/mask.ts";
import type { Client } from "./client.ts";
import { isConfigured } from "./exported-file.ts";
import { type FileTarget, isId, type ProjectFile } from "./project-file.ts";

/** One field that would change. */
export interface FieldChange {
  /** Such as `intervalSeconds` or `headers.authorization`. */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Its values are never shown. */
  readonly isSecret?: true;
}

/** What would happen to one target. */
export type Step =
  | { readonly action: "create"; readonly key: string; readonly name: string; readonly body: Record<string, unknown> }
  | {
      readonly action: "update";
      readonly key: string;
      readonly name: string;
      readonly id: string;
      readonly version: number;
      readonly changes: readonly FieldChange[];
      readonly patch: Record<string, unknown>;
      /** It was made by hand, and would be this project's. */
      readonly adopts?: true;
      /** Who last changed one of these fields, and when, by the audit: it was not the file. */
      readonly drift?: { readonly who: string; readonly at: string };
    }
  | {
      readonly action: "delete";
      readonly key: string;
      readonly name: string;
      readonly id: string;
      readonly version: number;
      readonly createdAt: string;
    };

type Update = Extract<Step, { action: "update" }>;

export interface Plan {
  readonly version: 1;
  readonly project: string;
  readonly api: string;
  readonly steps: readonly Step[];
  readonly unchanged: number;
  /** Of these, as many were made by hand, and are not this project's. */
  readonly adoptable: number;
}

export interface PlanOptions {
  /** Whether what the project owns and no file names any more is deleted. */
  readonly mayDelete: boolean;
  /** Whether what was made by hand and is as a file says becomes the project's. */
  readonly adopts: boolean;
}

/** Compares a project's files with what the deployment has. */
export async function makePlan({ project, targets }: ProjectFile, client: Client, { mayDelete, adopts }: PlanOptions): Promise<Plan> {
  const existing = existingOf(await client.all("/targets"), project, targets);
  const digests = await digestsOf(targets, client);
  const compared = targets.map((target) => stepOf(target, existing, project, digests));
  const isAsItIs = (step: Step) => step.action === "update" && step.changes.length === 0;
  const isAdoption = (step: Step) => step.action === "update" && step.adopts === true;
  const steps = [
    ...compared.filter((step) => !isAsItIs(step) || (adopts && isAdoption(step))),
    ...(mayDelete ? deletions(existing.owned, targets) : []),
  ];
  return {
    version: 1,
    project,
    api: client.url,
    steps: await withDrift(steps, client),
    unchanged: compared.filter((step) => isAsItIs(step) && !(adopts && isAdoption(step))).length,
    adoptable: adopts ? 0 : compared.filter((step) => isAsItIs(step) && isAdoption(step)).length,
  };
}

/** What a deployment has, as a project looks for it. */
interface Existing {
  /** By key. */
  readonly owned: ReadonlyMap<string, Record<string, unknown>>;
  /** What nobody owns, by name in lower case. */
  readonly byHand: ReadonlyMap<string, Record<string, unknown>>;
  /** Names of the files' targets in lower case, by key. */
  readonly names: ReadonlyMap<string, string>;
}

function existingOf(views: readonly Record<string, unknown>[], project: string, targets: readonly FileTarget[]): Existing {
  return {
    names: new Map(targets.map(({ key, config }) => [key, config.name.toLowerCase()])),
    owned: new Map(views.filter((view) => managedOf(view)?.project === project).map((view) => [managedOf(view)?.key ?? "", view])),
    byHand: new Map(views.filter((view) => managedOf(view) === undefined).map((view) => [String(view["name"]).toLowerCase(), view])),
  };
}

/** What stands for the id of a target that is still to be made. */
const TO_BE = "key:";

/** Keys that steps name and that have no id yet. */
export function awaitedBy(step: Step): string[] {
  const fields = step.action === "create" ? step.body : step.action === "update" ? step.patch : {};
  const refs = Array.isArray(fields["dependsOn"]) ? fields["dependsOn"] : [];
  return refs.flatMap((ref) => (typeof ref === "string" && ref.startsWith(TO_BE) ? [ref.slice(TO_BE.length)] : []));
}

/** A step with the ids of what was made meanwhile. @param ids by key */
export function withIds<Made extends Exclude<Step, { action: "delete" }>>(step: Made, ids: ReadonlyMap<string, string>): Made {
  if (awaitedBy(step).length === 0) return step;
  const filled = (fields: Record<string, unknown>) => ({
    ...fields,
    dependsOn: (fields["dependsOn"] as string[]).map((ref) => (ref.startsWith(TO_BE) ? (ids.get(ref.slice(TO_BE.length)) ?? ref) : ref)), // awaitedBy found texts
  });
  return step.action === "create" ? { ...step, body: filled(step.body) } : { ...step, patch: filled(step.patch) };
}

function stepOf(given: FileTarget, existing: Existing, project: string, digests: ReadonlyMap<string, string>): Step {
  const { owned, byHand } = existing;
  const target = withDependencies(given, existing);
  const body = { ...target.input, managed: { project, key: target.key } };
  const current = owned.get(target.key) ?? byHand.get(target.config.name.toLowerCase());
  if (current === undefined) return { action: "create", key: target.key, name: target.config.name, body };
  return changeOf(target, current, body, digests);
}

/** A target whose dependencies are ids, as far as there are any yet. */
function withDependencies(target: FileTarget, { owned, byHand, names }: Existing): FileTarget {
  if (target.dependsOn.length === 0) return target;
  const dependsOn = target.dependsOn.map((ref) => {
    if (isId(ref)) return ref.toLowerCase();
    const found = owned.get(ref) ?? byHand.get(names.get(ref) ?? "");
    return found === undefined ? `${TO_BE}${ref}` : String(found["id"]);
  });
  return { ...target, input: { ...target.input, dependsOn }, config: { ...target.config, dependsOn } };
}

function deletions(owned: Existing["owned"], targets: readonly FileTarget[]): Step[] {
  const wanted = new Set(targets.map(({ key }) => key));
  return [...owned].flatMap(([key, { id, name, version, createdAt }]): Step[] =>
    wanted.has(key)
      ? []
      : [{ action: "delete", key, name: String(name), id: String(id), version: Number(version), createdAt: String(createdAt) }],
  );
}

function managedOf(view: Record<string, unknown>): { project: string; key: string } | undefined {
  const managed = view["managed"];
  return isObject(managed) ? { project: String(managed["project"]), key: String(managed["key"]) } : undefined;
}

/** Texts a call of the digests takes. */
const TEXTS_A_CALL = 500;

/** What the deployment makes of every secret of the files, so that secrets are compared without being read. */
async function digestsOf(targets: readonly FileTarget[], client: Client): Promise<ReadonlyMap<string, string>> {
  const texts = [...new Set(targets.flatMap(({ config }) => [...secretsOf(config).values()]))];
  const digests = new Map<string, string>();
  for (let from = 0; from < texts.length; from += TEXTS_A_CALL) {
    const part = texts.slice(from, from + TEXTS_A_CALL);
    const answer = (await client.call("POST", "/digests", { body: { texts: part } })) as { digests: string[] }; // of our API
    for (const [index, text] of part.entries()) digests.set(text, answer.digests[index] ?? "");
  }
  return digests;
}

function changeOf(
  { key, config }: FileTarget,
  current: Record<string, unknown>,
  body: Record<string, unknown>,
  digests: ReadonlyMap<string, string>,
): Update {
  const known = isObject(current["secretsDigest"]) ? current["secretsDigest"] : {};
  const secrets = secretsOf(config);
  const isSame = (path: string, text: string) => known[path] !== undefined && known[path] === digests.get(text);
  // What is the same stands masked on both sides; what is not is told without its value.
  const after = plain(mapSecrets(config, (text, path) => (isSame(path, text) ? MASK : text)));
  const before = plain(current as unknown as TargetConfig);
  const changes = [...differences(before, after, "")].map(
    ({ field, ...values }): FieldChange => (secrets.has(field) || field in known ? { field, isSecret: true } : { field, ...values }),
  );
  const isAdopted = managedOf(current) === undefined;
  const patch: Record<string, unknown> = { ...mergePatch(before, after), managed: body["managed"] };
  const { id, name, version } = current;
  return {
    action: "update",
    key,
    name: String(name),
    id: String(id),
    version: Number(version),
    changes,
    patch,
    ...(isAdopted && { adopts: true }),
  };
}

/** Changes of the audit that are looked through. */
const AUDIT_ENTRIES = 500;

/** Says of changes by hand who made them, where the audit may be read. */
async function withDrift(steps: readonly Step[], client: Client): Promise<Step[]> {
  if (!steps.some((step) => step.action === "update")) return [...steps];
  // Only admins read the audit; the plan is as right without it.
  const answer = await client.call("GET", `/audit?limit=${AUDIT_ENTRIES}`).catch(() => undefined);
  const entries = isObject(answer) && Array.isArray(answer["items"]) ? answer["items"].filter(isObject) : [];
  return steps.map((step) => {
    if (step.action !== "update") return step;
    const fields = new Set(step.changes.map(({ field }) => field.split(".")[0] ?? ""));
    const by = entries.find(
      ({ what, action, after }) =>
        what === `target:${step.id}` && action === "updateTarget" && isObject(after) && Object.keys(after).some((name) => fields.has(name)),
    );
    return by === undefined ? step : { ...step, drift: { who: String(by["who"]), at: String(by["at"]) } };
  });
}

function plain(view: TargetConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(view).filter(([name, value]) => isConfigured(name) && value !== undefined));
}

function* differences(before: unknown, after: unknown, path: string): Generator<{ field: string; before?: unknown; after?: unknown }> {
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* differences(before[name], after[name], path === "" ? name : `${path}.${name}`);
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    yield { field: path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
  }
}

/** RFC 7396. */
function mergePatch(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[name], after[name]];
    if (now === undefined) patch[name] = null;
    else if (isObject(old) && isObject(now)) {
      const inner = mergePatch(old, now);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (JSON.stringify(old) !== JSON.stringify(now)) patch[name] = now;
  }
  return patch;
}
