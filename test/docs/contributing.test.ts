import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const PAGES = [
  "CONTRIBUTING.md",
  "README.md",
  "SECURITY.md",
  "RUNBOOK.md",
  "docs/as-code.md",
  "docs/first-deploy.md",
  "docs/migrate.md",
  "docs/scale.md",
];
const HOUSES = /^(?:cli|functions|grafana|infra|local|shared|sql|test|web|docs|\.ci|\.github)\//;

/** Paths that a page names in backticks or as links, without those with a place for a name of one's own. */
function pathsIn(text: string): string[] {
  const named = [...text.matchAll(/`([^`\s]+)`|\]\(([^)\s]+)\)/g)].map(([, code, link]) => code ?? link ?? "");
  return named.filter((path) => HOUSES.test(path) && !/[<*…{]/.test(path));
}

describe.each(PAGES)("%s", (page) => {
  const text = readFileSync(page, "utf8");

  it("names only files that are there", () => {
    expect(pathsIn(text).filter((path) => !existsSync(path))).toEqual([]);
  });

  it("names only scripts of package.json", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
    const called = [...text.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = ""]) => name);
    expect(called.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it("CONTRIBUTING has a recipe for each thing that people add", () => {
  const headings = [...readFileSync("CONTRIBUTING.md", "utf8").matchAll(/^## Add (?:an? )?(.+)$/gm)].map(([, what]) => what);
  expect(headings).toEqual([
    "check type",
    "target field",
    "column to a table of the log",
    "alert kind",
    "notifier",
    "importer",
    "migration",
    "route",
    "Lambda",
    "setting",
    "panel",
    "alarm",
  ]);
});

it("and names enough of the tree that a file moved without it would be noticed", () => {
  expect(pathsIn(readFileSync("CONTRIBUTING.md", "utf8")).length).toBeGreaterThan(25);
});
