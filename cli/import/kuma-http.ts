import { own } from "../../shared/text/own.ts";
import { type GivenRequest, requestFields, urlOf } from "./http-request.ts";
import type { KumaMonitor } from "./kuma-data.ts";
import { basic, escaped, flagOf, isOff, jsonPathOf, listOf, numberOf, objectOf, scalarOf, textOf } from "./values.ts";
import type { Warnings } from "./warnings.ts";

/** Kuma's own. Source: louislam/uptime-kuma, server/model/monitor.js. */
const DEFAULT_TIMEOUT_S = 48;
const MAX_REDIRECTS = 10;

/** Of HTTP checks, with what they ask of the answer. */
const HTTP_TYPES = new Set(["http", "keyword", "json-query"]);

export function isHttp(monitor: KumaMonitor): boolean {
  return HTTP_TYPES.has(String(monitor["type"]));
}

/** Says once for all of them that Kuma's default timeout is not ours. */
export function remarkTimeouts(monitors: readonly KumaMonitor[], warnings: Warnings): void {
  if (monitors.some((monitor) => isHttp(monitor) && timeoutMs(monitor) === undefined)) {
    warnings.add("changed", "timeout", "", `the default timeout of ${DEFAULT_TIMEOUT_S} s becomes 10 s`);
  }
}

/** Milliseconds that an HTTP monitor names; `undefined` for Kuma's own default, and for other types. */
export function timeoutMs(monitor: KumaMonitor): number | undefined {
  const seconds = isHttp(monitor) ? numberOf(monitor["timeout"]) : undefined;
  return seconds === undefined || seconds === 0 || seconds === DEFAULT_TIMEOUT_S ? undefined : seconds * 1_000;
}

/** What an HTTP monitor checks; `undefined` where it is not imported. @param proxies of the source */
export function httpOf(
  monitor: KumaMonitor,
  { place, name, proxies, warnings }: { place: string; name: string; proxies: readonly KumaMonitor[]; warnings: Warnings },
): Record<string, unknown> | undefined {
  const address = textOf(monitor["url"]) ?? "";
  if (!/^https?:\/\//i.test(address)) {
    warnings.add("lost", "url", place, `"${name}" is not imported: "${address}" is no http address`);
    return undefined;
  }
  const pause: Pause = (topic, why) => {
    warnings.add("lost", topic, place, `${why}: "${name}" is imported paused`);
    return { paused: true };
  };
  const { url, authorization } = urlOf(address, place, warnings);
  const login = loginOf(monitor, pause);
  const given: GivenRequest = {
    method: textOf(monitor["method"]),
    headers: headersOf(monitor, place, warnings),
    body: textOf(monitor["body"]),
    authorization: authorization ?? login.authorization,
    contentType: own(CONTENT_TYPES, textOf(monitor["httpBodyEncoding"]) ?? "json"),
  };
  const statuses = statusesOf(monitor);
  const assertions = assertionsOf(monitor, place, warnings);
  if (flagOf(monitor["cacheBust"])) warnings.add("lost", "cache-bust", place, "nothing is added to the address to get past caches");
  return {
    type: "http",
    url,
    ...requestFields(given, place, warnings),
    ...login.fields,
    ...(statuses.length > 0 && { expectedStatuses: statuses }),
    ...(flagOf(monitor["ignoreTls"]) && { verifyTls: false }),
    ...redirectsOf(monitor, place, warnings),
    ...(assertions.length > 0 && { assertions }),
    ...proxyOf(monitor, proxies, pause),
  };
}

/** Says why it is imported paused. @returns the field that does it */
type Pause = (topic: string, why: string) => { readonly paused: true };

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  xml: "text/xml",
  form: "application/x-www-form-urlencoded",
};

function headersOf(monitor: KumaMonitor, place: string, warnings: Warnings): Record<string, unknown> {
  const text = textOf(monitor["headers"]);
  if (text === undefined || text.trim() === "") return {};
  try {
    return objectOf(JSON.parse(text));
  } catch {
    warnings.add("lost", "headers", place, "its headers are no JSON");
    return {};
  }
}

interface Login {
  /** Value of the authorization header. */
  readonly authorization?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** How it signs in. */
function loginOf(monitor: KumaMonitor, pause: Pause): Login {
  const text = (name: string) => textOf(monitor[name]) || undefined;
  const token = text("bearer_token");
  switch (text("authMethod") ?? (text("basic_auth_user") === undefined ? undefined : "basic")) {
    case "basic":
      return { authorization: basic(`${text("basic_auth_user") ?? ""}:${text("basic_auth_pass") ?? ""}`) };
    case "bearer":
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    case "oauth2-cc":
      return { fields: oauth2Of(text) ?? pause("oauth2", "its OAuth 2 client is not complete in the source") };
    case "ntlm":
      return { fields: pause("ntlm", "NTLM is not spoken") };
    case "mtls": {
      const [clientCertificate, clientKey] = [text("tlsCert"), text("tlsKey")];
      const isComplete = clientCertificate !== undefined && clientKey !== undefined;
      return {
        fields: {
          ...(isComplete ? { clientCertificate, clientKey } : pause("mtls", "its client certificate is not complete in the source")),
          ...(text("tlsCa") !== undefined && pause("tls-ca", "an authority of its own is not trusted here")),
        },
      };
    }
    default:
      return {};
  }
}

function oauth2Of(text: (name: string) => string | undefined): { oauth2: Record<string, unknown> } | undefined {
  const [tokenUrl, clientId, clientSecret] = [text("oauth_token_url"), text("oauth_client_id"), text("oauth_client_secret")];
  if (tokenUrl === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  const scopes = (text("oauth_scopes") ?? "").split(/\s+/).filter(Boolean);
  const audience = text("oauth_audience");
  const tokenEndpointAuthMethod = text("oauth_auth_method") === "client_secret_post" ? "client_secret_post" : "client_secret_basic";
  const required = { tokenUrl, clientId, clientSecret, scopes, tokenEndpointAuthMethod };
  return { oauth2: { ...required, ...(audience !== undefined && { audience }) } };
}

function statusesOf(monitor: KumaMonitor): (string | number)[] {
  return listOf(monitor["accepted_statuscodes"]).flatMap((status): (string | number)[] => {
    const text = textOf(status) ?? "";
    if (/^\d{3}$/.test(text)) return [Number(text)];
    return /^\d{3}-\d{3}$/.test(text) ? [text] : [];
  });
}

function redirectsOf(monitor: KumaMonitor, place: string, warnings: Warnings): { followRedirects?: false } {
  const redirects = numberOf(monitor["maxredirects"]) ?? MAX_REDIRECTS;
  if (redirects === 0) return { followRedirects: false };
  if (redirects !== MAX_REDIRECTS) {
    warnings.add("changed", "max-redirects", place, `${redirects} redirects at most become ${MAX_REDIRECTS}`);
  }
  return {};
}

const JSON_OPERATORS: Readonly<Record<string, string>> = {
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
  contains: "contains",
};

/** Kuma reads JSON, and looks in it as it writes it itself: a keyword of JSON is found whatever blanks there are. */
function keywordOf(text: string, isAbsent: boolean): Record<string, unknown>[] {
  if (text === "") return [];
  if (!/"[^"]*"\s*[:,\]}]|[:,[{]\s*"/.test(text)) return [{ kind: isAbsent ? "bodyLacks" : "bodyContains", text }];
  const value = text
    .split(/\s*([:,{}[\]])\s*/)
    .map((part, index) => (index % 2 === 1 ? `\\s*${escaped(part)}\\s*` : escaped(part)))
    .join("");
  return [{ kind: "body", operator: isAbsent ? "notMatches" : "matches", value }];
}

function assertionsOf(monitor: KumaMonitor, place: string, warnings: Warnings): Record<string, unknown>[] {
  if (monitor["type"] === "keyword") return keywordOf(textOf(monitor["keyword"]) ?? "", flagOf(monitor["invertKeyword"]));
  if (monitor["type"] !== "json-query") return [];
  const path = jsonPathOf(textOf(monitor["jsonPath"]) ?? "$");
  const operator = own(JSON_OPERATORS, textOf(monitor["jsonPathOperator"]) || "==");
  if (path !== undefined && operator !== undefined) {
    return [{ kind: "jsonPath", path, operator, value: scalarOf(textOf(monitor["expectedValue"]) ?? "") }];
  }
  warnings.add("lost", "jsonata", place, `"${textOf(monitor["jsonPath"])}" is more than a path (JSONata): what it asks is not checked`);
  return [];
}

function proxyOf(monitor: KumaMonitor, proxies: readonly KumaMonitor[], pause: Pause): Record<string, unknown> {
  const id = numberOf(monitor["proxyId"]);
  if (id === undefined) return {};
  const proxy = proxies.find((candidate) => numberOf(candidate["id"]) === id);
  const protocol = textOf(proxy?.["protocol"]);
  if (proxy !== undefined && isOff(proxy["active"])) return {};
  if (proxy === undefined || (protocol !== "http" && protocol !== "https")) {
    return pause("proxy", `its proxy (${protocol ?? "not in the source"}) is not used`);
  }
  return {
    proxy: `${protocol}://${textOf(proxy["host"])}:${textOf(proxy["port"])}`,
    ...(flagOf(proxy["auth"]) && {
      proxyAuthorization: basic(`${textOf(proxy["username"]) ?? ""}:${textOf(proxy["password"]) ?? ""}`),
    }),
  };
}
