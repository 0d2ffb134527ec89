import { TLSSocket } from "node:tls";
import { BodyCollector } from "./body-collector.ts";
import { type DialContext, dial, type Endpoint } from "./dial.ts";
import { withHttp2Session } from "./http2-session.ts";

/** What a server says of a service. */
export interface GrpcHealth {
  /** 0 when it answered. https://grpc.io/docs/guides/status-codes/ */
  readonly grpcStatus: number;
  /** What it says beside its status. */
  readonly message: string;
  /** `SERVING`, `NOT_SERVING`, …; `undefined` when it did not say. */
  readonly serving: string | undefined;
}

/** Of `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
const SERVING = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
/** An answer holds one number. */
const MAX_ANSWER_BYTES = 4_096;

/**
 * Asks `grpc.health.v1.Health/Check` on a guarded connection of its own, and records its phases.
 * Protocol: https://github.com/grpc/grpc/blob/master/doc/health-checking.md, on the wire: PROTOCOL-HTTP2.md beside it.
 */
export async function askGrpcHealth(
  { endpoint, service, userAgent }: { endpoint: Endpoint; service: string; userAgent: string },
  context: DialContext,
): Promise<GrpcHealth> {
  const { signal, trace } = context;
  const socket = await dial(endpoint, context);
  if (socket instanceof TLSSocket && socket.alpnProtocol !== "h2") {
    socket.destroy();
    throw new Error("the server does not speak HTTP/2, which gRPC needs");
  }
  const { host, port, tls } = endpoint;
  const origin = `http${tls ? "s" : ""}://${tls?.servername ?? `${host.includes(":") ? `[${host}]` : host}:${port}`}`;
  return withHttp2Session<GrpcHealth>(socket, origin, signal, (session, resolve, reject) => {
    const endTtfb = trace.begin("ttfbMs");
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": userAgent,
    });
    const body = new BodyCollector(MAX_ANSWER_BYTES);
    let httpStatus = 0;
    let said: Record<string, unknown> = {};
    stream.once("response", (headers) => {
      endTtfb();
      httpStatus = Number(headers[":status"]);
      said = { ...headers };
    });
    stream.once("trailers", (trailers) => {
      said = { ...said, ...trailers };
    });
    stream.on("data", (chunk: Buffer) => {
      if (!body.take(chunk)) reject(new Error("the answer is longer than one of gRPC's health service"));
    });
    stream.on("error", reject);
    stream.once("end", () => {
      const isGrpc = /^application\/grpc(?:$|[+;\s])/i.test(String(said["content-type"] ?? ""));
      if (httpStatus !== 200 || said["grpc-status"] === undefined || !isGrpc)
        reject(new Error(httpStatus === 0 ? "the server reset the stream" : `the server answered ${httpStatus}, and not by gRPC`));
      else resolve({ grpcStatus: Number(said["grpc-status"]), message: decoded(said["grpc-message"]), serving: servingOf(body.bytes()) });
    });
    stream.end(requestOf(service));
  });
}

/** A message of one field, `service`, with gRPC's prefix: not compressed, length. */
function requestOf(service: string): Buffer {
  const name = Buffer.from(service);
  const field = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(field.length, 1);
  return Buffer.concat([prefix, field]);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value & 0x7f) | 0x80, value >> 7]);
}

/** Field 1 of the answer; absent, it is 0. */
function servingOf(answer: Buffer): string | undefined {
  if (answer.length < 5 || answer[0] !== 0 || answer.length - 5 < answer.readUInt32BE(1)) return undefined;
  const status = statusIn(answer.subarray(5));
  return status === undefined ? undefined : SERVING[status];
}

/** Field 1 of a message; of several the last counts, and fields that nobody knows are passed over. Encoding: protobuf.dev */
function statusIn(message: Buffer): number | undefined {
  let status = 0;
  for (let at = 0; at < message.length; ) {
    const tag = varintAt(message, at);
    const value = tag && VARINTS.has(tag.value % 8) ? varintAt(message, tag.end) : tag && { value: 0, end: tag.end };
    const size = FIXED_BYTES[(tag?.value ?? 0) % 8];
    if (tag === undefined || value === undefined || size === undefined) return undefined;
    if (tag.value === STATUS_TAG) status = value.value;
    at = value.end + (tag.value % 8 === LENGTH ? value.value : size);
    if (at > message.length) return undefined;
  }
  return status;
}

/** Field 1, a varint. */
const STATUS_TAG = 0x08;
const LENGTH = 2;
/** Wire types that begin with a varint. */
const VARINTS: ReadonlySet<number> = new Set([0, LENGTH]);
/** Bytes behind what a field of each wire type begins with; groups (3, 4) are not used any more. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 8, [LENGTH]: 0, 5: 4 };

function varintAt(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 128) return { value, end: at + 1 };
  }
  return undefined;
}

// gRPC writes what is no ASCII in percents.
function decoded(message: unknown): string {
  const text = typeof message === "string" ? message : "";
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
