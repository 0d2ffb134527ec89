import type { Socket } from "node:net";
import { BodyReader, bodyEnd } from "./answer-body.ts";
import { type AnswerHead, HeadReader } from "./answer-head.ts";
import type { DialContext } from "./dial.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { InvalidAnswerError } from "./invalid-answer.ts";
import { PeerClosedError } from "./peer-closed.ts";
import { requestHead } from "./request-head.ts";

/** Methods that say of what they send that it is nothing. RFC 9110, 8.6. */
const SENDS_A_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/**
 * One HTTP/1.1 exchange on a connection that was just made for it, and is ended with it. Our own, and no client for everybody:
 * what such a one keeps for connections that are used again was a third of a check's CPU, and its parser refuses answers that
 * every browser shows.
 * @param socket connected; destroyed with the context's signal by whoever dialled, which is the only deadline
 * @throws {InvalidAnswerError} when the answer is none @throws {PeerClosedError} when the server closes before its end
 */
export function http1Exchange(socket: Socket, request: HttpRequest, { trace }: Pick<DialContext, "trace">): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const reader = new HeadReader();
  const endTtfb = trace.begin("ttfbMs");
  let endTransfer = () => {};
  let isOver = false;
  let answer: { readonly head: AnswerHead; readonly body: BodyReader } | undefined;

  const finish = ({ head, body }: NonNullable<typeof answer>) => {
    isOver = true;
    endTransfer();
    resolve({ ...head, body: body.bytes(), truncated: body.truncated });
    socket.destroy();
  };
  const guarded = (work: () => void) => () => {
    try {
      work();
    } catch (error) {
      reject(error);
      socket.destroy();
    }
  };
  const begin = (head: AnswerHead, rest: Buffer) => {
    if (head.status < 200) throw new InvalidAnswerError("it switches to another protocol, for which nobody asked");
    const isWanted = request.wantsBody?.(head) ?? true;
    answer = { head, body: new BodyReader(isWanted ? bodyEnd(head, request.method) : 0, request.maxBodyBytes) };
    if (answer.body.take(isWanted ? rest : EMPTY)) finish(answer);
  };
  const take = (chunk: Buffer) => {
    if (answer !== undefined) return answer.body.take(chunk) ? finish(answer) : undefined;
    const read = reader.take(chunk);
    if (read !== undefined) begin(read.head, read.rest);
  };
  const end = guarded(() => {
    if (isOver) return;
    if (answer === undefined) begin(reader.close(), EMPTY);
    if (answer === undefined || isOver) return;
    answer.body.close();
    finish(answer);
  });
  let pieces = 0;
  socket
    .once("data", () => {
      endTtfb();
      endTransfer = trace.begin("transferMs");
    })
    .on("data", (chunk: Buffer) => {
      guarded(() => {
        if (++pieces > MAX_PIECES) throw new InvalidAnswerError(`it comes in more than ${MAX_PIECES} pieces`);
        take(chunk);
      })();
      if (!isOver && (chunk.length >= FULL_PIECE_BYTES || pieces % PIECES_A_TURN === 0)) takeTurns(socket);
    })
    .once("error", reject)
    .once("end", end)
    .once("close", () => {
      // Of an exchange that is over there is nothing to tell: an error with a stack for each is 2 % of a check's CPU.
      if (!isOver) reject(socket.errored ?? new PeerClosedError());
    });
  if (socket.destroyed) reject(socket.errored ?? new PeerClosedError());
  else send(socket, request);
  return promise;
}

const EMPTY = Buffer.alloc(0);
/** Of an answer: what is read of one is a thousand times what a piece of a network holds, and each costs up to 13 us (measured). */
const MAX_PIECES = 20_000;
/** Small ones that are taken before others have their turn. */
const PIECES_A_TURN = 32;
/** Of a piece after which there is likely more: a TLS record at its largest, a quarter of what a read takes. */
const FULL_PIECE_BYTES = 16 * 1024;

/** Connections that have more to say, and wait for their turn. */
const waiting: Socket[] = [];

/**
 * Lets others have their turn before the next piece: libuv hands on up to 32 of a flood, 2 MB, before it looks elsewhere. Of
 * many floods one goes on in each turn of the loop, so that who says little never waits for more than one piece.
 */
function takeTurns(socket: Socket): void {
  socket.pause();
  if (waiting.push(socket) === 1) setImmediate(goOn);
}

function goOn(): void {
  waiting.shift()?.resume();
  if (waiting.length > 0) setImmediate(goOn);
}

function send(socket: Socket, request: HttpRequest): void {
  const { method, url, body } = request;
  const { host = url.host, ...headers } = request.headers;
  const { target, login } = asProxied(request);
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const head = requestHead(method, target, {
    host,
    connection: "close",
    ...headers,
    ...login,
    ...((body !== undefined || SENDS_A_BODY.has(method)) && { "content-length": String(length) }),
  });
  if (body === undefined) socket.write(head, "latin1");
  else socket.write(Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body)]));
}

/** RFC 9112, 3.2.2: a request without TLS names its whole URL to a proxy; many open tunnels to TLS alone. */
function asProxied({ url, proxy }: HttpRequest): { target: string; login?: Record<string, string> } {
  const path = url.pathname + url.search;
  if (proxy === undefined || url.protocol === "https:") return { target: path };
  const { authorization } = proxy;
  return { target: url.origin + path, ...(authorization !== undefined && { login: { "proxy-authorization": authorization } }) };
}
