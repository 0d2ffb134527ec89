/** The peer ended the connection before its answer was whole. */
export class PeerClosedError extends Error {
  override readonly name = "PeerClosedError";
  readonly code = "PEER_CLOSED";
  constructor() {
    super("connection closed by the server");
  }
}
