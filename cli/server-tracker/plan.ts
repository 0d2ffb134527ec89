import * as z from "zod";
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
  /** Such as `intervalSeconds`, `headers.authorization` or `sections.0.name`. Targets of the files stand there by key. */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Its values are never shown. */
  readonly isSecret?: true;
}

/** Who changed or deleted something by hand, and when, by the audit. */
export interface Hand {
  readonly who: string;
  /** ISO 8601. */
  readonly at: string;
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
    | {
        readonly action: "create";
        readonly body: Record<string, unknown>;
        /** It was there, and somebody deleted it: it was not the file. */
        readonly deleted?: Hand;
      }
    | {
        readonly action: "update";
        readonly id: string;
        readonly version: number;
        readonly changes: readonly FieldChange[];
        readonly patch: Record<string, unknown>;
        /** It was made by hand, and would be this project's. */
        readonly adopts?: true;
        /** Who last changed one of these fields, and when, by the audit: it was not the file. */
        readonly drift?: Hand;
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
  const current = currentOf(things, existing);
  const ids = targetIds(things, current);
  const comparison = { current, project, digests, keyOf: keysOf(ids) };
  const compared = things.map((thing) =>
    stepOf(
      withTargets(thing, (ref) => idOf(ids, ref)),
      comparison,
    ),
  );
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
    steps: await withHands(steps, project, client),
    unchanged: compared.filter((step) => isAsItIs(step) && !(adopts && isAdoption(step))).length,
    monthlyUsd: costOf(things, current, existing, steps),
    adoptable: adopts ? 0 : compared.filter((step) => isAsItIs(step) && isAdoption(step)).length,
  };
}

/** What the targets of the files cost more than those that they take the place of. */
function costOf(
  things: readonly FileThing[],
  current: Current,
  existing: ReadonlyMap<Kind["field"], Existing>,
  steps: readonly Step[],
): number {
  const targets = things.filter(({ kind }) => kind.field === "targets");
  const changed = targets.map((thing) => monthlyUsd(thing.config) - monthlyUsd(current(thing) ?? {}));
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
  /**
   * What nobody owns, by what would make it a thing of a file: the key, where the API has it for a name, or the title, which
   * several may have.
   */
  readonly byHand: Readonly<Record<string, readonly View[]>>;
}

/** What the deployment has of a file's thing. */
type Current = (thing: Pick<FileThing, "kind" | "key">) => View | undefined;

function existingOf(kind: Kind, views: readonly View[], project: string): Existing {
  const changeable = views.filter(({ source }) => source !== "settings");
  return {
    owned: new Map(changeable.filter((view) => managedOf(view)?.project === project).map((view) => [managedOf(view)?.key ?? "", view])),
    byHand: Object.groupBy(
      changeable.filter((view) => managedOf(view) === undefined && !kind.isOver?.(view)),
      (view) => handleOf(kind, view),
    ) as Existing["byHand"], // no group is empty
  };
}

/** Gives each thing of the files what is there of it: of several that are called alike, one each, in their order. */
function currentOf(things: readonly FileThing[], existing: ReadonlyMap<Kind["field"], Existing>): Current {
  const found = new Map<string, View>();
  const taken = new Set<View>();
  for (const { kind, key, config } of things) {
    const there = existing.get(kind.field);
    const alike = there?.byHand[kind.keyField === undefined ? handleOf(kind, config) : key.toLowerCase()] ?? [];
    const view = there?.owned.get(key) ?? alike.find((each) => !taken.has(each));
    if (view === undefined) continue;
    taken.add(view);
    found.set(`${kind.field}.${key}`, view);
  }
  return ({ kind, key }) => found.get(`${kind.field}.${key}`);
}

function handleOf({ keyField, titleField }: Kind, fields: Readonly<View>): string {
  return String(fields[keyField ?? titleField]).toLowerCase();
}

function idOfView({ keyField }: Kind, view: View): string {
  return String(view[keyField ?? "id"]);
}

/** What stands for the id of a target that is still to be made. */
const TO_BE = "key:";

/** What stands for a target in a request, its id as far as there is one yet, by its key and its {@link placeholderId}. */
function targetIds(things: readonly FileThing[], current: Current): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const thing of things) {
    const { kind, key } = thing;
    if (kind.field !== "targets") continue;
    const found = current(thing);
    const id = found === undefined ? `${TO_BE}${key}` : String(found["id"]);
    ids.set(key, id).set(placeholderId(key), id);
  }
  return ids;
}

function idOf(ids: ReadonlyMap<string, string>, ref: string): string {
  return ids.get(ref) ?? (isId(ref) ? ref.toLowerCase() : ref);
}

/** @returns how files call a target that a request names */
function keysOf(ids: ReadonlyMap<string, string>): (id: string) => string {
  const keys = new Map([...ids].filter(([ref]) => !isId(ref)).map(([key, id]) => [id, key]));
  return (id) => keys.get(id) ?? id;
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

/** Channels that a target is to be told on, at once or by its escalation, where a step says so. */
export function channelsOf(step: Step): string[] {
  if (step.kind !== "targets") return [];
  const { channels, escalation } = fieldsOf(step);
  const tiers = Array.isArray(escalation) ? escalation.flatMap((tier) => (isObject(tier) ? tier["channels"] : [])) : [];
  return [...new Set([channels ?? [], tiers].flat().map(String))];
}

/** A step with the ids of what was made meanwhile. @param ids by key */
export function withIds(step: Step, ids: ReadonlyMap<string, string>): Step {
  if (step.action === "delete") return step;
  const filled = kindOf(step.kind).mapTargets(fieldsOf(step), (ref) =>
    ref.startsWith(TO_BE) ? (ids.get(ref.slice(TO_BE.length)) ?? ref) : ref,
  );
  return step.action === "create" ? { ...step, body: filled } : { ...step, patch: filled };
}

/** What things of files are compared with, and how. */
interface Comparison {
  readonly current: Current;
  readonly project: string;
  /** Of secret texts. */
  readonly digests: ReadonlyMap<string, string>;
  readonly keyOf: (id: string) => string;
}

function stepOf(thing: FileThing, comparison: Comparison): Step {
  const { project } = comparison;
  const { kind, key, input, config } = thing;
  const body = { ...input, managed: { project, key } };
  const current = comparison.current(thing);
  if (current === undefined) return { action: "create", kind: kind.field, key, name: String(config[kind.titleField]), body };
  return changeOf(thing, current, body, comparison);
}

function deletions(kind: Kind, owned: Existing["owned"], things: readonly FileThing[]): Step[] {
  const wanted = new Set(things.filter((thing) => thing.kind === kind).map(({ key }) => key));
  return [...owned].flatMap(([key, view]): Step[] =>
    // What is over goes by itself, and stands in no export.
    wanted.has(key) || kind.isOver?.(view) === true
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

function changeOf(thing: FileThing, current: View, body: View, { digests, keyOf }: Comparison): Update {
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
  const byKey = (fields: View) => kind.mapTargets(fields, keyOf);
  const hidden = byKey(
    plain(
      kind,
      kind.mapSecrets(config, () => MASK),
    ),
  );
  const changes = [...differences(byKey(before), byKey(after), "")].map(({ field, ...values }): FieldChange => {
    if (secrets.has(field) || field in known) return { field, isSecret: true };
    // What is new as a whole may hold some.
    const holdsSecrets = [...secrets.keys()].some((path) => path.startsWith(`${field}.`));
    return { field, ...values, ...(holdsSecrets && { after: valueAt(hidden, field) }) };
  });
  const isAdopted = managedOf(current) === undefined;
  const difference = mergePatch(before, after);
  // What leads elsewhere needs its secrets again, also those that stay as they are.
  const goesElsewhere = Object.keys(difference).length > 0 && kind.goesElsewhere(current, config, difference);
  const patch = { ...(goesElsewhere ? mergePatch(before, plain(kind, config)) : difference), managed: body["managed"] };
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

/** Says of what was changed or deleted by hand who did it, where the audit may be read: what the project itself applied is none. */
async function withHands(steps: readonly Step[], project: string, client: Client): Promise<Step[]> {
  const entries = await auditOf(steps, client);
  if (entries.length === 0) return [...steps];
  const names = await tokenNames(entries, client);
  const handOf = (entry: View | undefined): Hand | undefined => {
    const isOwn = isObject(entry?.["after"]) && entry["after"]["appliedBy"] === project;
    return entry === undefined || isOwn
      ? undefined
      : { who: names.get(String(entry["who"])) ?? String(entry["who"]), at: String(entry["at"]) };
  };
  return steps.map((step) => {
    if (step.action === "delete") return step;
    const hand = handOf(entries.find((entry) => (step.action === "update" ? isChangeOf(step, entry) : isDeletionOf(step, project, entry))));
    if (hand === undefined) return step;
    return step.action === "update" ? { ...step, drift: hand } : { ...step, deleted: hand };
  });
}

/** What the audit has of things that would change, or be made anew; latest first. Only admins read it: a plan is as right without. */
async function auditOf(steps: readonly Step[], client: Client): Promise<View[]> {
  const asked = async (query: string) => {
    const answer = await client.call("GET", `/audit?${query}`).catch(() => undefined);
    return isObject(answer) && Array.isArray(answer["items"]) ? answer["items"].filter(isObject) : [];
  };
  const updates = steps.filter((step) => step.action === "update");
  const isAskedOnce = updates.length > MAX_ASKED || steps.some(({ action }) => action === "create");
  const latest = isAskedOnce ? await asked(`limit=${AUDIT_ENTRIES.ofAll}`) : [];
  if (updates.length > MAX_ASKED) return latest;
  const own = await inParallel(updates, ASKED_AT_ONCE, (step) =>
    asked(new URLSearchParams({ what: `${kindOf(step.kind).audit.what}:${step.id}`, limit: String(AUDIT_ENTRIES.ofOne) }).toString()),
  );
  return [...own.flat(), ...latest];
}

/** Whether an entry of the audit is of a change of one of the fields that a step would change back. */
function isChangeOf({ kind, id, changes }: Update, { what, action, after }: View): boolean {
  const { audit } = kindOf(kind);
  const fields = new Set(changes.map(({ field }) => field.split(".")[0] ?? ""));
  return (
    what === `${audit.what}:${id}` && action === audit.action && isObject(after) && Object.keys(after).some((name) => fields.has(name))
  );
}

/** Whether an entry of the audit is of the deletion of what a step would make anew. */
function isDeletionOf({ kind, key }: Step, project: string, { action, before }: View): boolean {
  const managed = isObject(before) ? managedOf(before) : undefined;
  return action === kindOf(kind).audit.deletion && managed?.project === project && managed.key === key;
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
  } else if (isListOfMaps(before) && isListOfMaps(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      yield* differences(before[index], after[index], `${path}.${index}`);
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    yield { field: path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
  }
}

/** @param path as {@link differences} makes it */
function valueAt(fields: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (isObject(value) || Array.isArray(value) ? (value as View)[name] : undefined), fields);
}

function isListOfMaps(value: unknown): value is readonly Record<string, unknown>[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
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

const record = z.record(z.string(), z.unknown());
const subject = { kind: z.string().refine((field) => KINDS.some((kind) => kind.field === field)), key: z.string(), name: z.string() };
const hand = z.looseObject({ who: z.string(), at: z.string() }).optional();
const planSchema = z.looseObject({
  version: z.literal(2),
  project: z.string(),
  api: z.string(),
  unchanged: z.number(),
  adoptable: z.number(),
  monthlyUsd: z.number(),
  steps: z.array(
    z.discriminatedUnion("action", [
      z.looseObject({ ...subject, action: z.literal("create"), body: record, deleted: hand }),
      z.looseObject({
        ...subject,
        action: z.literal("update"),
        id: z.string(),
        version: z.number(),
        changes: z.array(z.looseObject({ field: z.string() })),
        patch: record,
        drift: hand,
      }),
      z.looseObject({ ...subject, action: z.literal("delete"), id: z.string(), version: z.number(), createdAt: z.string() }),
    ]),
  ),
});

/** Whether this is a plan, as it is after it was saved and read again. */
export function isPlan(value: unknown): value is Plan {
  return planSchema.safeParse(value).success;
}
