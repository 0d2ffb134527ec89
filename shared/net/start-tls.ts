import { isIP, type Socket } from "node:net";
import type { Trace } from "./dial.ts";
import { SocketReader } from "./socket-reader.ts";
import type { StartTls } from "./start-tls-protocols.ts";

/** The peer does not speak the protocol, or offers no TLS in it. */
export class StartTlsError extends Error {
  override readonly name = "StartTlsError";
}

/**
 * Does what a protocol asks for before its TLS handshake.
 * @param socket connected; nothing has been read from it. What the peer sends after its consent is left for the handshake
 * @throws {StartTlsError}
 */
export async function agreeOnTls(protocol: StartTls, socket: Socket, trace: Trace): Promise<void> {
  const end = trace.begin("tlsMs");
  const reader = new SocketReader(socket);
  try {
    await AGREE[protocol]({ reader, send: (bytes) => socket.write(bytes), protocol, self: literalOf(socket.localAddress ?? "127.0.0.1") });
  } finally {
    reader.release();
    end();
  }
}

interface Talk {
  readonly reader: SocketReader;
  readonly send: (bytes: string | Buffer) => void;
  readonly protocol: StartTls;
  /** Who we are: a host without a name says its address (RFC 5321, 4.1.3). */
  readonly self: string;
}

function literalOf(address: string): string {
  return isIP(address) === 6 ? `[IPv6:${address}]` : `[${address}]`;
}

const AGREE: Readonly<Record<StartTls, (talk: Talk) => Promise<void>>> = {
  // RFC 3207
  smtp: async (talk) => {
    await reply(talk, "220", "a greeting");
    talk.send(`EHLO ${talk.self}\r\n`);
    await reply(talk, "250", "EHLO");
    talk.send("STARTTLS\r\n");
    await reply(talk, "220", "STARTTLS");
  },
  // RFC 4217
  ftp: async (talk) => {
    // RFC 959, 5.4: "ready in nnn minutes" may come before.
    if ((await reply(talk, "[12]20", "a greeting")).startsWith("1")) await reply(talk, "220", "a greeting");
    talk.send("AUTH TLS\r\n");
    await reply(talk, "234", "AUTH TLS");
  },
  // RFC 9051, 6.2.1
  imap: async (talk) => {
    await line(talk, /^\* (?:OK|PREAUTH)\b/i, "a greeting");
    talk.send("a1 STARTTLS\r\n");
    for (let lines = 0; ; lines++) {
      const answer = await talk.reader.line();
      // Untagged lines may come in between.
      if (!answer.startsWith("* ") || lines === MAX_LINES) return expectLine(talk, answer, /^a1 OK\b/i, "STARTTLS");
    }
  },
  // RFC 2595, 4
  pop3: async (talk) => {
    await line(talk, /^\+OK/i, "a greeting");
    talk.send("STLS\r\n");
    await line(talk, /^\+OK/i, "STLS");
  },
  // RFC 4511, 4.14: an ExtendedRequest with the OID of StartTLS, answered with resultCode 0.
  ldap: async (talk) => {
    talk.send(Buffer.concat([Buffer.from("301d02010177188016", "hex"), Buffer.from("1.3.6.1.4.1.1466.20037")]));
    const [tag, length = 0] = await talk.reader.bytes(2);
    const size = length < 128 ? length : (await talk.reader.bytes(Math.min(length & 0x7f, 8))).reduce((sum, byte) => sum * 256 + byte, 0);
    if (tag !== 0x30 || size > MAX_LDAP_BYTES) throw refused(talk, "an answer that is no LDAP", "StartTLS");
    const message = await talk.reader.bytes(size);
    const at = message.indexOf(Buffer.from("0a0100", "hex"));
    if (!message.includes(0x78) || at === -1) throw refused(talk, "a refusal", "StartTLS");
  },
  // PostgreSQL, "SSL Session Encryption": SSLRequest, one byte back.
  postgres: async (talk) => {
    talk.send(Buffer.from("0000000804d2162f", "hex"));
    const answer = (await talk.reader.bytes(1)).toString("latin1");
    if (answer === "E") throw refused(talk, `"${await postgresError(talk)}"`, "SSLRequest");
    if (answer !== "S") throw refused(talk, answer === "N" ? "that it has no TLS" : "an answer that is no PostgreSQL", "SSLRequest");
  },
  // MySQL, "Protocol::SSLRequest": after the server's handshake packet, whose capabilities must hold CLIENT_SSL.
  mysql: async (talk) => {
    const size = (await talk.reader.bytes(4)).readUIntLE(0, 3);
    const packet = await talk.reader.bytes(Math.min(size, MAX_MYSQL_BYTES));
    // ERR_Packet: 0xff, a code, and in words what is wrong.
    if (packet[0] === 0xff) throw refused(talk, `"${packet.toString("utf8", 3, 203)}"`, "the connection");
    const version = packet.indexOf(0, 1);
    // Behind the version: connection id (4), salt (8), filler (1), then the lower half of the capabilities.
    const at = version + 14;
    if (packet[0] !== 10 || version === -1 || packet.length < at + 2) throw refused(talk, "an answer that is no MySQL", "the connection");
    if ((packet.readUInt16LE(at) & CLIENT_SSL) === 0) throw refused(talk, "that it has no TLS", "the connection");
    const request = Buffer.alloc(36);
    request.writeUIntLE(32, 0, 3);
    request[3] = 1;
    request.writeUInt32LE(CLIENT_SSL | CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION, 4);
    request.writeUInt32LE(MAX_MYSQL_BYTES, 8);
    request[12] = UTF8;
    talk.send(request);
  },
};

const MAX_LINES = 1_000;
const MAX_LDAP_BYTES = 4_096;
const MAX_MYSQL_BYTES = 65_536;
const CLIENT_PROTOCOL_41 = 0x200;
const CLIENT_SSL = 0x800;
const CLIENT_SECURE_CONNECTION = 0x8000;
const UTF8 = 33;

/** A reply of SMTP or FTP: lines with a code, the last with a blank behind it; what FTP says in between is free (RFC 959, 4.2). */
async function reply(talk: Talk, code: string, to: string): Promise<string> {
  const first = await talk.reader.line();
  let answer = first;
  const isOpen = () => answer !== first || answer[3] === "-";
  for (let lines = 0; isOpen() && !(answer.startsWith(first.slice(0, 3)) && answer[3] !== "-") && lines < MAX_LINES; lines++) {
    answer = await talk.reader.line();
  }
  expectLine(talk, answer, new RegExp(`^${code}(?: |$)`), to);
  return answer;
}

/** What a PostgreSQL server says that takes nobody in: a length and fields, each a letter and a text; before 7.4 a text alone. */
async function postgresError({ reader }: Talk): Promise<string> {
  if (reader.seen.length === 0) await reader.more();
  const said = reader.seen.subarray(0, MAX_LDAP_BYTES);
  const hasFields = said[0] === 0 && said[1] === 0;
  const fields = said.toString("utf8", hasFields ? 4 : 0).split("\0");
  return (hasFields ? (fields.find((field) => field.startsWith("M")) ?? "M").slice(1) : (fields[0] ?? "")).slice(0, 200);
}

async function line(talk: Talk, wanted: RegExp, to: string): Promise<void> {
  expectLine(talk, await talk.reader.line(), wanted, to);
}

function expectLine(talk: Talk, answer: string, wanted: RegExp, to: string): void {
  if (!wanted.test(answer)) throw refused(talk, `"${answer.slice(0, 100).toWellFormed()}"`, to);
}

function refused({ protocol }: Talk, said: string, to: string): StartTlsError {
  return new StartTlsError(`${protocol}: ${to} was answered with ${said}`);
}
