import * as z from "zod";
import { DEFAULT_RETRIES, MAX_TIMEOUT_MS } from "../../shared/check/check-config.ts";
import { bareHost } from "../../shared/net/bare-host.ts";
import { defaultTimeoutMs, parseTargetConfig, timeoutRoomMs } from "../../shared/targets/target.ts";
import { fieldErrorsText } from "../../shared/text/field-errors.ts";
import type { Draft, ImportContext } from "./importer.ts";
import { isPrivateHost } from "./private-host.ts";
import { numberOf } from "./values.ts";

/** A target as `POST /targets` takes it. */
export type TargetInput = Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string };

const MAX_INTERVAL_S = 86_400;
const MAX_NAME = 200;

/**
 * Makes drafts targets that the API takes: names unique, intervals multiples of the round, timeouts within them. What
 * it would refuse all the same is lost, with its reason.
 */
export function fitDrafts(drafts: readonly Draft[], context: ImportContext): TargetInput[] {
  const taken = new Map<string, number>();
  return drafts.flatMap((draft) => {
    const { type } = draft.config;
    // A heartbeat is looked at each round, whatever its period, and dials nobody.
    const isDialled = type !== "heartbeat";
    const intervalSeconds = isDialled ? fitInterval(draft, context) : context.roundSeconds;
    const timeoutMs = isDialled ? fitTimeout(draft, intervalSeconds, context) : undefined;
    const target: TargetInput = {
      ...withoutIdleLimit(draft.config, intervalSeconds, timeoutMs),
      ...fitLabels(draft, context),
      // As it is named in the end, else it would be refused for what is mended.
      name: (draft.config.name.replace(/\s+/g, " ").trim() || draft.place).slice(0, MAX_NAME),
      ...(isDialled && { intervalSeconds }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    };
    const problem = problemOf(target, context.roundSeconds);
    if (problem !== undefined) {
      context.warnings.add("lost", "invalid", draft.place, `"${target.name}" is not imported: ${problem}`);
      return [];
    }
    warnIfPrivate(draft, target, context);
    return [{ ...target, name: uniqueName(draft, target, taken, context) }];
  });
}

/** A limit of its latency that its timeout is no longer than says nothing: slower is down. */
function withoutIdleLimit(config: Draft["config"], intervalSeconds: number, timeoutMs: number | undefined): Draft["config"] {
  const { latencyLimitMs, slowIs: _ofTheLimit, ...rest } = config;
  const longest = timeoutMs ?? defaultTimeoutMs({ intervalSeconds, retries: numberOf(config["retries"]) ?? DEFAULT_RETRIES });
  return typeof latencyLimitMs === "number" && latencyLimitMs >= longest ? (rest as Draft["config"]) : config; // without what may be left out
}

const MAX_TAGS = 20;
const MAX_TAG = 50;
const MAX_GROUP = 100;

/** Tags and group as the API takes them: shortened, and no more than there may be. */
function fitLabels({ place, config }: Draft, { warnings }: ImportContext): { tags?: string[]; group?: string } {
  const { tags: given, group } = config;
  const tags = Array.isArray(given)
    ? [...new Set(given.map((tag) => String(tag).trim().slice(0, MAX_TAG).trim()))].filter((tag) => tag !== "")
    : undefined;
  if (tags !== undefined && Array.isArray(given)) {
    if (tags.length > MAX_TAGS) warnings.add("lost", "tags", place, `of its ${tags.length} tags ${MAX_TAGS} are kept`);
    if (given.some((tag) => String(tag).trim().length > MAX_TAG))
      warnings.add("changed", "tags", place, `tags are cut at ${MAX_TAG} characters`);
  }
  if (typeof group === "string" && group.length > MAX_GROUP)
    warnings.add("changed", "group", place, `its group is cut at ${MAX_GROUP} characters`);
  return {
    ...(tags !== undefined && { tags: tags.slice(0, MAX_TAGS) }),
    ...(typeof group === "string" && { group: group.slice(0, MAX_GROUP).trim() }),
  };
}

function problemOf(target: TargetInput, roundSeconds: number): string | undefined {
  try {
    parseTargetConfig(target, roundSeconds);
    return undefined;
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return fieldErrorsText(error);
  }
}

function uniqueName(
  { place, namePlace = place, config: { name: given } }: Draft,
  target: TargetInput,
  taken: Map<string, number>,
  { warnings }: ImportContext,
): string {
  const isFree = (name: string) => !taken.has(name.toLowerCase());
  const name = target.name.slice(0, MAX_NAME);
  const group = typeof target["group"] === "string" ? ` (${target["group"]})` : undefined;
  let unique = name;
  if (!isFree(unique) && group !== undefined) unique = `${name.slice(0, MAX_NAME - group.length)}${group}`;
  // Where the last of that name ended: of 100,000 alike, the last does not try them all.
  let count = taken.get(name.toLowerCase()) ?? 2;
  while (!isFree(unique)) unique = `${name.slice(0, MAX_NAME - 8)} ${count++}`;
  taken.set(name.toLowerCase(), count);
  if (!taken.has(unique.toLowerCase())) taken.set(unique.toLowerCase(), 2);
  if (unique !== target.name) {
    warnings.add(
      "changed",
      "renamed",
      namePlace,
      `"${target.name}" is a name that another has (case does not count): it becomes "${unique}"`,
    );
  } else if (given.trim().length > MAX_NAME) warnings.add("changed", "renamed", namePlace, `its name is cut at ${MAX_NAME} characters`);
  return unique;
}

function fitInterval({ place, intervalSeconds: wanted, intervalPlace = place }: Draft, { roundSeconds, warnings }: ImportContext): number {
  if (wanted === undefined) return roundSeconds;
  const fitting = Math.min(MAX_INTERVAL_S, Math.max(1, Math.ceil(wanted / roundSeconds)) * roundSeconds);
  if (fitting !== wanted) {
    warnings.add("changed", "interval", intervalPlace, `every ${wanted} s becomes every ${fitting} s: rounds are ${roundSeconds} s long`);
  }
  return fitting;
}

function fitTimeout(
  { place, config, timeoutMs: wanted, timeoutPlace = place }: Draft,
  intervalSeconds: number,
  { warnings }: ImportContext,
): number | undefined {
  if (wanted === undefined || wanted <= 0) return undefined;
  const retries = numberOf(config["retries"]) ?? DEFAULT_RETRIES;
  const fitting = Math.max(100, Math.min(MAX_TIMEOUT_MS, timeoutRoomMs({ intervalSeconds, retries }), Math.round(wanted)));
  if (fitting !== wanted) {
    warnings.add(
      "changed",
      "timeout",
      timeoutPlace,
      `a timeout of ${wanted / 1_000} s becomes ${fitting / 1_000} s: 30 s, and what the interval leaves, are the most`,
    );
  }
  return fitting;
}

/** A deployment in AWS reaches no private network. */
function warnIfPrivate({ place }: Draft, target: TargetInput, { warnings }: ImportContext): void {
  const host = dialledHost(target);
  if (host === undefined || !isPrivateHost(host)) return;
  warnings.add(
    "todo",
    "private",
    place,
    `${host} is in a private network: a Lambda function outside of it does not reach it (allowedPrivateRanges)`,
  );
}

function dialledHost({ type, url, host, resolver }: TargetInput): string | undefined {
  if (type === "dns") return typeof resolver === "string" ? withoutPort(resolver) : undefined;
  if (typeof url === "string") return bareHost(URL.parse(url)?.hostname ?? "");
  return typeof host === "string" && type !== "domain" ? host : undefined;
}

function withoutPort(server: string): string {
  return server.replace(/^\[(.*)\](?::\d+)?$/, "$1").replace(/^([^:]+):\d+$/, "$1");
}
