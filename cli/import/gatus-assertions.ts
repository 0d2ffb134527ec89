import { isPattern } from "../../shared/check/pattern.ts";
import { allowsStatus, argumentOf, type Condition, containedText, parseCondition, patternOf, valuesOf } from "./gatus-condition.ts";
import type { GatusEndpoint } from "./gatus-endpoint.ts";
import { isExpectedRcode } from "./records.ts";
import { durationMs, escaped, jsonPathOf, listOf, numberOf, scalarOf, statusRanges, textOf } from "./values.ts";
import type { Warnings } from "./warnings.ts";

/** One condition of an endpoint, while it becomes a field or an assertion of the target. */
interface Given {
  readonly endpoint: GatusEndpoint;
  /** Of the target. */
  readonly type: string;
  readonly condition: Condition;
  /** As it is written. */
  readonly text: string;
  /** Tells that it is not judged. */
  readonly lost: (topic: string, text: string) => void;
  /** Tells that it is judged otherwise. */
  readonly changed: (topic: string, text: string) => void;
}

/** An endpoint's conditions become fields and assertions of its target. @returns whether any answer could satisfy them */
export function applyConditions(endpoint: GatusEndpoint, type: string, warnings: Warnings): boolean {
  const statuses: Condition[] = [];
  listOf(endpoint.fields["conditions"]).forEach((value, index) => {
    const place = `${endpoint.place}.conditions[${index}]`;
    const lost = (topic: string, says: string) => warnings.add("lost", topic, place, says);
    const text = textOf(value) ?? "";
    const condition = parseCondition(text);
    if (condition === undefined || /&&|\|\|/.test(text)) {
      const taken = condition && `${condition.left} ${condition.operator} "${condition.right}", and what is no number is 0`;
      lost("condition-malformed", `"${text}" is no condition: Gatus makes ${taken ?? "nothing"} of it`);
      return;
    }
    const glob = argumentOf("pat", condition.right);
    if (glob !== undefined && !isPattern(patternOf(glob))) lost("condition-malformed", `"${text}": its pattern is none`);
    else if (condition.left === "[STATUS]" && type === "http") statuses.push(condition);
    else apply({ endpoint, type, condition, text, lost, changed: (topic, says) => warnings.add("changed", topic, place, says) });
  });
  return type !== "http" || applyStatuses(endpoint, statuses, warnings);
}

function applyStatuses({ target, place, name }: GatusEndpoint, statuses: readonly Condition[], warnings: Warnings): boolean {
  const codes = Array.from({ length: 500 }, (_, index) => index + 100).filter((code) =>
    statuses.every((condition) => allowsStatus(condition, code)),
  );
  if (codes.length === 0) {
    warnings.add("lost", "status-impossible", place, `"${name}" is not imported: no status satisfies its conditions`);
    return false;
  }
  if (statuses.length === 0) {
    warnings.add("note", "any-status", place, `"${name}" takes any status, an error, too: say which with expectedStatuses`);
  }
  target["expectedStatuses"] = statusRanges(codes);
  return true;
}

/** What stands on the left, and what it becomes. */
const PLACEHOLDERS: Readonly<Record<string, (given: Given) => void>> = {
  "[STATUS]": ({ type, lost, text }) => lost("status", `"${text}": a ${type} check has no status`),
  "[CONNECTED]": ({ endpoint, condition }) => {
    if (!isWanted(condition)) endpoint.target["expect"] = "down";
  },
  "[RESPONSE_TIME]": responseTime,
  "[CERTIFICATE_EXPIRATION]": certificate,
  "[DOMAIN_EXPIRATION]": ({ lost, text }) => lost("domain-expiration", `"${text}": register a target of type domain for it`),
  "[IP]": ({ lost, text }) => lost("ip", `"${text}": which address answers is not judged`),
  "[DNS_RCODE]": ({ endpoint, condition: { operator, right }, lost, text }) => {
    if (operator !== "==" || !(right === "NOERROR" || isExpectedRcode(right))) lost("dns-rcode", `"${text}" is not judged`);
    else if (right !== "NOERROR") endpoint.target["expectedRcode"] = right;
  },
};

function apply(given: Given): void {
  const { left } = given.condition;
  if (Object.hasOwn(PLACEHOLDERS, left)) PLACEHOLDERS[left]?.(given);
  else if (/^(?:\[BODY\]|has\(|len\()/.test(left)) body(given);
  else if (/^\[HEADER\]\./.test(left) && given.type === "http") header(given, left.slice("[HEADER].".length));
  else given.lost("condition-malformed", `"${given.text}" is not a condition that is known`);
}

function responseTime({ endpoint, type, condition: { operator, right }, lost }: Given): void {
  const limitMs = numberOf(right) ?? durationMs(right);
  if (limitMs === undefined || (operator !== "<" && operator !== "<=")) {
    lost("response-time-floor", `an answer is not asked to be slow ([RESPONSE_TIME] ${operator} ${right})`);
  } else if (type === "http") endpoint.assertions.push({ kind: "responseTime", maxMs: Math.round(limitMs) });
  else {
    const before = numberOf(endpoint.target["latencyLimitMs"]) ?? Number.POSITIVE_INFINITY;
    Object.assign(endpoint.target, { latencyLimitMs: Math.min(before, Math.round(limitMs)), slowIs: "down" });
  }
}

function certificate({ endpoint, type, condition: { operator, right }, lost, changed }: Given): void {
  const limitMs = durationMs(right) ?? numberOf(right);
  if (limitMs === undefined || !operator.startsWith(">")) {
    lost("condition-malformed", `[CERTIFICATE_EXPIRATION] ${operator} ${right} is not judged`);
    return;
  }
  const days = limitMs / 86_400_000;
  const minDaysLeft = Math.ceil(days);
  if (days !== minDaysLeft) changed("certificate-days", `${right} becomes ${minDaysLeft} days: certificates are judged by whole days`);
  if (type === "http") endpoint.assertions.push({ kind: "certificate", minDaysLeft });
  else if (type === "tls") Object.assign(endpoint.target, { minDaysLeft, expiryIs: "down" });
  else lost("condition-malformed", `a ${type} check sees no certificate`);
}

function body(given: Given): void {
  const { type, condition, text, lost } = given;
  if (type === "dns") dnsValue(given);
  else if (type === "tcp" || type === "websocket") serverSays(given);
  else if (type !== "http") lost("send-expect", `"${text}": a ${type} check reads no body`);
  else if (condition.left === "[BODY]") wholeBody(given);
  else jsonValue(given);
}

function dnsValue({ endpoint: { target }, condition: { left, operator, right }, text, lost }: Given): void {
  const type = String(target["recordType"]);
  const isPlain = left === "[BODY]" && operator === "==" && argumentOf("pat", right) === undefined && type !== "MX" && type !== "SRV";
  if (!isPlain) {
    lost("dns-value", `"${text}": records of type ${type} are not compared so`);
    return;
  }
  const values = valuesOf(right);
  target["expectedRecords"] = [...listOf(target["expectedRecords"]), ...values];
  if (values.length > 1) target["match"] = "any";
}

/** What a tcp or websocket server says. */
function serverSays({ endpoint: { target }, type, condition: { left, operator, right }, text, lost }: Given): void {
  const glob = argumentOf("pat", right);
  const pattern = glob === undefined ? `^${escaped(right)}\\s*$` : patternOf(glob).replace(/^\^\[\\s\\S\]\*|\[\\s\\S\]\*\$$/g, "");
  if (left !== "[BODY]" || operator !== "==" || pattern === "" || argumentOf("any", right) !== undefined) {
    lost("send-expect", `"${text}": what the server says is not compared so`);
  } else target[type === "tcp" ? "banner" : "answer"] = pattern;
}

function header({ endpoint: { assertions }, condition, text, lost }: Given, name: string): void {
  const judged = judgedBy(condition);
  if (judged === undefined) lost("header", `"${text}" is not judged`);
  else if (judged.operator === "in") assertions.push({ kind: "header", name, operator: "matches", value: patternOfAny(condition.right) });
  // As it is written: a header has no numbers.
  else assertions.push({ kind: "header", name, operator: judged.operator, value: String(judged.value) });
}

/** Blanks around a body say nothing. */
function trimmed(pattern: string): string {
  return pattern.replace(/^\^/, "^\\s*").replace(/\$$/, "\\s*$");
}

function wholeBody({ endpoint: { assertions }, condition: { operator, right }, text, lost }: Given): void {
  if (operator !== "==" && operator !== "!=") {
    lost("body-pattern", `"${text}": a body has no order`);
    return;
  }
  const isEqual = operator === "==";
  const glob = argumentOf("pat", right);
  const contained = glob === undefined ? undefined : containedText(glob);
  const pattern = glob === undefined ? patternOfAny(right) : patternOf(glob);
  if (contained !== undefined) assertions.push({ kind: isEqual ? "bodyContains" : "bodyLacks", text: contained });
  else if (pattern !== undefined) assertions.push({ kind: "body", operator: isEqual ? "matches" : "notMatches", value: trimmed(pattern) });
  else assertions.push({ kind: "body", operator: isEqual ? "eq" : "ne", value: right });
}

function jsonValue({ endpoint: { assertions }, condition, text, lost }: Given): void {
  const has = argumentOf("has", condition.left);
  const length = argumentOf("len", condition.left);
  const inner = (has ?? length ?? condition.left).replace(/^\[BODY\]/, "");
  if (inner === "" && has !== undefined) {
    assertions.push({ kind: "body", operator: isWanted(condition) ? "matches" : "notMatches", value: "\\S" });
    return;
  }
  if (inner === "" && length !== undefined) {
    lost("json-length", `"${text}": the length of a text is not judged; of a list, say which ($.items)`);
    return;
  }
  const path = jsonPathOf(inner);
  const judged = has === undefined ? judgedBy(condition) : { operator: "exists", value: isWanted(condition) };
  if (path === undefined) lost("json-pattern", `"${text}": its path is not one that is read`);
  else if (judged === undefined) lost("json-any", `"${text}" is not judged`);
  else assertions.push({ kind: "jsonPath", path: length === undefined ? path : `${path}.length()`, ...judged });
}

const JSON_OPERATORS = { "==": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte" } as const;

/** Operator and value of a JSON assertion; `undefined` where a pattern or a list is to be less or more. */
function judgedBy({ operator, right }: Condition): { operator: string; value: unknown } | undefined {
  const isEqual = operator === "==";
  const glob = argumentOf("pat", right);
  const anyOf = patternOfAny(right);
  if (glob === undefined && anyOf === undefined) return { operator: JSON_OPERATORS[operator], value: scalarOf(right) };
  if (!isEqual && operator !== "!=") return undefined;
  const contained = glob === undefined ? undefined : containedText(glob);
  if (contained !== undefined) return { operator: isEqual ? "contains" : "lacks", value: contained };
  if (glob !== undefined) return { operator: isEqual ? "matches" : "notMatches", value: patternOf(glob) };
  return isEqual ? { operator: "in", value: valuesOf(right).map(scalarOf) } : { operator: "notMatches", value: anyOf };
}

/** What `any(a, b)` matches; `undefined` for anything else. */
function patternOfAny(right: string): string | undefined {
  return argumentOf("any", right) === undefined ? undefined : `^(?:${valuesOf(right).map(escaped).join("|")})$`;
}

/** `== true` and `!= false`. */
function isWanted({ operator, right }: Condition): boolean {
  return (right === "true") === (operator === "==");
}
