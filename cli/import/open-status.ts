import { MAX_RETRIES } from "../../shared/check/check-config.ts";
import { own } from "../../shared/text/own.ts";
import { requestFields, urlOf } from "./http-request.ts";
import type { Draft, ImportContext, Importer } from "./importer.ts";
import { isRecordType } from "./records.ts";
import { hasNoDescription, isCheckedFromOneRegion, isOfNoType } from "./remarks.ts";
import { durationMs, flagOf, isOff, listOf, numberOf, objectOf, scalarOf, statusRanges, textOf } from "./values.ts";
import type { Warnings } from "./warnings.ts";
import { parseYaml } from "./yaml-file.ts";

/** Reads OpenStatus' `openstatus.yaml`: a map of monitors by id. */
export const openStatus: Importer = {
  id: "openstatus",
  reads: "OpenStatus: openstatus.yaml",
  async read(files, context) {
    const monitors = files.flatMap((file) => parseYaml(file.bytes, file.path).flatMap((document) => Object.entries(objectOf(document))));
    const isMonitor = ([, monitor]: [string, unknown]) => "request" in objectOf(monitor) || "kind" in objectOf(monitor);
    const found = monitors.filter(isMonitor);
    for (const [id] of monitors.filter((entry) => !isMonitor(entry)))
      context.warnings.add("lost", "type", id, `"${id}" is not imported: it has neither kind nor request`);
    if (found.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of OpenStatus`);
    return found.flatMap(([id, monitor]) => draftOf(id, objectOf(monitor), context) ?? []);
  },
};

/** Milliseconds of a target that names no timeout. */
const TIMEOUT_MS = 10_000;

const READ_FIELDS = new Set([
  "name",
  "description",
  "frequency",
  "active",
  "regions",
  "retry",
  "kind",
  "request",
  "assertions",
  "degradedAfter",
  "timeout",
  "public",
]);

function draftOf(place: string, monitor: Record<string, unknown>, { warnings }: ImportContext): Draft | undefined {
  const name = textOf(monitor["name"]) ?? place;
  const kind = textOf(monitor["kind"]) ?? "http";
  const checked = checkedOf(kind, objectOf(monitor["request"]), place, warnings);
  if (checked === undefined) return isOfNoType(warnings, place, name, `kind ${kind}`);
  const judged =
    kind === "http"
      ? assertionsOf(place, listOf(monitor["assertions"]), warnings)
      : recordsOf(checked, place, listOf(monitor["assertions"]), warnings);
  if ((numberOf(monitor["retry"]) ?? 0) > MAX_RETRIES)
    warnings.add("changed", "retries", place, `${textOf(monitor["retry"])} retries become ${MAX_RETRIES}, the most that there are`);
  if (listOf(monitor["regions"]).length > 0) isCheckedFromOneRegion(warnings, place);
  if (textOf(monitor["description"])) hasNoDescription(warnings, place);
  for (const key of Object.keys(monitor).filter((field) => !READ_FIELDS.has(field)))
    warnings.add("note", "ignored", `${place}.${key}`, `${key} is not read`);
  const frequencyMs = durationMs(monitor["frequency"]);
  const timeoutMs = numberOf(monitor["timeout"]);
  return {
    place,
    config: { ...checked, type: String(checked["type"]), name, ...judged, ...limitsOf(monitor) },
    ...(frequencyMs !== undefined && { intervalSeconds: frequencyMs / 1_000 }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function limitsOf(monitor: Record<string, unknown>): Record<string, unknown> {
  const retries = numberOf(monitor["retry"]);
  const degradedMs = numberOf(monitor["degradedAfter"]);
  const timeoutMs = numberOf(monitor["timeout"]) ?? TIMEOUT_MS;
  return {
    ...(retries !== undefined && { retries: Math.min(MAX_RETRIES, retries) }),
    ...(degradedMs !== undefined && { latencyLimitMs: Math.min(degradedMs, timeoutMs - 1) }),
    ...(monitor["active"] !== undefined && !flagOf(monitor["active"]) && { paused: true }),
  };
}

function checkedOf(kind: string, request: Record<string, unknown>, place: string, warnings: Warnings): Record<string, unknown> | undefined {
  if (kind === "tcp") return { type: "tcp", host: textOf(request["host"]), port: numberOf(request["port"]) };
  if (kind === "dns") return { type: "dns", host: textOf(request["uri"]) ?? textOf(request["host"]) };
  if (kind !== "http") return undefined;
  const { url, authorization } = urlOf(textOf(request["url"]) ?? "", place, warnings);
  const given = { method: textOf(request["method"]), headers: objectOf(request["headers"]), body: textOf(request["body"]), authorization };
  return {
    type: "http",
    url,
    ...requestFields(given, `${place}.request.body`, warnings),
    ...(isOff(request["followRedirects"]) && { followRedirects: false }),
  };
}

/** What is asked of an answer by DNS: its records are compared, and of one type alone. */
function recordsOf(checked: Record<string, unknown>, place: string, given: unknown[], warnings: Warnings): Record<string, unknown> {
  const records = given.map(objectOf);
  const [first] = records;
  const recordType = (textOf(first?.["key"]) ?? "").toUpperCase();
  const isJudged = (assertion: Record<string, unknown>) =>
    checked["type"] === "dns" &&
    assertion["kind"] === "dnsRecord" &&
    assertion["compare"] === "eq" &&
    isRecordType(recordType) &&
    (textOf(assertion["key"]) ?? "").toUpperCase() === recordType;
  records.forEach((assertion, index) => {
    if (!isJudged(assertion))
      warnings.add(
        "lost",
        "assertion",
        `${place}.assertions[${index}]`,
        `an assertion ${["kind", "key", "compare"].map((name) => textOf(assertion[name])).join(" ")} is not judged`,
      );
  });
  const judged = records.filter(isJudged);
  return judged.length === 0 ? {} : { recordType, expectedRecords: judged.map(({ target }) => textOf(target) ?? "") };
}

const COMPARES: Readonly<Record<string, string>> = {
  eq: "eq",
  not_eq: "ne",
  contains: "contains",
  not_contains: "lacks",
  gt: "gt",
  gte: "gte",
  lt: "lt",
  lte: "lte",
};

/** What is asked of an answer: statuses in a field of their own, each condition on them narrowing what is left. */
function assertionsOf(place: string, given: unknown[], warnings: Warnings): Record<string, unknown> {
  let codes = ALL_CODES;
  const assertions = given.flatMap((value, index): Record<string, unknown>[] => {
    const assertion = objectOf(value);
    const operator = own(COMPARES, textOf(assertion["compare"]) ?? "");
    const allows = assertion["kind"] === "statusCode" ? own(COMPARED_CODES, operator ?? "") : undefined;
    const limit = numberOf(assertion["target"]);
    if (allows !== undefined && limit !== undefined) {
      codes = codes.filter((code) => allows(code, limit));
      return [];
    }
    const judged = operator === undefined ? undefined : judgedBy(assertion, operator);
    if (judged !== undefined) return [judged];
    const what = `${textOf(assertion["kind"])} ${textOf(assertion["compare"])}`;
    warnings.add("lost", "assertion", `${place}.assertions[${index}]`, `an assertion ${what} is not judged`);
    return [];
  });
  return {
    ...(codes !== ALL_CODES && { expectedStatuses: statusRanges(codes) }),
    ...(assertions.length > 0 && { assertions }),
  };
}

const ALL_CODES: readonly number[] = Array.from({ length: 500 }, (_, index) => index + 100);

const COMPARED_CODES: Readonly<Record<string, (code: number, limit: number) => boolean>> = {
  eq: (code, limit) => code === limit,
  ne: (code, limit) => code !== limit,
  gt: (code, limit) => code > limit,
  gte: (code, limit) => code >= limit,
  lt: (code, limit) => code < limit,
  lte: (code, limit) => code <= limit,
};

function judgedBy({ kind, target, key, path }: Record<string, unknown>, operator: string): Record<string, unknown> | undefined {
  const text = textOf(target) ?? "";
  if (kind === "header") return { kind, name: textOf(key), operator, value: text };
  if (kind === "jsonBody") return { kind: "jsonPath", path: textOf(path), operator, value: scalarOf(text) };
  if (kind !== "textBody") return undefined;
  if (operator === "contains" || operator === "lacks") return { kind: operator === "contains" ? "bodyContains" : "bodyLacks", text };
  return operator === "eq" || operator === "ne" ? { kind: "body", operator, value: text } : undefined;
}
