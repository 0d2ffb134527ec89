import { cleanText } from "../../shared/text/clean-text.ts";
import { kindOf, labelOf } from "./kinds.ts";
import { costInWords } from "./monthly-cost.ts";
import type { Output } from "./output.ts";
import type { FieldChange, Hand, Plan, Step } from "./plan.ts";

const DAY_MS = 86_400_000;
/** Characters of a text that are shown, and of what stands before the first that differs. */
const SHOWN = 120;
const BEFORE_IT = 20;

type Screen = Pick<Output, "line" | "paint">;

/** Shows people what would happen, and what that costs. A saved plan may come from anybody: all of it is cleaned. */
export function showPlan(output: Screen, { steps, unchanged, adoptable, monthlyUsd }: Plan): void {
  const count = (action: Step["action"]) => steps.filter((step) => step.action === action).length;
  for (const step of steps) showStep(output, step);
  output.line(
    `${steps.length > 0 ? "\n" : ""}Plan: ${count("create")} to add, ${count("update")} to change, ${count("delete")} to delete, ${unchanged} unchanged.`,
  );
  const cost = costInWords(monthlyUsd);
  if (cost !== undefined) output.line(`In AWS about ${cost}.`);
  if (adoptable > 0)
    output.line(`${adoptable} of them ${adoptable === 1 ? "was" : "were"} made by hand: with --adopt they become this project's.`);
}

function showStep(output: Screen, step: Step): void {
  const name = cleanText(step.name, 100);
  const label = cleanText(labelOf(kindOf(step.kind), step.key), SHOWN);
  if (step.action === "create") {
    output.line(`${output.paint("green", "+")} ${label}  "${name}"  new`);
    showHand(output, "deleted", step.deleted);
  } else if (step.action === "delete") {
    const days = Math.round((Date.now() - Date.parse(step.createdAt)) / DAY_MS);
    const lost = step.kind === "targets" ? `  (${days} days of history)   deletes its history` : "";
    output.line(`${output.paint("red", "-")} ${label}  "${name}"${lost}`);
  } else {
    const adopted = step.adopts ? ", adopted: it was made by hand" : "";
    output.line(`${output.paint("yellow", "~")} ${label}  "${name}"  ${step.changes.length} changed${adopted}`);
    for (const change of step.changes) output.line(`    ${cleanText(change.field, SHOWN).padEnd(24)} ${valuesOf(change)}`);
    showHand(output, "last changed", step.drift);
  }
}

function showHand(output: Screen, what: string, hand: Hand | undefined): void {
  if (hand !== undefined) output.line(`    ${output.paint("dim", `${what} by ${cleanText(hand.who, 100)}, ${cleanText(hand.at, 30)}`)}`);
}

function valuesOf({ isSecret, before, after }: FieldChange): string {
  if (isSecret) return "(changed)";
  const lists = listChange(before, after);
  if (lists !== undefined) return lists;
  const [old, now] = [textOf(before), textOf(after)];
  if (old.length <= SHOWN && now.length <= SHOWN) return `${cleanText(old, SHOWN)} -> ${cleanText(now, SHOWN)}`;
  // Of long ones, what differs.
  let same = 0;
  while (same < old.length && old[same] === now[same]) same++;
  const from = Math.max(0, same - BEFORE_IT);
  const part = (text: string) => cleanText(`${from > 0 && text.length > from ? "…" : ""}${text.slice(from)}`, SHOWN);
  return `${part(old)} -> ${part(now)}`;
}

function textOf(value: unknown): string {
  return value === undefined ? "(none)" : JSON.stringify(value);
}

/** What leaves a list of plain values, and what comes into it; `undefined` where its order alone changes. */
function listChange(before: unknown, after: unknown): string | undefined {
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined;
  const [old, now] = [before.map(textOf), after.map(textOf)];
  const gone = old.filter((value) => !now.includes(value)).map((value) => `-${cleanText(value, SHOWN)}`);
  const come = now.filter((value) => !old.includes(value)).map((value) => `+${cleanText(value, SHOWN)}`);
  const changes = [...gone, ...come];
  if (changes.length === 0) return undefined;
  const more = changes.length - MAX_VALUES;
  return `${changes.slice(0, MAX_VALUES).join(" ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Values of a list that are shown. */
const MAX_VALUES = 10;
