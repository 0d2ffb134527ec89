/**
 * The rounds of one loop execution, as the state machine's input has them.
 * `offset` names the round within the minute, `wait` is how long to wait for it, both in seconds.
 */
export function roundsOfMinute(roundSeconds: number): { offset: number; wait: number }[] {
  return Array.from({ length: 60 / roundSeconds }, (_, index) => ({ offset: index * roundSeconds, wait: index * roundSeconds }));
}
