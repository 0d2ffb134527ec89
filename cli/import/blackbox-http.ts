import { goPattern } from "./go-pattern.ts";
import { type GivenRequest, proxyFields, requestFields, urlOf } from "./http-request.ts";
import { basic, flagOf, isOff, listOf, literalOf, numberOf, objectOf, textOf } from "./values.ts";
import type { Warnings } from "./warnings.ts";

/** Fields that are read, told of otherwise, or say what is so here anyway. */
const READ: ReadonlySet<string> = new Set(
  `valid_status_codes valid_http_versions method headers body body_file basic_auth authorization bearer_token bearer_token_file
  http_headers proxy_from_environment fail_if_ssl fail_if_not_ssl fail_if_body_matches_regexp fail_if_body_not_matches_regexp fail_if_header_matches fail_if_header_not_matches
  follow_redirects no_follow_redirects tls_config proxy_url oauth2 preferred_ip_protocol ip_protocol_fallback enable_http2 enable_http3`
    .trim()
    .split(/\s+/),
);

/** Says why a module's targets are imported paused; `not`: what is said of them, and no reason to. */
export interface Pause {
  (level: "lost" | "todo", topic: string, why: string): void;
  not(level: "lost", topic: string, text: string): void;
}

/** Fields of a module's targets, paused where one of them says why they could not work. @param place of the module */
export function pausing(place: string, warnings: Warnings, fieldsOf: (pause: Pause) => Record<string, unknown>): Record<string, unknown> {
  let paused = false;
  const pause = (level: "lost" | "todo", topic: string, why: string) => {
    paused = true;
    warnings.add(level, topic, place, `${why}: its targets are imported paused`);
  };
  const not = (level: "lost", topic: string, text: string) => warnings.add(level, topic, place, text);
  const fields = fieldsOf(Object.assign(pause, { not }));
  return paused ? { ...fields, paused } : fields;
}

/**
 * What a module's http prober checks of a target. Source: prometheus/blackbox_exporter, CONFIGURATION.md.
 * @param fields below the module's `http` @param place of the module
 */
export function httpOf(target: string, fields: Record<string, unknown>, place: string, warnings: Warnings): Record<string, unknown> {
  const lost = (topic: string, text: string) => warnings.add("lost", topic, place, text);
  const { url, authorization } = urlOf(/^https?:\/\//i.test(target) ? target : `http://${target}`, place, warnings);
  const codes = listOf(fields["valid_status_codes"]).flatMap((code) => numberOf(code) ?? []);
  const unread = Object.keys(fields).filter((name) => !READ.has(name));
  if (unread.length > 0) lost("field", `not imported: ${unread.join(", ")}`);
  const assertions = [...bodies(fields, lost), ...answerHeaders(fields, lost)];
  if (flagOf(fields["fail_if_ssl"])) lost("fail-if-ssl", "that an answer comes without TLS is not asked");
  if (flagOf(fields["fail_if_not_ssl"]) && !/^https:/i.test(url)) lost("fail-if-not-ssl", "that a redirect leads to https is not asked");
  return pausing(place, warnings, (pause) => ({
    type: "http",
    url,
    ...requestFields({ ...requestOf(fields, pause), ...(authorization !== undefined && { authorization }) }, place, warnings),
    ...securityOf(fields, pause),
    ...versionOf(fields, lost),
    ...(codes.length > 0 && { expectedStatuses: codes }),
    ...((isOff(fields["follow_redirects"]) || flagOf(fields["no_follow_redirects"])) && { followRedirects: false }),
    ...(assertions.length > 0 && { assertions }),
  }));
}

function requestOf(fields: Record<string, unknown>, pause: Pause): GivenRequest {
  const login = objectOf(fields["basic_auth"]);
  const bearer = objectOf(fields["authorization"]);
  const given = Object.entries(objectOf(fields["http_headers"])).map(([name, value]) => [name, objectOf(value)] as const);
  const files = [
    login["password_file"],
    login["username_file"],
    fields["bearer_token_file"],
    bearer["credentials_file"],
    fields["body_file"],
    ...given.flatMap(([, { files: paths }]) => listOf(paths)),
  ];
  const file = files.find((path) => textOf(path) !== undefined);
  if (file !== undefined) pause("todo", "secret-file", `what stands in ${textOf(file)} must be set by hand`);
  return {
    method: textOf(fields["method"]),
    headers: {
      ...objectOf(fields["headers"]),
      ...Object.fromEntries(
        given.map(([name, { values, secrets }]) => [name, [...listOf(values), ...listOf(secrets)].map(textOf).join(", ")]),
      ),
    },
    body: textOf(fields["body"]),
    authorization: authorizationOf(fields, login, bearer),
  };
}

function authorizationOf(
  fields: Record<string, unknown>,
  login: Record<string, unknown>,
  bearer: Record<string, unknown>,
): string | undefined {
  if (login["username"] !== undefined && login["password_file"] === undefined) {
    return basic(`${textOf(login["username"]) ?? ""}:${textOf(login["password"]) ?? ""}`);
  }
  const token = textOf(fields["bearer_token"]) ?? textOf(bearer["credentials"]);
  return token === undefined ? undefined : `${textOf(bearer["type"]) ?? "Bearer"} ${token}`;
}

function securityOf(fields: Record<string, unknown>, pause: Pause): Record<string, unknown> {
  if (flagOf(fields["proxy_from_environment"])) pause("lost", "proxy", "the proxy of the exporter's environment is not used");
  return {
    ...tlsOf(fields, pause),
    ...(fields["proxy_url"] !== undefined && proxyOf(textOf(fields["proxy_url"]) ?? "", pause)),
    ...(fields["oauth2"] !== undefined && oauth2Of(objectOf(fields["oauth2"]), pause)),
  };
}

/** Whom a certificate must name, whether it is verified at all, and what is shown: of each prober that speaks TLS. */
export function tlsOf(fields: Record<string, unknown>, pause: Pause): Record<string, unknown> {
  const tls = objectOf(fields["tls_config"]);
  const servername = textOf(tls["server_name"]);
  const isUnverified = flagOf(tls["insecure_skip_verify"]);
  const authority = tls["ca_file"] === undefined ? (tls["ca"] === undefined ? undefined : "its module") : textOf(tls["ca_file"]);
  if (authority !== undefined && !isUnverified) pause("lost", "tls-ca", `the authority in ${authority} is not trusted here`);
  const versions = ["min_version", "max_version"].filter((name) => tls[name] !== undefined);
  if (versions.length > 0) pause.not("lost", "tls-version", `${versions.join(" and ")} of TLS is not asked`);
  return {
    ...(servername && { servername }),
    ...(isUnverified && { verifyTls: false as const }),
    ...((tls["cert_file"] !== undefined || tls["cert"] !== undefined) && identityOf(tls, pause)),
  };
}

function identityOf(tls: Record<string, unknown>, pause: Pause): Record<string, unknown> {
  const [clientCertificate, clientKey] = [textOf(tls["cert"]), textOf(tls["key"])];
  if (clientCertificate !== undefined && clientKey !== undefined) return { clientCertificate, clientKey };
  pause("lost", "mtls", `its client certificate stands in ${textOf(tls["cert_file"]) ?? "a file"}`);
  return {};
}

function proxyOf(proxy: string, pause: Pause): Record<string, unknown> {
  const fields = proxyFields(proxy);
  if (fields === undefined) pause("lost", "proxy", "its proxy is not used");
  return fields ?? {};
}

function oauth2Of(oauth2: Record<string, unknown>, pause: Pause): Record<string, unknown> {
  const [tokenUrl, clientId, clientSecret] = [textOf(oauth2["token_url"]), textOf(oauth2["client_id"]), textOf(oauth2["client_secret"])];
  if (tokenUrl !== undefined && clientId !== undefined && clientSecret !== undefined) {
    const scopes = listOf(oauth2["scopes"]).flatMap((scope) => textOf(scope) ?? []);
    return { oauth2: { tokenUrl, clientId, clientSecret, scopes } };
  }
  pause("lost", "oauth2", "its OAuth 2 client is not complete");
  return {};
}

type Lost = (topic: string, text: string) => void;

function versionOf(fields: Record<string, unknown>, lost: Lost): { httpVersion?: "2" } {
  const versions = listOf(fields["valid_http_versions"]).flatMap((version) => textOf(version) ?? []);
  if (versions.length === 0 || versions.includes("HTTP/1.1")) return {};
  if (versions.some((version) => version.startsWith("HTTP/2"))) return { httpVersion: "2" };
  lost("http-version", `an answer by ${versions.join(", ")} is not asked`);
  return {};
}

function bodies(fields: Record<string, unknown>, lost: Lost): Record<string, unknown>[] {
  const cel = Object.keys(fields).filter((key) => key.startsWith("fail_if_body_json"));
  for (const key of cel) lost("cel", `${key} (CEL) is not judged`);
  return [
    ...listOf(fields["fail_if_body_not_matches_regexp"]).flatMap((regexp) => bodyAssertion(textOf(regexp) ?? "", true, lost)),
    ...listOf(fields["fail_if_body_matches_regexp"]).flatMap((regexp) => bodyAssertion(textOf(regexp) ?? "", false, lost)),
  ];
}

function bodyAssertion(regexp: string, isWanted: boolean, lost: Lost): Record<string, unknown>[] {
  const text = literalOf(regexp);
  if (text !== undefined && text !== "") return [{ kind: isWanted ? "bodyContains" : "bodyLacks", text }];
  const value = goPattern(regexp);
  if (value !== undefined) return [{ kind: "body", operator: isWanted ? "matches" : "notMatches", value }];
  lost("body-regexp", `the body is not looked through for ${regexp.slice(0, 100)}`);
  return [];
}

function answerHeaders(fields: Record<string, unknown>, lost: Lost): Record<string, unknown>[] {
  return [
    ...listOf(fields["fail_if_header_not_matches"]).flatMap((value) => headerAssertion(objectOf(value), true, lost)),
    ...listOf(fields["fail_if_header_matches"]).flatMap((value) => headerAssertion(objectOf(value), false, lost)),
  ];
}

function headerAssertion(value: Record<string, unknown>, isWanted: boolean, lost: Lost): Record<string, unknown>[] {
  const name = textOf(value["header"]) ?? "";
  const pattern = goPattern(textOf(value["regexp"]) ?? "");
  if (pattern === undefined) {
    lost("header-regexp", `the header ${name} is not matched by ${(textOf(value["regexp"]) ?? "").slice(0, 100)}`);
    return [];
  }
  const whole = /^\^(.*)\$$/.exec(pattern)?.[1];
  const literal = literalOf(whole ?? pattern);
  if (flagOf(value["allow_missing"]) || (!isWanted && literal === undefined && pattern === "")) {
    lost("header-regexp", `a header ${name} that may be missing is not judged`);
    return [];
  }
  if (isWanted && literal !== undefined) {
    return [{ kind: "header", name, operator: whole === undefined ? "contains" : "eq", value: literal }];
  }
  return [{ kind: "header", name, operator: isWanted ? "matches" : "notMatches", value: pattern }];
}
