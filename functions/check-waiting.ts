/*
 * Map task of a round: checks what is down and keeps its checker waiting. The same as check-shard, on a machine on which
 * waiting is cheap: one hanging target held a whole one for ten seconds of each round.
 */
export { handler } from "./check-shard.ts";
