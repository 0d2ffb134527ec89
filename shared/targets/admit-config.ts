import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { checkTypeOf } from "../check/check-config.ts";
import type { Reach } from "../check/check-type.ts";
import { loadPatterns, patternProblem } from "../check/pattern.ts";
import { invalidField, type RequestError } from "../errors.ts";
import type { AddressGuard } from "../net/address-guard.ts";
import { isAddressLike } from "../net/is-address-like.ts";
import { isObject } from "../text/is-object.ts";
import type { FieldCipher } from "./field-cipher.ts";
import { masked, sealSecrets } from "./seal-secrets.ts";
import { readFields } from "./stored-config.ts";
import { issuesAcrossFields, type ParsedInput, parseTargetConfig, type TargetConfig, withDefaults, withType } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

/** What a configuration is held against before it is stored. */
export interface AdmissionDeps {
  readonly roundSeconds: number;
  readonly cipher: FieldCipher;
  readonly guard: AddressGuard;
  /** Ids of the channels there are. */
  readonly channelIds: () => Promise<readonly string[]>;
  /** Names of the places that are asked for second opinions; none where the deployment has no probes. */
  readonly probeNames?: readonly string[];
}

/** How far dependencies may reach. */
export const MAX_DEPENDENCY_DEPTH = 5;

/**
 * Makes input a configuration that may be stored: valid, its secrets encrypted, its channels there, its addresses open.
 * What rules that came later refuse of `stored` is no reason to refuse a change of something else.
 * @param stored the configuration it replaces, whose secrets may stand masked in `input`
 * @throws {z.ZodError} @throws {RequestError} naming each wrong field
 */
export async function admitConfig(deps: AdmissionDeps, input: unknown, stored?: TargetConfig): Promise<TargetConfig> {
  const config = sealSecrets(deps.cipher, parsedConfig(input, deps.roundSeconds, stored), stored);
  await requireChannels(deps, config, stored);
  requireProbes(deps, config, stored);
  await requirePatterns(config, stored);
  refuseForbidden(deps, config, stored);
  return config;
}

/** @throws {z.ZodError} with what is wrong, but for what was there before and is left as it is */
function parsedConfig(input: unknown, roundSeconds: number, stored: TargetConfig | undefined): TargetConfig {
  try {
    return parseTargetConfig(input, roundSeconds);
  } catch (error) {
    if (!(error instanceof z.ZodError) || stored === undefined || !isObject(input)) throw error;
    const before: Readonly<Record<string, unknown>> = { ...masked(stored) };
    const shown = before as unknown as TargetConfig; // as it is, its secrets hidden, as they are in what is sent
    const known = new Set([...issuesOf(before, roundSeconds), ...issuesAcrossFields(shown, roundSeconds)].map(textOfIssue));
    const isFresh = (issue: z.core.$ZodIssue) => {
      const [field = ""] = String(issue.path[0] ?? "").split(".");
      // Of the whole: it may be no more than it was.
      const isAsItWas = field === "" ? sizeOf(input) <= sizeOf(before) : isDeepStrictEqual(input[field], before[field]);
      return !known.has(textOfIssue(issue)) || !isAsItWas;
    };
    const fresh = error.issues.filter(isFresh);
    if (fresh.length > 0) throw new z.ZodError(fresh);
    const typed = withType(input) as Record<string, unknown>; // it is an object
    const config = withDefaults(readFields(typed) as unknown as ParsedInput, roundSeconds); // by the schemas of its type
    // Where a field is wrong by itself, nothing was said of them together.
    const across = issuesAcrossFields(config, roundSeconds).filter(isFresh);
    if (across.length > 0) throw new z.ZodError(across);
    return config;
  }
}

function sizeOf(config: unknown): number {
  return JSON.stringify(config).length;
}

function issuesOf(input: unknown, roundSeconds: number): readonly z.core.$ZodIssue[] {
  try {
    parseTargetConfig(input, roundSeconds);
    return [];
  } catch (error) {
    if (error instanceof z.ZodError) return error.issues;
    throw error;
  }
}

function textOfIssue({ path, message }: z.core.$ZodIssue): string {
  return `${path.join(".")}: ${message}`;
}

/** Of those that it names now: one that was deleted since is no reason to refuse a change of something else. */
async function requireChannels({ channelIds }: AdmissionDeps, config: TargetConfig, stored: TargetConfig | undefined): Promise<void> {
  const before = new Set(stored === undefined ? [] : channelsIn(stored).map(([, id]) => id));
  const named = channelsIn(config).filter(([, id]) => !before.has(id));
  if (named.length === 0) return;
  const known = await channelIds();
  const wrong = named.find(([, id]) => !known.includes(id));
  if (wrong === undefined) return;
  const [field, id] = wrong;
  throw invalidField(field, `there is no channel "${id}"; there are: ${known.join(", ") || "none"}`);
}

function channelsIn({ channels = [], escalation }: TargetConfig): (readonly [field: string, id: string])[] {
  return [
    ...channels.map((id) => ["channels", id] as const),
    ...escalation.flatMap((step, index) => step.channels.map((id) => [`escalation.${index}.channels`, id] as const)),
  ];
}

/** Where there are probes, nobody is asked by another name, and no more can agree than there are. */
function requireProbes(
  { probeNames = [] }: AdmissionDeps,
  { confirm, from: watchers }: TargetConfig,
  stored: TargetConfig | undefined,
): void {
  if (watchers !== undefined && !isDeepStrictEqual(watchers, stored?.from)) {
    const unknown = watchers.findIndex((name) => !probeNames.includes(name));
    if (unknown !== -1) throw noProbe(`from.${unknown}`, watchers[unknown], probeNames);
  }
  if (confirm === undefined || probeNames.length === 0 || isDeepStrictEqual(confirm, stored?.confirm)) return;
  const { from, agree } = confirm;
  const index = from === "all" ? -1 : from.findIndex((name) => !probeNames.includes(name));
  if (from !== "all" && index !== -1) throw noProbe(`confirm.from.${index}`, from[index], probeNames);
  const places = 1 + (from === "all" ? probeNames.length : new Set(from).size);
  if (agree > places) throw invalidField("confirm.agree", `must be at most ${places}: this place and those that are asked`);
}

function noProbe(field: string, name: string | undefined, probeNames: readonly string[]): RequestError {
  const known = probeNames.length === 0 ? "this deployment has none (probeRegions, or PROBES)" : `there are: ${probeNames.join(", ")}`;
  return invalidField(field, `there is no probe "${name}"; ${known}`);
}

async function requirePatterns(config: TargetConfig, stored: TargetConfig | undefined): Promise<void> {
  const before = new Set(stored === undefined ? [] : patternsIn(stored).map(String));
  const patterns = patternsIn(config).filter((pattern) => !before.has(String(pattern)));
  if (patterns.length === 0) return;
  await loadPatterns();
  for (const [field, pattern] of patterns) {
    const problem = patternProblem(pattern);
    if (problem !== undefined) throw invalidField(field, `must be a regular expression that RE2 takes: ${problem}`);
  }
}

function patternsIn(config: TargetConfig): readonly (readonly [field: string, pattern: string])[] {
  return checkTypeOf(config).patterns?.(config) ?? [];
}

/**
 * Refuses dependencies that are not there, lead back, or reach too far.
 * @param id of the target that has them, unless it is new @param before what it depended on until now
 * @throws {RequestError}
 */
export async function requireDependencies(
  targets: Pick<TargetReader, "get" | "list">,
  { dependsOn }: Pick<TargetConfig, "dependsOn">,
  id?: string,
  before: readonly string[] = [],
): Promise<void> {
  const seen = new Map<string, readonly string[]>();
  const follow = async (each: string, depth: number): Promise<readonly string[]> => {
    if (each === id) throw invalidField("dependsOn", depth === 1 ? "must not name the target itself" : "leads back to the target itself");
    const known = seen.get(each);
    if (known !== undefined) return known;
    const found = await targets.get(each);
    if (found === undefined && depth === 1) throw invalidField("dependsOn", `there is no target ${each}`);
    const next = found?.config.dependsOn ?? [];
    seen.set(each, next);
    return next;
  };
  let level: readonly string[] = dependsOn;
  let depth = 0;
  while (level.length > 0) {
    if (++depth > MAX_DEPENDENCY_DEPTH) throw tooDeep();
    const next: string[] = [];
    for (const each of new Set(level)) next.push(...(await follow(each, depth)));
    level = next;
  }
  // Who depends on it reaches as much deeper, if it is deeper than it was.
  const above = id === undefined || depth <= (await depthOf(targets, before)) ? 0 : await heightAbove(targets, id);
  if (depth + above > MAX_DEPENDENCY_DEPTH) throw tooDeep(`, and those that depend on this one would reach ${depth + above}`);
}

function tooDeep(those = ""): RequestError {
  return invalidField("dependsOn", `must reach at most ${MAX_DEPENDENCY_DEPTH} targets deep${those}`);
}

/** How deep dependencies that are stored reach. */
async function depthOf(targets: Pick<TargetReader, "get">, dependsOn: readonly string[]): Promise<number> {
  let level = dependsOn;
  let depth = 0;
  for (; level.length > 0 && depth < MAX_DEPENDENCY_DEPTH; depth++) {
    const read = await Promise.all([...new Set(level)].map((each) => targets.get(each)));
    level = read.flatMap((target) => target?.config.dependsOn ?? []);
  }
  return depth;
}

/** How many deep others depend on a target. */
async function heightAbove(targets: Pick<TargetReader, "list">, id: string): Promise<number> {
  const dependents = await dependentsOf(targets);
  let height = 0;
  // Deeper than may be is deep enough: what leads back ends there, too.
  for (let level = dependents.get(id) ?? []; level.length > 0 && height < MAX_DEPENDENCY_DEPTH; height++)
    level = [...new Set(level.flatMap((each) => dependents.get(each) ?? []))];
  return height;
}

const TARGETS_A_PAGE = 1_000;
/** A file that is applied changes many targets in a row: for so long, in ms, all of them are not read again. */
const DEPENDENTS_MS = 5_000;

type Dependents = Map<string, readonly string[]>;
const lastDependents = new WeakMap<object, { readonly at: number; readonly found: Promise<Dependents> }>();

/** Who depends on whom: every target is read for it. */
function dependentsOf(targets: Pick<TargetReader, "list">): Promise<Dependents> {
  const last = lastDependents.get(targets);
  if (last !== undefined && performance.now() - last.at < DEPENDENTS_MS) return last.found;
  const found = readDependents(targets);
  lastDependents.set(targets, { at: performance.now(), found });
  // What failed is tried again.
  found.catch(() => lastDependents.delete(targets));
  return found;
}

/** What this process has changed since is known without reading. @param before what the target depended on until now */
export async function noteDependencies(
  targets: Pick<TargetReader, "list">,
  { id, config: { dependsOn } }: { readonly id: string; readonly config: Pick<TargetConfig, "dependsOn"> },
  before: readonly string[] = [],
): Promise<void> {
  const dependents = await lastDependents.get(targets)?.found.catch(() => undefined);
  if (dependents === undefined) return;
  for (const on of before)
    dependents.set(
      on,
      (dependents.get(on) ?? []).filter((each) => each !== id),
    );
  for (const on of dependsOn) dependents.set(on, [...(dependents.get(on) ?? []), id]);
}

async function readDependents(targets: Pick<TargetReader, "list">): Promise<Dependents> {
  const dependents: Dependents = new Map();
  for (let after: string | undefined; ; ) {
    const page = await targets.list({ after, limit: TARGETS_A_PAGE });
    for (const target of page) for (const on of target.config.dependsOn) dependents.set(on, [...(dependents.get(on) ?? []), target.id]);
    after = page.at(-1)?.id;
    if (page.length < TARGETS_A_PAGE) return dependents;
  }
}

// Only what is already clear; what a name resolves to is decided at each dial.
function refuseForbidden({ guard }: AdmissionDeps, config: TargetConfig, stored: TargetConfig | undefined): void {
  const before = stored === undefined ? [] : reachesOf(stored);
  const named = reachesOf(config).filter((reach) => !before.some((known) => isDeepStrictEqual(known, reach)));
  for (const { host, hostField, port, portField } of named) {
    const refusal = isAddressLike(host) ? guard.refuses(host) : undefined;
    if (refusal !== undefined) throw invalidField(hostField, refusal);
    const closed = port === undefined ? guard.refusesPing() : guard.refusesPort(port);
    if (closed !== undefined) throw invalidField(portField ?? "type", closed);
  }
}

function reachesOf(config: TargetConfig): readonly Reach[] {
  return checkTypeOf(config).reaches?.(config) ?? [];
}
