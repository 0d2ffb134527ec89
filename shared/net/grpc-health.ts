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
  const origin = `http${endpoint.tls ? "s" : ""}://${endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host}`;
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
      if (httpStatus !== 200 || said["grpc-status"] === undefined) reject(new Error(`the server answered ${httpStatus}, and not by gRPC`));
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
  if (answer.length < 5 || answer[0] !== 0) return undefined;
  const message = answer.subarray(5);
  if (message.length === 0) return SERVING[0];
  return message[0] === 0x08 ? SERVING[message[1] ?? 0] : undefined;
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
