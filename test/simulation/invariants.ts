import { eventKindOf, OUTCOME_CODES, statusOf } from "../../shared/log/codes.ts";
import { isSilent, isTold } from "../../shared/status/alert-kinds.ts";
import type { Status } from "../../shared/status/next-status.ts";
import type { World } from "./world.ts";

/** DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const MAX_ITEM_BYTES = 400 * 1_024;

interface Transition {
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: ReturnType<typeof eventKindOf>;
  readonly from: string;
  readonly to: string;
}

/** What is not as it must be once a world has calmed down, a line each. */
export function problemsOf(world: World): string[] {
  const transitions = transitionsOf(world);
  return [
    ...world.failures,
    ...chains(world, transitions),
    ...settled(world),
    ...ledger(world, transitions),
    ...told(world),
    ...open(world),
    ...names(world),
    ...rows(world),
    ...coverage(world),
    ...decisions(world, transitions),
  ];
}

function transitionsOf({ log }: World): Map<number, Transition[]> {
  const bySeq = new Map<number, Transition[]>();
  for (const row of log.rows("transition")) {
    const transition = {
      seq: Number(row["target"]),
      at: Date.parse(String(row["at"])),
      kind: eventKindOf(Number(row["kind"])),
      from: statusOf(Number(row["from_status"])),
      to: statusOf(Number(row["to_status"])),
    };
    bySeq.set(transition.seq, [...(bySeq.get(transition.seq) ?? []), transition]);
  }
  for (const list of bySeq.values()) list.sort((a, b) => a.at - b.at);
  return bySeq;
}

/** Each change begins where the one before ended, and the last one is how the target is. */
function* chains({ table }: World, transitions: Map<number, Transition[]>): Generator<string> {
  const now = new Map([...table.items.values()].map(({ target }) => [target.seq, target]));
  for (const [seq, all] of transitions) {
    const changes = all.filter(({ kind }) => kind === "status");
    for (const [index, { from, at }] of changes.entries()) {
      const before = index === 0 ? "pending" : changes[index - 1]?.to;
      // A target that is up after a pause recovers from what it was before.
      const wasPaused = before === "pending" && index > 0;
      if (from !== before && !wasPaused) yield `chain: target ${seq} goes from ${from} at ${time(at)}, and was ${before}`;
    }
    const last = changes.at(-1)?.to;
    const status = now.get(seq)?.state.status ?? "deleted";
    if (last !== undefined && last !== status) yield `chain: target ${seq} is ${status}, and the log ends with ${last}`;
  }
}

/** Nothing is owed, nobody holds anything, nothing waits, and all that is checked is up. */
function* settled({ table, spooled, deletions, endedAt: now }: World): Generator<string> {
  for (const { target } of table.items.values()) {
    if (target.owed.length > 0) yield `settled: target ${target.seq} still owes ${target.owed.length}`;
    // What somebody died with is free again when its time is over.
    if (target.lease !== undefined && target.lease.until >= now) yield `settled: target ${target.seq} is still claimed`;
    if (!["up", "paused"].includes(target.state.status)) yield `settled: target ${target.seq} is ${target.state.status} in a calm world`;
  }
  if (spooled.size > 0) yield `settled: ${spooled.size} batches wait in the spool`;
  for (const { target, finishedAt } of deletions.values()) {
    if (finishedAt === undefined) yield `settled: the deletion of ${target} is not finished`;
  }
}

const FINAL: ReadonlySet<number> = new Set([OUTCOME_CODES.sent, OUTCOME_CODES.failed, OUTCOME_CODES.folded, OUTCOME_CODES.hidden]);

/** What became of each alert on each channel is in the ledger, and is final. */
function* ledger({ log }: World, transitions: Map<number, Transition[]>): Generator<string> {
  const deliveries = new Map(log.rows("delivery").map((row) => [keyOf(row), Number(row["outcome"])]));
  const deleted = new Set([...transitions].flatMap(([seq, all]) => (all.some(({ to }) => to === "deleted") ? [seq] : [])));
  for (const all of transitions.values()) {
    for (const { seq, at, kind, from, to } of all) {
      // What only changes what a channel has goes to those alone that have it.
      if (to === "deleted" || isSilent(kind) || !isTold({ kind, from: from as Status, to: to as Status })) continue;
      for (const channel of ["pager", "chat"]) {
        const outcome = deliveries.get(`${seq} ${at} ${channel}`);
        // Of a target that was deleted before anybody was asked there is nothing to say.
        if (outcome === undefined && deleted.has(seq)) continue;
        if (outcome === undefined || !FINAL.has(outcome)) yield `ledger: ${seq} at ${time(at)} on ${channel} is ${outcome ?? "not there"}`;
      }
    }
  }
}

function keyOf(row: Readonly<Record<string, unknown>>): string {
  return `${row["target"]} ${Date.parse(String(row["at"]))} ${row["channel"]}`;
}

/** What the ledger says was sent was taken by its channel, once where nothing died, and in order. */
function* told(world: World): Generator<string> {
  const taken = new Map<string, number>();
  const lastOf = new Map<string, number>();
  for (const { channel, alert } of world.told) {
    const seq = world.seqs.get(alert.target.id);
    const key = `${seq} ${alert.id.split(":")[1]} ${channel}`;
    taken.set(key, (taken.get(key) ?? 0) + 1);
    const line = `${seq} ${channel}`;
    if (alert.decidedAt < (lastOf.get(line) ?? 0) && !world.hasDied) yield `order: ${key} comes after a later one`;
    if (alert.missed.some(({ at }) => at > alert.since)) yield `order: ${key} tells a later one as what was before`;
    lastOf.set(line, Math.max(lastOf.get(line) ?? 0, alert.decidedAt));
  }
  for (const row of world.log.rows("delivery")) {
    const count = taken.get(keyOf(row)) ?? 0;
    // One message tells several: the last of them names it.
    const isNamed = count > 0 || isMissed(world, row);
    if (Number(row["outcome"]) === OUTCOME_CODES.sent && !isNamed) yield `told: the ledger says sent, and nobody was told: ${keyOf(row)}`;
  }
  if (world.hasDied) return;
  for (const [key, count] of taken) if (count > 1) yield `told: ${key} ${count} times, and nothing died`;
}

/** What nobody watches is open nowhere where incidents are kept. */
function* open({ table, told: all }: World): Generator<string> {
  const last = new Map(
    all
      .filter(({ channel, alert }) => channel === "pager" && alert.kind !== "certificate")
      .map(({ alert }) => [alert.target.id, alert.kind]),
  );
  for (const [id, kind] of last) {
    const status = table.items.get(id)?.target.state.status ?? "deleted";
    if ((status === "paused" || status === "deleted") && kind !== "recovered" && kind !== "unwatched")
      yield `open: target ${id} is ${status}, and the pager's last word is ${kind}`;
  }
  for (const { target } of table.departed.values()) yield `open: target ${target.seq} is deleted, and has a last word to tell`;
}

/** Whether an alert was told within a later one of its target, which names it by when it began. */
function isMissed({ told, log, seqs }: World, row: Readonly<Record<string, unknown>>): boolean {
  const own = log
    .rows("transition")
    .find(({ target, at }) => target === row["target"] && Date.parse(String(at)) === Date.parse(String(row["at"])));
  const since = Date.parse(String(own?.["since"]));
  return told.some(
    ({ channel, alert }) =>
      channel === row["channel"] && seqs.get(alert.target.id) === row["target"] && alert.missed.some(({ at }) => at === since),
  );
}

/** The log knows every target by its name. */
function* names({ table, log }: World): Generator<string> {
  const known = new Set(log.rows("target").map(({ seq }) => seq));
  for (const { target } of table.items.values()) if (!known.has(target.seq)) yield `names: the log does not know target ${target.seq}`;
}

/** Every result of a shard that came to its end is in the log. */
function* rows({ seen, log }: World): Generator<string> {
  const logged = new Set(log.rows("check").map((row) => `${row["target"]} ${Date.parse(String(row["at"])) / 1_000}`));
  for (const { seq, round, isReported } of seen) {
    if (isReported && !logged.has(`${seq} ${round}`))
      yield `rows: target ${seq} was checked at ${time(round * 1_000)}, and the log does not know`;
  }
}

/** A round whose shards all came to their end checked what it had planned. */
function* coverage({ whole, log }: World): Generator<string> {
  for (const { round, planned, checked } of whole) {
    // A target may be deleted, paused or made between plan and check.
    if (Math.abs(planned - checked) > 2) yield `coverage: of ${planned} planned at ${time(round * 1_000)}, ${checked} were checked`;
  }
  for (const row of log.rows("round")) {
    const [planned, checked, up, degraded, down] = ["planned", "checked", "up", "degraded", "down"].map((name) => Number(row[name]));
    if ((up ?? 0) + (degraded ?? 0) + (down ?? 0) > (checked ?? 0)) yield `coverage: more results than checks at ${row["at"]}`;
    if ((checked ?? 0) > (planned ?? 0) + 2) yield `coverage: more checks than planned at ${row["at"]}`;
  }
}

/** A target is down after as many failing rounds as it says, each counted once, however often it was done. */
function* decisions({ seen, table, hasDied }: World, transitions: Map<number, Transition[]>): Generator<string> {
  if (hasDied) return; // what a shard saw and did not live to commit is no part of it
  for (const { target } of table.items.values()) {
    const rounds = new Map<number, boolean>();
    for (const { seq, round, status } of seen) {
      if (seq === target.seq) rounds.set(round, rounds.get(round) === true || status === "down");
    }
    const { failureThreshold, failureWindow = failureThreshold } = target.config;
    for (const { at, kind, to } of transitions.get(target.seq) ?? []) {
      if (kind !== "status" || to !== "down") continue;
      const last = [...rounds.keys()].filter((round) => round * 1_000 <= at).sort((a, b) => b - a);
      const failures = last.slice(0, failureWindow).filter((round) => rounds.get(round)).length;
      if (failures < failureThreshold)
        yield `decision: target ${target.seq} is down at ${time(at)} after ${failures} of ${failureThreshold} failures`;
    }
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
