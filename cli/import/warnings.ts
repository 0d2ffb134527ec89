import { cleanText } from "../../shared/text/clean-text.ts";

/**
 * `lost`: something that was checked, or told, no longer is. `changed`: it behaves otherwise than before. `todo`: the
 * owner must do something before it works. `note`: worth knowing; nothing is lost.
 */
export const LEVELS = ["lost", "changed", "todo", "note"] as const;
export type Level = (typeof LEVELS)[number];

/** What an import says of one topic, with every place that it is about. */
export interface Warning {
  readonly level: Level;
  readonly topic: string;
  readonly at: readonly string[];
  readonly text: string;
}

/** Different texts of one topic that are shown; the rest is counted. */
const MAX_TEXTS = 12;
const MAX_TEXT = 300;

/** Collects what an import has to say, folded: one warning for each level and topic. */
export class Warnings {
  /** Places of what is not imported at all. */
  readonly dropped = new Set<string>();
  readonly #found = new Map<string, { level: Level; topic: string; at: Set<string>; texts: Set<string> }>();

  /** @param at where it stands in the source; empty for all of it @param text a sentence, without secrets */
  add(level: Level, topic: string, at: string, text: string): void {
    if (/\bis not imported\b/.test(text)) this.dropped.add(at);
    const key = `${level} ${topic}`;
    const found = this.#found.get(key) ?? { level, topic, at: new Set(), texts: new Set() };
    found.at.add(cleanText(at, MAX_TEXT));
    found.texts.add(cleanText(text, MAX_TEXT));
    this.#found.set(key, found);
  }

  /** What was lost first. */
  list(): Warning[] {
    return [...this.#found.values()]
      .map(({ level, topic, at, texts }) => ({ level, topic, at: [...at], text: joined([...texts]) }))
      .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  }
}

function joined(texts: readonly string[]): string {
  const more = texts.length - MAX_TEXTS;
  return more > 0 ? `${texts.slice(0, MAX_TEXTS).join("; ")}; and ${more} more` : texts.join("; ");
}
