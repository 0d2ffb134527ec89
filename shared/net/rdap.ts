import { getDomain } from "tldts";
import { isObject } from "../text/is-object.ts";
import { type DialContext, Trace } from "./dial.ts";
import { httpExchange } from "./http-exchange.ts";
import { asciiName } from "./name-server.ts";

/** What a registry says of a domain. */
export interface Registration {
  /** The registered one, in ASCII: `example.com` of `www.example.com`. */
  readonly domain: string;
  /** Epoch ms; absent where the registry tells none. */
  readonly expiresAt?: number;
  /** In lower case, such as `client hold`. Source: RFC 8056. */
  readonly statuses: readonly string[];
}

/** A registry that does not say what it was asked, or has no such domain. */
export class RdapError extends Error {
  override readonly name = "RdapError";
  /** Whether the registry knows that there is no such domain. */
  readonly isUnregistered: boolean;
  /** Whether who should know does not answer now, which says nothing of the domain. */
  readonly isAway: boolean;
  constructor(message: string, { isUnregistered = false, isAway = false } = {}) {
    super(message);
    this.isUnregistered = isUnregistered;
    this.isAway = isAway;
  }
}

export interface RdapOptions {
  /** Epoch ms. */
  readonly now: number;
  /** Base URL of the service to ask; found by IANA's list when left out. */
  readonly server?: string | undefined;
  /** Where IANA's list stands. Source: RFC 9224. */
  readonly bootstrapUrl?: string;
}

type AskContext = DialContext & { readonly userAgent: string };

const IANA_BOOTSTRAP = "https://data.iana.org/rdap/dns.json";
const DAY_MS = 86_400_000;
/** What is about to end may be renewed at any moment: looked at again sooner. */
const SOON_MS = 45 * DAY_MS;
const SOON_KEPT_MS = 3_600_000;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 3;
const MAX_KEPT = 5_000;

const registrations = new Map<string, { readonly registration: Registration; readonly until: number }>();
let services: { readonly byTld: ReadonlyMap<string, string>; readonly from: string; readonly until: number } | undefined;

/** The domain that was registered for a host. @throws {RdapError} when it is none, such as `co.uk` */
export function registeredDomain(host: string): string {
  const domain = getDomain(asciiName(host), { allowPrivateDomains: false });
  if (domain === null) throw new RdapError(`${host} is no domain that can be registered`);
  return domain;
}

/**
 * Asks a domain's registry for its registration (RDAP, RFC 9083). An answer is kept for a day by this process, or an
 * hour when it ends soon: registries count the questions of an address.
 * @throws {RdapError}
 */
export async function registrationOf(host: string, context: AskContext, options: RdapOptions): Promise<Registration> {
  const domain = registeredDomain(host);
  const { now } = options;
  const key = `${options.server ?? ""} ${domain}`;
  const known = registrations.get(key);
  if (known !== undefined && known.until > now) return known.registration;
  const server = options.server ?? (await serviceOf(domain, context, options));
  const { status, json } = await getJson(new URL(`domain/${domain}`, server.endsWith("/") ? server : `${server}/`), context);
  if (status === 404) throw new RdapError(`${domain} is not registered`, { isUnregistered: true });
  if (status !== 200 || !isObject(json)) throw new RdapError(`the registry of ${domain} answered ${status}`, { isAway: true });
  const registration = read(domain, json);
  const endsSoon = registration.expiresAt !== undefined && registration.expiresAt - now < SOON_MS;
  if (registrations.size >= MAX_KEPT) registrations.clear();
  registrations.set(key, { registration, until: now + (endsSoon ? SOON_KEPT_MS : DAY_MS) });
  return registration;
}

/** The service of a domain's top level. */
async function serviceOf(domain: string, context: AskContext, { now, bootstrapUrl = IANA_BOOTSTRAP }: RdapOptions): Promise<string> {
  if (services === undefined || services.until <= now || services.from !== bootstrapUrl) {
    const { status, json } = await getJson(new URL(bootstrapUrl), context);
    if (status !== 200 || !isObject(json) || !Array.isArray(json["services"])) {
      throw new RdapError(`IANA's list of registries could not be read: ${status}`, { isAway: true });
    }
    services = { byTld: servicesByTld(json["services"]), from: bootstrapUrl, until: now + DAY_MS };
  }
  const tld = domain.slice(domain.lastIndexOf(".") + 1);
  const service = services.byTld.get(tld);
  if (service === undefined) throw new RdapError(`the registry of .${tld} has no RDAP service: when a domain ends cannot be asked`);
  return service;
}

/** RFC 9224, 4: pairs of top levels and base URLs; one by TLS is taken first. */
function servicesByTld(list: readonly unknown[]): Map<string, string> {
  const byTld = new Map<string, string>();
  for (const entry of list) {
    const [tlds, urls] = Array.isArray(entry) ? entry : [];
    const texts = (value: unknown) => (Array.isArray(value) ? value.filter((text) => typeof text === "string") : []);
    const url = texts(urls).find((text) => text.startsWith("https:")) ?? texts(urls)[0];
    if (url === undefined || !URL.canParse(url)) continue;
    for (const tld of texts(tlds)) byTld.set(tld.toLowerCase(), url);
  }
  return byTld;
}

function read(domain: string, json: Record<string, unknown>): Registration {
  const events = Array.isArray(json["events"]) ? json["events"].filter(isObject) : [];
  const ends = events.find(({ eventAction }) => eventAction === "expiration")?.["eventDate"];
  const expiresAt = typeof ends === "string" ? Date.parse(ends) : Number.NaN;
  const statuses = Array.isArray(json["status"]) ? json["status"].filter((status) => typeof status === "string") : [];
  return {
    domain,
    ...(Number.isFinite(expiresAt) && { expiresAt }),
    statuses: statuses.map((status) => status.toLowerCase()),
  };
}

async function getJson(url: URL, context: AskContext): Promise<{ status: number; json: unknown }> {
  let at = url;
  for (let hops = 0; ; hops++) {
    const { status, headers, body } = await httpExchange(
      {
        method: "GET",
        url: at,
        headers: { "user-agent": context.userAgent, accept: "application/rdap+json, application/json" },
        maxBodyBytes: MAX_BODY_BYTES,
      },
      { ...context, trace: new Trace() },
    );
    const location = status >= 300 && status < 400 ? [headers["location"] ?? ""].flat()[0] : undefined;
    const next = location === undefined || location === "" ? null : URL.parse(location, at.href);
    // RFC 7480, 5.2: a registry may send on to the registrar's service.
    if (next === null || !/^https?:$/.test(next.protocol) || hops === MAX_REDIRECTS) return { status, json: parsed(body) };
    at = next;
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
