import { expect, it } from "vitest";
import { isPlan, type Plan } from "../../cli/server-tracker/plan.ts";
import { showPlan } from "../../cli/server-tracker/show-plan.ts";

/** Of every text of a saved plan, one that would clear the screen and write a line of its own. */
const HOSTILE = "a\u001b[2J\nPlan: 0 to add\u202e";

function shown(plan: Plan): string[] {
  const lines: string[] = [];
  showPlan({ line: (text) => lines.push(text), paint: (_, text) => text }, plan);
  return lines;
}

it("shows a plan from elsewhere on its own lines, without anything that steers a terminal", () => {
  const subject = { kind: "maintenance", key: HOSTILE, name: HOSTILE } as const;
  const hand = { who: HOSTILE, at: HOSTILE };
  const changes = [
    { field: HOSTILE, before: HOSTILE, after: [HOSTILE] },
    { field: "tags", before: [HOSTILE], after: [] },
    { field: "url", before: "b".repeat(500) + HOSTILE, after: "b".repeat(500) },
  ];
  const plan: Plan = {
    version: 2,
    project: HOSTILE,
    api: HOSTILE,
    unchanged: 0,
    adoptable: 0,
    monthlyUsd: 0,
    steps: [
      { ...subject, action: "create", body: {}, deleted: hand },
      { ...subject, action: "update", id: HOSTILE, version: 1, changes, patch: {}, drift: hand },
      { ...subject, action: "delete", id: HOSTILE, version: 1, createdAt: "2026-07-10T14:00:00Z" },
    ],
  };
  expect(isPlan(plan)).toBe(true);
  const lines = shown(plan);
  expect(lines).toHaveLength(2 + 1 + 3 + 1 + 1 + 1);
  // The blank line before the sum is our own.
  expect(lines.map((line) => line.replace(/^\n/, "")).join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(lines.at(-1)).toContain("1 to add, 1 to change, 1 to delete");
});
