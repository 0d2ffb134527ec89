/** An answer that no client would take for one of HTTP, or that is larger than any would take in what frames its body. */
export class InvalidAnswerError extends Error {
  override readonly name = "InvalidAnswerError";
}
