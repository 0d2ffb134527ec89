import { onTestFinished } from "vitest";

/** Closes `closable` at the end of the running test. */
export function untilTestEnds<T extends { close(): Promise<void> }>(closable: T): T {
  onTestFinished(() => closable.close());
  return closable;
}
