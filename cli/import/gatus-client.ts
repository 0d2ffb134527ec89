import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../shared/text/is-object.ts";
import { type GatusEndpoint, plain, withVariables } from "./gatus-endpoint.ts";
import { proxyFields } from "./http-request.ts";
import type { ImportContext } from "./importer.ts";
import { nameServer } from "./records.ts";
import { flagOf, listOf, objectOf, textOf } from "./values.ts";

const WITH_TLS = new Set(["http", "websocket", "grpc"]);

/**
 * How an endpoint is reached: its client's settings become fields of its target. What could not work is paused.
 * @param type of the target @param path of the configuration, beside which a client's certificate stands
 */
export function applyClient(endpoint: GatusEndpoint, type: string, path: string, { env, warnings }: ImportContext): void {
  const { client, target, place, name } = endpoint;
  const at = `${place}.client`;
  const pause = (topic: string, text: string) => {
    target["paused"] = true;
    warnings.add("lost", topic, at, `${text}; "${name}" is imported paused`);
  };
  const text = (value: unknown) => plain(value, env);
  if (flagOf(client["insecure"]) && WITH_TLS.has(type)) target["verifyTls"] = false;
  if (flagOf(client["ignore-redirect"]) && type === "http") target["followRedirects"] = false;
  // A check of a name server asks that one, whatever its client says.
  if (type !== "dns") Object.assign(target, namesOf(client, text));
  const proxy = text(client["proxy-url"]);
  if (proxy !== undefined) Object.assign(target, proxyOf(proxy, type, pause));
  if (client["tunnel"] !== undefined) pause("tunnel", "an SSH tunnel is not opened");
  if (client["identity-aware-proxy"] !== undefined) pause("iap", "a token of Google's Identity-Aware Proxy is not made");
  if (isObject(client["oauth2"])) {
    const { "client-secret": secret, scopes, ...rest } = client["oauth2"];
    const [tokenUrl, clientId, given] = [text(rest["token-url"]), text(rest["client-id"]), textOf(secret)];
    if (type !== "http" || tokenUrl === undefined || clientId === undefined || given === undefined) {
      pause("oauth2", "its OAuth 2 client is not complete");
    } else {
      const clientSecret = withVariables(given, `${at}.oauth2.client-secret`, warnings);
      target["oauth2"] = { tokenUrl, clientId, clientSecret, scopes: listOf(scopes).flatMap((scope) => textOf(scope) ?? []) };
    }
  }
  if (isObject(client["tls"]))
    Object.assign(
      target,
      identityOf(objectOf(client["tls"]), (file) => join(dirname(path), text(file) ?? ""), pause),
    );
  if (flagOf(client["store-cookies"])) warnings.add("lost", "cookies", at, "cookies are kept for the length of one check alone");
}

function namesOf(client: Record<string, unknown>, text: (value: unknown) => string | undefined): Record<string, unknown> {
  const resolver = text(client["dns-resolver"]);
  const family = /^ip([46])$/i.exec(text(client["network"]) ?? "")?.[1];
  return { ...(resolver !== undefined && { resolver: nameServer(resolver) }), ...(family !== undefined && { ipFamily: Number(family) }) };
}

type Pause = (topic: string, text: string) => void;

function proxyOf(proxy: string, type: string, pause: Pause): Record<string, unknown> {
  const fields = type === "http" ? proxyFields(proxy) : undefined;
  if (fields === undefined) pause("proxy", `the proxy of a ${type} check (${URL.parse(proxy)?.protocol ?? "?"}) is not used`);
  return fields ?? {};
}

function identityOf(tls: Record<string, unknown>, beside: (file: unknown) => string, pause: Pause): Record<string, unknown> {
  const read = (name: string) => {
    const path = beside(tls[name]);
    return tls[name] !== undefined && existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const [clientCertificate, clientKey] = [read("certificate-file"), read("private-key-file")];
  if (clientCertificate !== undefined && clientKey !== undefined) return { clientCertificate, clientKey };
  pause("mtls", "its client certificate does not stand beside the configuration");
  return {};
}
