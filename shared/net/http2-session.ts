import { type ClientHttp2Session, connect } from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { boundRawBytes } from "./dial.ts";

/** Settings, headers and frames that hold no content may take this much of a session's memory, in MiB. */
const MAX_SESSION_MEMORY_MB = 4;

/**
 * Runs one exchange on an HTTP/2 session of its own, and ends the session with it.
 * @param socket connected for it, `h2` agreed @param origin such as `https://a.example`
 * @param signal whose reason the exchange is rejected with when it aborts first
 * @param exchange settles by the two functions; what ends the session early rejects it
 */
export async function withHttp2Session<Answer>(
  socket: Socket,
  origin: string,
  signal: AbortSignal,
  exchange: (session: ClientHttp2Session, resolve: (answer: Answer) => void, reject: (error: Error) => void) => void,
): Promise<Answer> {
  const settled = Promise.withResolvers<Answer>();
  // With TLS its records are counted since the handshake.
  if (!(socket instanceof TLSSocket)) boundRawBytes(socket);
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
  });
  const abort = () => settled.reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  session.on("error", settled.reject);
  session.once("close", () => settled.reject(Object.assign(new Error("connection closed"), { code: "ECONNRESET" })));
  try {
    exchange(session, settled.resolve, settled.reject);
    return await settled.promise;
  } finally {
    signal.removeEventListener("abort", abort);
    session.destroy();
  }
}
