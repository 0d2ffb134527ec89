import { X509Certificate } from "node:crypto";
import { getCACertificates } from "node:tls";
import { cleanText } from "../text/clean-text.ts";

/** The certificate of a connection that ends first: the peer's own, or one that it hangs on. */
export interface SeenCertificate {
  /** Days until it ends, rounded down; below 0 once it has. */
  readonly daysLeft: number;
  /** Days from its beginning to its end. */
  readonly lifeDays: number;
  /** Which it is: `certificate of a.example`, `intermediate "R3" of a.example`. */
  readonly what: string;
  /** Tells it from others: the start of its fingerprint. */
  readonly id: string;
}

/** One certificate of a chain, for people to look at. */
export interface ChainCertificate {
  /** Common name, or organization. */
  readonly name: string;
  /** Of who signed it. */
  readonly issuer: string;
  /** Hosts and addresses that it is for; the first 20. */
  readonly names: readonly string[];
  /** ISO 8601. */
  readonly validFrom: string;
  readonly validTo: string;
  /** Rounded down; below 0 once it has ended. */
  readonly daysLeft: number;
  /** SHA-256 of it, in hexadecimal. */
  readonly fingerprint: string;
}

/** What one peer showed, its own certificate first, and what that hangs on behind it. */
export interface SeenChain {
  /** The name that was asked for. */
  readonly of: string;
  readonly certificates: readonly ChainCertificate[];
}

interface Ending {
  readonly validTo: number;
  readonly validFrom: number;
  /** Name of the intermediate that ends first; `undefined` for the peer's own. */
  readonly intermediate: string | undefined;
  readonly id: string;
}

/** A chain changes without its leaf when an intermediate is renewed: its end is looked up again after this, in ms. */
const REMEMBERED_MS = 10 * 60_000;
const MAX_REMEMBERED = 5_000;

const remembered = new Map<string, Ending & { readonly until: number }>();

/**
 * The certificate of a chain that ends first, roots of the trust store left out: nobody but their owner renews these.
 * @param leaf as the socket gives it, with what the peer sent beside it as its issuers
 * @param from whose it is, for people, and who sent it: others may send another chain with the same leaf
 * @param now epoch ms
 */
export function seenCertificate(
  leaf: X509Certificate,
  from: { readonly name: string; readonly peer: string },
  now: number,
): SeenCertificate {
  const { validFrom, validTo, intermediate, id } = endOf(leaf, `${from.name} ${from.peer}`, now);
  const what = intermediate === undefined ? `certificate of ${from.name}` : `intermediate "${intermediate}" of ${from.name}`;
  return { daysLeft: Math.floor((validTo - now) / DAY_MS), lifeDays: Math.round((validTo - validFrom) / DAY_MS), what, id };
}

const DAY_MS = 86_400_000;
/** Of the certificates for which limits in days are meant; those of shorter lives are renewed later, in proportion. */
const USUAL_LIFE_DAYS = 90;

/** A limit in days, for a certificate that lives for less than the usual 90 (RFC 9773 has them renewed in proportion to their life). */
export function inProportion(days: number, { lifeDays }: Pick<SeenCertificate, "lifeDays">): number {
  return Math.floor(days * Math.min(1, lifeDays / USUAL_LIFE_DAYS));
}

// Building objects of a whole chain for each check would cost 15 % of it (measured).
function endOf(leaf: X509Certificate, from: string, now: number): Ending {
  const key = `${leaf.fingerprint256} ${from}`;
  const found = remembered.get(key);
  if (found !== undefined && found.until > now) return found;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  const ending = { ...firstToEnd(leaf), until: now + REMEMBERED_MS };
  remembered.set(key, ending);
  return ending;
}

/** Longer than any chain that a client accepts. */
const MAX_CHAIN = 10;

function firstToEnd(leaf: X509Certificate): Ending {
  let first: Ending = { ...lifeOf(leaf), intermediate: undefined, id: idOf(leaf) };
  const sent = sentBeside(leaf);
  let current = leaf;
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    // A client's path ends at the first issuer that it trusts itself, whatever else the peer has sent.
    const issuer = trusted().has(current.issuer) ? undefined : issuerOf(current, sent);
    if (issuer === undefined || issuer.subject === issuer.issuer) break;
    const life = lifeOf(issuer);
    if (life.validTo < first.validTo) first = { ...life, intermediate: commonName(issuer.subject), id: idOf(issuer) };
    current = issuer;
  }
  return first;
}

/** What a peer sent beside its own certificate, in its order, whatever that has to do with it. */
function sentBeside(leaf: X509Certificate): X509Certificate[] {
  const sent: X509Certificate[] = [];
  for (let next = leaf.issuerCertificate; next !== undefined && sent.length < MAX_CHAIN; next = next.issuerCertificate) sent.push(next);
  return sent;
}

/** Of those that were sent and have signed it, the one that lasts: a renewed intermediate is sent beside the one that has ended. */
function issuerOf(certificate: X509Certificate, sent: readonly X509Certificate[]): X509Certificate | undefined {
  const ends = ({ validToDate }: X509Certificate) => validToDate.getTime();
  const [first, ...others] = sent.filter((candidate) => candidate !== certificate && certificate.checkIssued(candidate));
  return others.reduce((last, candidate) => (last !== undefined && ends(candidate) > ends(last) ? candidate : last), first);
}

const MAX_NAMES = 20;

/** A whole chain, as the peer sent it, for people. @param now epoch ms */
export function seenChain(leaf: X509Certificate, of: string, now: number): SeenChain {
  const certificates: ChainCertificate[] = [];
  for (let current: X509Certificate | undefined = leaf; current !== undefined && certificates.length < MAX_CHAIN; ) {
    certificates.push(shown(current, now));
    current = current.issuer === current.subject ? undefined : current.issuerCertificate;
  }
  return { of, certificates };
}

function shown(certificate: X509Certificate, now: number): ChainCertificate {
  const { validFrom, validTo } = lifeOf(certificate);
  const names = [...(certificate.subjectAltName ?? "").matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name = ""]) => name);
  return {
    name: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    names: names.slice(0, MAX_NAMES).map((name) => cleanText(name, MAX_HOST)),
    validFrom: new Date(validFrom).toISOString(),
    validTo: new Date(validTo).toISOString(),
    daysLeft: Math.floor((validTo - now) / DAY_MS),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/** Characters. */
const MAX_NAME = 60;
const MAX_HOST = 253;

function lifeOf({ validFromDate, validToDate }: X509Certificate): Pick<Ending, "validFrom" | "validTo"> {
  return { validFrom: validFromDate.getTime(), validTo: validToDate.getTime() };
}

function idOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").slice(0, 16).toLowerCase();
}

/** @param subject of a certificate, or of its issuer: an attribute a line */
function commonName(subject: string): string {
  const [, name] = /^CN=(.+)$/m.exec(subject) ?? /^O=(.+)$/m.exec(subject) ?? [];
  return name === undefined ? "without a name" : cleanText(name, MAX_NAME);
}

let trustedSubjects: Set<string> | undefined;

/** Subjects of the roots in the trust store. Read once, when a chain has more than a leaf. */
function trusted(): Set<string> {
  trustedSubjects ??= new Set(getCACertificates("default").map((pem) => new X509Certificate(pem).subject));
  return trustedSubjects;
}

/** Takes further roots into account. */
export function trustSubjects(pems: readonly string[]): void {
  for (const pem of pems) trusted().add(new X509Certificate(pem).subject);
}
