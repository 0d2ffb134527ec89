import type { RoundSummary } from "../shared/round/conclude-round.ts";
import { cleanText } from "../shared/text/clean-text.ts";

const COLOURS = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 } as const;

function paint(colour: keyof typeof COLOURS, text: string): string {
  return process.stdout.isTTY ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
}

const STATUS_COLOUR: Readonly<Record<string, keyof typeof COLOURS>> = { up: "green", degraded: "yellow", down: "red" };

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What was shown of the last rounds: an alert that is held back is seen more than once. */
const shown = new Set<string>();
const MAX_SHOWN = 10_000;

/** A line per change of status. */
export function showChanges({ round, changes }: Pick<RoundSummary, "round" | "changes">): void {
  if (shown.size > MAX_SHOWN) shown.clear();
  for (const { target, from, to, reason } of changes) {
    const key = `${round} ${target} ${to}`;
    if (shown.has(key)) continue;
    shown.add(key);
    const change = `${from} → ${to}`;
    const named = paint(STATUS_COLOUR[to] ?? "grey", `● ${cleanText(target, 100)}  ${change}`);
    say(`${timeOf(round)}  ${named}${reason && `  ${cleanText(reason, 200)}`}`);
  }
}

/** A line per change of status, then a line for the round. */
export function showRound(summary: RoundSummary): void {
  showChanges(summary);
  const at = timeOf(summary.round);
  const { checked, planned, up, degraded, down, late, tookMs, alerts, spooled, drained, failedShards, blind } = summary;
  const notes = [
    blind > 0 && paint("red", `blind: ${blind} failed to connect all at once, nobody is told: is this machine offline?`),
    checked + blind < planned && `${planned - checked - blind} of ${planned} not checked`,
    alerts.sent > 0 && `alerts sent: ${alerts.sent}`,
    alerts.waiting > 0 && paint("yellow", `alerts waiting: ${alerts.waiting}`),
    alerts.failed > 0 && paint("red", `alerts failed: ${alerts.failed}`),
    spooled > 0 && paint("yellow", `log batches spooled: ${spooled}`),
    drained > 0 && `spooled batches written: ${drained}`,
    failedShards > 0 && paint("red", `shards failed: ${failedShards}`),
  ].filter(Boolean);
  const counts = `checked ${checked}  up ${up}  degraded ${degraded}  down ${down}  late ${late}  took ${(tookMs / 1_000).toFixed(1)} s`;
  say(paint("grey", `${at}  round  ${counts}${notes.length > 0 ? `  (${notes.join(", ")})` : ""}`));
}

function timeOf(mark: number): string {
  return new Date(mark * 1_000).toISOString().slice(11, 19);
}

export { paint };
