import type { Draft, ImportContext, Importer } from "./importer.ts";
import { durationMs, flagOf, listOf, numberOf, objectOf, scalarOf, textOf, withoutCredentials } from "./values.ts";
import { parseYaml } from "./yaml-file.ts";

/** Reads OpenStatus' `openstatus.yaml`: a map of monitors by id. */
export const openStatus: Importer = {
  id: "openstatus",
  reads: "OpenStatus: openstatus.yaml",
  async read(files, context) {
    const monitors = files.flatMap((file) => parseYaml(file.bytes, file.path).flatMap((document) => Object.entries(objectOf(document))));
    const found = monitors.filter(([, monitor]) => "request" in objectOf(monitor) || "kind" in objectOf(monitor));
    if (found.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of OpenStatus`);
    return found.flatMap(([id, monitor]) => draftOf(id, objectOf(monitor), context) ?? []);
  },
};

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
  const request = objectOf(monitor["request"]);
  const kind = textOf(monitor["kind"]) ?? "http";
  const checked = checkedOf(kind, request);
  if (checked === undefined) {
    warnings.add("lost", "type", place, `"${name}" is not imported: there is no check of kind ${kind}`);
    return undefined;
  }
  const assertions = kind === "http" ? assertionsOf(place, listOf(monitor["assertions"]), checked, warnings) : [];
  if (listOf(monitor["regions"]).length > 0) warnings.add("lost", "regions", place, "it is checked from one region, the deployment's");
  if (textOf(monitor["description"])) warnings.add("lost", "description", place, "a target has no description");
  for (const key of Object.keys(monitor).filter((field) => !READ_FIELDS.has(field)))
    warnings.add("note", "ignored", `${place}.${key}`, `${key} is not read`);
  const frequencyMs = durationMs(monitor["frequency"]);
  const retries = numberOf(monitor["retry"]);
  const degradedMs = numberOf(monitor["degradedAfter"]);
  const timeoutMs = numberOf(monitor["timeout"]);
  return {
    place,
    config: {
      ...checked,
      type: String(checked["type"]),
      name,
      ...(assertions.length > 0 && { assertions }),
      ...(retries !== undefined && { retries: Math.min(3, retries) }),
      ...(degradedMs !== undefined && { latencyLimitMs: Math.min(degradedMs, (timeoutMs ?? 10_000) - 1) }),
      ...(monitor["active"] !== undefined && !flagOf(monitor["active"]) && { paused: true }),
    },
    ...(frequencyMs !== undefined && { intervalSeconds: frequencyMs / 1_000 }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function checkedOf(kind: string, request: Record<string, unknown>): Record<string, unknown> | undefined {
  if (kind === "tcp") return { type: "tcp", host: textOf(request["host"]), port: numberOf(request["port"]) };
  if (kind === "dns") return { type: "dns", host: textOf(request["uri"]) ?? textOf(request["host"]) };
  if (kind !== "http") return undefined;
  const { url, authorization } = withoutCredentials(textOf(request["url"]) ?? "");
  const headers = { ...objectOf(request["headers"]), ...(authorization !== undefined && { authorization }) };
  const method = textOf(request["method"])?.toUpperCase() ?? "GET";
  const body = textOf(request["body"]);
  return {
    type: "http",
    url,
    ...(method !== "GET" && { method }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(body && method !== "GET" && method !== "HEAD" && { body }),
    ...(request["followRedirects"] === false && { followRedirects: false }),
  };
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

function assertionsOf(
  place: string,
  given: unknown[],
  checked: Record<string, unknown>,
  warnings: ImportContext["warnings"],
): Record<string, unknown>[] {
  return given.flatMap((value, index): Record<string, unknown>[] => {
    const { kind, compare, target, key } = objectOf(value);
    const at = `${place}.assertions[${index}]`;
    const operator = COMPARES[textOf(compare) ?? ""];
    const text = textOf(target) ?? "";
    if (kind === "statusCode") {
      const code = numberOf(target);
      if (operator === "eq" && code !== undefined) checked["expectedStatuses"] = [code];
      else if (code !== undefined && operator !== undefined && operator !== "contains")
        checked["expectedStatuses"] = rangesOf(operator, code);
      return [];
    }
    if (kind === "header" && operator !== undefined) return [{ kind: "header", name: textOf(key), operator, value: text }];
    if (kind === "textBody" && (operator === "contains" || operator === "lacks"))
      return [{ kind: operator === "contains" ? "bodyContains" : "bodyLacks", text }];
    if (kind === "textBody" && (operator === "eq" || operator === "ne")) return [{ kind: "body", operator, value: text }];
    if (kind === "jsonBody" && operator !== undefined)
      return [{ kind: "jsonPath", path: textOf(objectOf(value)["path"]), operator, value: scalarOf(text) }];
    warnings.add("lost", "assertion", at, `an assertion ${textOf(kind)} ${textOf(compare)} is not judged`);
    return [];
  });
}

function rangesOf(operator: string, code: number): string[] {
  if (operator === "ne") return [...(code > 100 ? [`100-${code - 1}`] : []), `${code + 1}-599`];
  const [from, to] =
    operator === "lt" ? [100, code - 1] : operator === "lte" ? [100, code] : operator === "gt" ? [code + 1, 599] : [code, 599];
  return [`${from}-${to}`];
}
