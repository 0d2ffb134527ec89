import { connect, type Socket } from "node:net";

/** Pause before the next address is tried beside those that have not answered yet. Source: RFC 8305, 5. */
const ATTEMPT_DELAY_MS = 250;

/**
 * Connects to the first of several addresses that answers (Happy Eyeballs, RFC 8305): they are tried one after the
 * other, each beside those before it, and none is given up while another may still answer.
 * @param addresses in the order to try; what is dialled is these, without another look-up
 * @param late further ones, which join when they come
 * @throws {AggregateError} with each address' error in their order, when all have failed
 * @throws the signal's reason when it aborts first
 */
export function connectAny(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
  late?: Promise<readonly string[]>,
): Promise<Socket> {
  const all = [...addresses];
  let awaited = late !== undefined;
  const connected = Promise.withResolvers<Socket>();
  const pending = new Set<Socket>();
  const errors: Error[] = [];
  let timer: NodeJS.Timeout | undefined;
  let next = 0;

  const finish = (winner?: Socket) => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    for (const socket of pending) if (socket !== winner) socket.destroy();
  };
  const abort = () => {
    finish();
    connected.reject(signal.reason);
  };
  const tryNext = () => {
    clearTimeout(timer);
    const index = next++;
    const socket = connect({ host: all[index] ?? "", port, noDelay: true });
    pending.add(socket);
    socket.once("connect", () => {
      finish(socket);
      connected.resolve(socket);
    });
    // Stays on: an error after the dial belongs to whoever holds the socket, and must not end the process.
    socket.on("error", (error) => {
      errors[index] = error;
      pending.delete(socket);
      if (next < all.length) tryNext();
      else failWhenOver();
    });
    if (next < all.length) timer = setTimeout(tryNext, ATTEMPT_DELAY_MS);
  };

  const failWhenOver = () => {
    if (pending.size > 0 || awaited || next < all.length) return;
    finish();
    connected.reject(new AggregateError(errors, errors[0]?.message ?? "no address"));
  };
  void late?.then((more) => {
    awaited = false;
    all.push(...more);
    // Nothing is under way: it need not wait for its turn.
    if (pending.size === 0 && next < all.length && !signal.aborted) tryNext();
    else if (next < all.length) timer = setTimeout(tryNext, ATTEMPT_DELAY_MS);
    else failWhenOver();
  });

  if (signal.aborted) connected.reject(signal.reason);
  else {
    signal.addEventListener("abort", abort, { once: true });
    tryNext();
  }
  return connected.promise;
}
