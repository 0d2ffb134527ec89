import { isObject } from "../../shared/text/is-object.ts";
import { MASK } from "../../shared/text/mask.ts";
import { inParallel } from "../../shared/time/in-parallel.ts";
import type { Client } from "./client.ts";
import { isConfigured } from "./exported-file.ts";
import { isId, KINDS, type Kind, kindOf, placeholderId } from "./kinds.ts";
import { monthlyUsd } from "./monthly-cost.ts";
import type { FileThing, ProjectFile } from "./project-file.ts";

/** One field that would change. */
export interface FieldChange {
  /** Such as `intervalSeconds` or `headers.authorization`. */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Its values are never shown. */
  readonly isSecret?: true;
}

/** What a step is about. */
interface Subject {
  /** As a file names its kind. */
  readonly kind: Kind["field"];
  readonly key: string;
  readonly name: string;
}

/** What would happen to one thing. */
export type Step = Subject &
  (
    | { readonly action: "create"; readonly body: Record<string, unknown> }
    | {
        readonly action: "update";
        readonly id: string;
        readonly version: number;
        readonly changes: readonly FieldChange[];
        readonly patch: Record<string, unknown>;
        /** It was made by hand, and would be this project's. */
        readonly adopts?: true;
        /** Who last changed one of these fields, and when, by the audit: it was not the file. */
        readonly drift?: { readonly who: string; readonly at: string };
      }
    | { readonly action: "delete"; readonly id: string; readonly version: number; readonly createdAt: string }
  );

type Update = Extract<Step, { action: "update" }>;

export interface Plan {
  readonly version: 2;
  readonly project: string;
  readonly api: string;
  readonly steps: readonly Step[];
  readonly unchanged: number;
  /** Of these, as many were made by hand, and are not this project's. */
  readonly adoptable: number;
  /** What it would add to the bill of a deployment in AWS a month, in USD. */
  readonly monthlyUsd: number;
}

export interface PlanOptions {
  /** Whether what the project owns and no file names any more is deleted. */
  readonly mayDelete: boolean;
  /** Whether what was made by hand and is as a file says becomes the project's. */
  readonly adopts: boolean;
}

/** Compares a project's files with what the deployment has. */
export async function makePlan({ project, things }: ProjectFile, client: Client, { mayDelete, adopts }: PlanOptions): Promise<Plan> {
  const existing = new Map<Kind["field"], Existing>();
  for (const kind of KINDS) existing.set(kind.field, existingOf(kind, await client.all(kind.path), project));
  const digests = await digestsOf(things, client);
  const idOf = targetIds(things, existing);
  const compared = things.map((thing) => stepOf(withTargets(thing, idOf), existing, project, digests));
  const isAsItIs = (step: Step) => step.action === "update" && step.changes.length === 0;
  const isAdoption = (step: Step) => step.action === "update" && step.adopts === true;
  const steps = [
    ...compared.filter((step) => !isAsItIs(step) || (adopts && isAdoption(step))),
    ...(mayDelete ? KINDS.flatMap((kind) => deletions(kind, existing.get(kind.field)?.owned ?? new Map(), things)) : []),
  ];
  return {
    version: 2,
    project,
    api: client.url,
    steps: await withDrift(steps, project, client),
    unchanged: compared.filter((step) => isAsItIs(step) && !(adopts && isAdoption(step))).length,
    monthlyUsd: costOf(things, existing, steps),
    adoptable: adopts ? 0 : compared.filter((step) => isAsItIs(step) && isAdoption(step)).length,
  };
}

/** What the targets of the files cost more than those that they take the place of. */
function costOf(things: readonly FileThing[], existing: ReadonlyMap<Kind["field"], Existing>, steps: readonly Step[]): number {
  const targets = things.filter(({ kind }) => kind.field === "targets");
  const changed = targets.map((thing) => monthlyUsd(thing.config) - monthlyUsd(currentOf(thing, existing) ?? {}));
  const owned = existing.get("targets")?.owned ?? new Map<string, View>();
  const deleted = steps.flatMap((step) =>
    step.action === "delete" && step.kind === "targets" ? [-monthlyUsd(owned.get(step.key) ?? {})] : [],
  );
  return Math.round([...changed, ...deleted].reduce((sum, usd) => sum + usd, 0) * 100) / 100;
}

type View = Record<string, unknown>;

/** What a deployment has of a kind, as a project looks for it. */
interface Existing {
  /** By key. */
  readonly owned: ReadonlyMap<string, View>;
  /** What nobody owns, by what would make it a thing of a file: the key, where the API has it for a name, or the title. */
  readonly byHand: ReadonlyMap<string, View>;
}

function existingOf(kind: Kind, views: readonly View[], project: string): Existing {
  const changeable = views.filter(({ source }) => source !== "settings");
  return {
    owned: new Map(changeable.filter((view) => managedOf(view)?.project === project).map((view) => [managedOf(view)?.key ?? "", view])),
    byHand: new Map(
      changeable.filter((view) => managedOf(view) === undefined && !kind.isOver?.(view)).map((view) => [handleOf(kind, view), view]),
    ),
  };
}

/** What the deployment has of a file's thing. */
function currentOf({ kind, key, config }: FileThing, existing: ReadonlyMap<Kind["field"], Existing>): View | undefined {
  const there = existing.get(kind.field);
  return there?.owned.get(key) ?? there?.byHand.get(kind.keyField === undefined ? handleOf(kind, config) : key.toLowerCase());
}

function handleOf({ keyField, titleField }: Kind, fields: Readonly<View>): string {
  return String(fields[keyField ?? titleField]).toLowerCase();
}

function idOfView({ keyField }: Kind, view: View): string {
  return String(view[keyField ?? "id"]);
}

/** What stands for the id of a target that is still to be made. */
const TO_BE = "key:";

/** @returns what stands for a target in a request: its id, as far as there is one yet. Takes keys and {@link placeholderId}s */
function targetIds(things: readonly FileThing[], existing: ReadonlyMap<Kind["field"], Existing>): (ref: string) => string {
  const ids = new Map<string, string>();
  for (const thing of things) {
    const { kind, key } = thing;
    if (kind.field !== "targets") continue;
    const found = currentOf(thing, existing);
    const id = found === undefined ? `${TO_BE}${key}` : String(found["id"]);
    ids.set(key, id).set(placeholderId(key), id);
  }
  return (ref) => ids.get(ref) ?? (isId(ref) ? ref.toLowerCase() : ref);
}

function withTargets(thing: FileThing, idOf: (ref: string) => string): FileThing {
  const { kind, input, config } = thing;
  return { ...thing, input: kind.mapTargets(input, idOf), config: kind.mapTargets(config, idOf) };
}

/** Keys of targets that a step names and that have no id yet. */
export function awaitedBy(step: Step): string[] {
  const found = new Set<string>();
  kindOf(step.kind).mapTargets(fieldsOf(step), (ref) => {
    if (ref.startsWith(TO_BE)) found.add(ref.slice(TO_BE.length));
    return ref;
  });
  return [...found];
}

function fieldsOf(step: Step): Record<string, unknown> {
  if (step.action === "delete") return {};
  return step.action === "create" ? step.body : step.patch;
}

/** Channels that a target is to be told on, where a step says so. */
export function channelsOf(step: Step): string[] {
  const { channels } = fieldsOf(step);
  return step.kind === "targets" && Array.isArray(channels) ? channels.map(String) : [];
}

/** A step with the ids of what was made meanwhile. @param ids by key */
export function withIds(step: Step, ids: ReadonlyMap<string, string>): Step {
  if (step.action === "delete") return step;
  const filled = kindOf(step.kind).mapTargets(fieldsOf(step), (ref) =>
    ref.startsWith(TO_BE) ? (ids.get(ref.slice(TO_BE.length)) ?? ref) : ref,
  );
  return step.action === "create" ? { ...step, body: filled } : { ...step, patch: filled };
}

function stepOf(
  thing: FileThing,
  existing: ReadonlyMap<Kind["field"], Existing>,
  project: string,
  digests: ReadonlyMap<string, string>,
): Step {
  const { kind, key, input, config } = thing;
  const body = { ...input, managed: { project, key } };
  const current = currentOf(thing, existing);
  if (current === undefined) return { action: "create", kind: kind.field, key, name: String(config[kind.titleField]), body };
  return changeOf(thing, current, body, digests);
}

function deletions(kind: Kind, owned: Existing["owned"], things: readonly FileThing[]): Step[] {
  const wanted = new Set(things.filter((thing) => thing.kind === kind).map(({ key }) => key));
  return [...owned].flatMap(([key, view]): Step[] =>
    wanted.has(key)
      ? []
      : [
          {
            action: "delete",
            kind: kind.field,
            key,
            name: String(view[kind.titleField]),
            id: idOfView(kind, view),
            version: Number(view["version"]),
            createdAt: String(view["createdAt"]),
          },
        ],
  );
}

function managedOf(view: Record<string, unknown>): { project: string; key: string } | undefined {
  const managed = view["managed"];
  return isObject(managed) ? { project: String(managed["project"]), key: String(managed["key"]) } : undefined;
}

/** Texts a call of the digests takes. */
const TEXTS_A_CALL = 500;

/** What the deployment makes of every secret of the files, so that secrets are compared without being read. */
async function digestsOf(things: readonly FileThing[], client: Client): Promise<ReadonlyMap<string, string>> {
  const texts = [...new Set(things.flatMap((thing) => [...secretsOf(thing).values()]))];
  const digests = new Map<string, string>();
  for (let from = 0; from < texts.length; from += TEXTS_A_CALL) {
    const part = texts.slice(from, from + TEXTS_A_CALL);
    const answer = (await client.call("POST", "/digests", { body: { texts: part } })) as { digests: string[] }; // of our API
    for (const [index, text] of part.entries()) digests.set(text, answer.digests[index] ?? "");
  }
  return digests;
}

/** The secret texts of a thing, by where they stand. */
function secretsOf({ kind, config }: FileThing): Map<string, string> {
  const found = new Map<string, string>();
  kind.mapSecrets(config, (text, path) => {
    found.set(path, text);
    return text;
  });
  return found;
}

function changeOf(thing: FileThing, current: View, body: View, digests: ReadonlyMap<string, string>): Update {
  const { kind, key, config } = thing;
  const known = kind.digestsOf(current);
  const secrets = secretsOf(thing);
  const isSame = (path: string, text: string) => known[path] !== undefined && known[path] === digests.get(text);
  // What is the same stands masked on both sides; what is not is told without its value.
  const after = plain(
    kind,
    kind.mapSecrets(config, (text, path) => (isSame(path, text) ? MASK : text)),
  );
  const before = plain(kind, current);
  const changes = [...differences(before, after, "")].map(
    ({ field, ...values }): FieldChange => (secrets.has(field) || field in known ? { field, isSecret: true } : { field, ...values }),
  );
  const isAdopted = managedOf(current) === undefined;
  const patch: Record<string, unknown> = { ...mergePatch(before, after), managed: body["managed"] };
  // What leads elsewhere needs its secrets again: a channel's settings go whole.
  if (isObject(patch["settings"])) patch["settings"] = { ...patch["settings"], ...(config["settings"] as View) };
  return {
    action: "update",
    kind: kind.field,
    key,
    name: String(current[kind.titleField]),
    id: idOfView(kind, current),
    version: Number(current["version"]),
    changes,
    patch,
    ...(isAdopted && { adopts: true }),
  };
}

/** Changes of the audit that are looked through, of one thing or of all. */
const AUDIT_ENTRIES = { ofOne: 50, ofAll: 500 } as const;
/** Of more things that change, the audit is asked once for all. */
const MAX_ASKED = 40;
const ASKED_AT_ONCE = 4;

/** Says of changes by hand who made them, where the audit may be read: what the project itself applied is none. */
async function withDrift(steps: readonly Step[], project: string, client: Client): Promise<Step[]> {
  const updates = steps.filter((step) => step.action === "update");
  if (updates.length === 0) return [...steps];
  // Only admins read the audit; the plan is as right without it.
  const asked = async (query: string) => {
    const answer = await client.call("GET", `/audit?${query}`).catch(() => undefined);
    return isObject(answer) && Array.isArray(answer["items"]) ? answer["items"].filter(isObject) : [];
  };
  const entries =
    updates.length > MAX_ASKED
      ? await asked(`limit=${AUDIT_ENTRIES.ofAll}`)
      : await inParallel(updates, ASKED_AT_ONCE, (step) =>
          asked(new URLSearchParams({ what: `${kindOf(step.kind).audit.what}:${step.id}`, limit: String(AUDIT_ENTRIES.ofOne) }).toString()),
        ).then((found) => found.flat());
  const names = await tokenNames(entries, client);
  return steps.map((step) => {
    if (step.action !== "update") return step;
    const fields = new Set(step.changes.map(({ field }) => field.split(".")[0] ?? ""));
    const { audit } = kindOf(step.kind);
    const by = entries.find(
      ({ what, action, after }) =>
        what === `${audit.what}:${step.id}` &&
        action === audit.action &&
        isObject(after) &&
        Object.keys(after).some((name) => fields.has(name)),
    );
    const isOwn = isObject(by?.["after"]) && by["after"]["appliedBy"] === project;
    return by === undefined || isOwn
      ? step
      : { ...step, drift: { who: names.get(String(by["who"])) ?? String(by["who"]), at: String(by["at"]) } };
  });
}

/** What people call the tokens among those who changed something, by how the audit names them. */
async function tokenNames(entries: readonly View[], client: Client): Promise<ReadonlyMap<string, string>> {
  if (!entries.some(({ who }) => String(who).startsWith("token:"))) return new Map();
  const answer = await client.call("GET", "/tokens").catch(() => undefined);
  const tokens = isObject(answer) && Array.isArray(answer["items"]) ? answer["items"].filter(isObject) : [];
  return new Map(tokens.map(({ id, name }) => [`token:${id}`, `token "${name}"`]));
}

/** What of a thing is its configuration: not what the API adds when it shows it, nor whose it is. */
function plain(kind: Kind, fields: Readonly<View>): View {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => isConfigured(kind, name) && value !== undefined));
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
