import { isIP } from "node:net";
import { asciiName } from "../net/name-server.ts";
import { utf8Characters } from "../text/utf8-characters.ts";

export const RECORD_TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** A record as Node answers it, in a shape of its own for each type, in the words of `dig +short`. */
export function presentation(type: RecordType, record: unknown): string {
  const fields = record as Record<string, unknown>; // flat objects and texts, see node:dns
  switch (type) {
    case "TXT":
      return (record as string[]).map((piece) => `"${escaped(utf8Characters(piece))}"`).join(" ");
    case "MX":
      return `${fields["priority"]} ${absolute(fields["exchange"])}`;
    case "SRV":
      return `${fields["priority"]} ${fields["weight"]} ${fields["port"]} ${absolute(fields["name"])}`;
    case "SOA":
      return [
        absolute(fields["nsname"]),
        absolute(fields["hostmaster"]),
        ...["serial", "refresh", "retry", "expire", "minttl"].map((name) => fields[name]),
      ].join(" ");
    case "CAA": {
      const [tag = "", value] = Object.entries(fields).find(([name]) => name !== "critical" && name !== "type") ?? [];
      return `${fields["critical"]} ${tag} "${escaped(String(value))}"`;
    }
    case "CNAME":
    case "NS":
    case "PTR":
      return absolute(record);
    default:
      return String(record);
  }
}

/** RFC 1035, 5.1, within quotes. */
function escaped(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}

function absolute(name: unknown): string {
  return `${String(name).replace(/\.$/, "")}.`;
}

/** Fields of a record that are names: case and a dot at the end do not count there. */
const NAMES: Readonly<Partial<Record<RecordType, readonly number[]>>> = { MX: [1], SRV: [3], SOA: [0, 1] };

/** A record as it is written, and as it is compared: answers hold thousands, and each is brought into that form once. */
export interface DnsRecord {
  readonly type: RecordType;
  readonly text: string;
  readonly canonical: string;
}

/** @param text as `dig +short` prints it, or somebody writes it */
export function recordOf(type: RecordType, text: string): DnsRecord {
  return { type, text, canonical: canonical(type, text) };
}

/**
 * Whether a record is the one that somebody expects, written as `dig +short` prints it, with or without its quotes and
 * dots. Texts count to the letter: keys of DKIM are case-sensitive.
 */
export function sameRecord({ type, canonical: have }: DnsRecord, { canonical: want }: DnsRecord): boolean {
  // Of an SOA, the rest after the serial may be left out.
  if (type === "SOA") return have === want || have.startsWith(`${want} `);
  // Some tools escape what stands in no quotes, as dig once did.
  return have === want || (type === "TXT" && have === unescaped(want));
}

function canonical(type: RecordType, record: string): string {
  const text = record.trim();
  if (type === "TXT") return unquoted(text);
  if (type === "AAAA") {
    const address = withoutBrackets(text);
    return isAddress(address) ? new URL(`http://[${address}]`).hostname : text.toLowerCase();
  }
  if (type === "CNAME" || type === "NS" || type === "PTR") return nameOf(text);
  const fields = text.split(/\s+/);
  if (type === "CAA") {
    const [flags = "", tag = ""] = fields;
    return `${Number(flags)} ${tag.toLowerCase()} ${unquoted(text.replace(/^\S+\s+\S+\s*/, ""))}`;
  }
  const names = NAMES[type] ?? [];
  return fields
    .map((field, index) => (names.includes(index) ? nameOf(field) : /^\d{1,10}$/.test(field) ? String(Number(field)) : field))
    .join(" ");
}

function withoutBrackets(text: string): string {
  return text.replace(/^\[(.*)\]$/, "$1");
}

/** Whether a record may be of it: no record has a zone. */
function isAddress(text: string): boolean {
  return isIP(text) === 6 && !text.includes("%");
}

/** A name without its dot at the end, in small letters; dig escapes what is odd in it. */
function nameOf(field: string): string {
  // As Route 53 says an asterisk, in octal.
  const name = unescaped(field.replace(/^\\052(?=\.)/, "*")).replace(/\.$/, "");
  return (/^[\x21-\x7e]*$|[^\x20-\x7e]/.test(name) ? asciiName(name) : name).toLowerCase();
}

/** `"in" "pieces"` as one text; what has no quotes is one already. */
function unquoted(text: string): string {
  if (!/^"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*$/.test(text)) return text;
  const pieces = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return pieces.map((piece) => unescaped(piece.slice(1, -1))).join("");
}

/** RFC 1035, 5.1: `\195` is a byte, and several are a character. */
function unescaped(text: string): string {
  return text.replace(/(?:\\\d{3})+|\\./gs, (escapes) =>
    /^\\\d/.test(escapes) ? Buffer.from([...escapes.matchAll(/\d{3}/g)].map(Number)).toString("utf8") : escapes.slice(1),
  );
}

/** What is wrong with a record that is expected: no answer of its type could be it. */
export function recordProblem(type: RecordType, expected: string): string | undefined {
  const text = expected.trim();
  if (type === "A" && isIP(text) !== 4) return "must be an IPv4 address with recordType A";
  if (type === "AAAA" && !isAddress(withoutBrackets(text))) return "must be an IPv6 address with recordType AAAA";
  if (type === "MX" && !/^\d+\s+\S/.test(text)) return 'must be a preference and a host, such as "10 mail.example.com"';
  if (type === "SRV" && !/^\d+\s+\d+\s+\d+\s+\S/.test(text)) return 'must be "priority weight port host"';
  if (type === "CAA" && !/^\d+\s+\S+\s+\S/.test(text)) return 'must be flags, tag and value, such as "0 issue letsencrypt.org"';
  return undefined;
}

/** The name under which an address' PTR record stands; other names stay. */
export function reverseName(host: string): string {
  if (isIP(host) === 4) return `${host.split(".").reverse().join(".")}.in-addr.arpa`;
  if (isIP(host) !== 6) return host;
  const [head = "", tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)];
  const all = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const digits = all.map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}
