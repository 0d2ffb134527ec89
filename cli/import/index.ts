import { betterStack } from "./better-stack.ts";
import { blackbox } from "./blackbox.ts";
import { fitDrafts, type TargetInput } from "./fit-drafts.ts";
import { gatus } from "./gatus.ts";
import type { Importer } from "./importer.ts";
import { kuma } from "./kuma.ts";
import { openStatus } from "./open-status.ts";
import { readSources } from "./read-sources.ts";
import { uptimeRobot } from "./uptime-robot.ts";
import { type Warning, Warnings } from "./warnings.ts";

/** Every source there is. */
export const importers: readonly Importer[] = [gatus, kuma, blackbox, uptimeRobot, openStatus, betterStack];

export interface ImportOptions {
  readonly roundSeconds: number;
  /** Variables that the source may name. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Imported {
  /** Whether `${NAME}` in the targets stands for a variable. */
  readonly hasVariables: boolean;
  readonly targets: readonly TargetInput[];
  readonly warnings: readonly Warning[];
  /** How many of the source are not imported at all. */
  readonly dropped: number;
}

/**
 * Reads another monitor's configuration as targets of ours.
 * @param id of the importer @param paths files, or one folder
 * @throws {Error} in one line, when there is no such importer, or a file cannot be read
 */
export async function importFrom(id: string, paths: readonly string[], options: ImportOptions): Promise<Imported> {
  const importer = importers.find((candidate) => candidate.id === id);
  if (importer === undefined) throw new Error(`there is no importer "${id}"; there are: ${importers.map((each) => each.id).join(", ")}`);
  const warnings = new Warnings();
  const context = { ...options, warnings };
  const drafts = await importer.read(await readSources(paths), context);
  const targets = fitDrafts(drafts, context);
  return { hasVariables: importer.hasVariables === true, targets, warnings: warnings.list(), dropped: warnings.dropped.size };
}
