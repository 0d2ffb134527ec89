/**
 * Text from outside, as people may see it: on one line, without control, invisible and direction characters, cut at a
 * whole character. The one rule for every text that reaches a person or a terminal.
 */
export function cleanText(text: string, maxCharacters: number): string {
  // A bound first: nobody reads a megabyte, and no character has more than this many units.
  const start = text.slice(0, 8 * maxCharacters).toWellFormed();
  const plain = start.replace(/[\p{C}\u2028\u2029\s]+/gu, " ").trim();
  const characters = [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(plain)];
  if (characters.length <= maxCharacters && start.length === text.length) return plain;
  if (characters.length < maxCharacters) return plain;
  return `${characters
    .slice(0, maxCharacters - 1)
    .map(({ segment }) => segment)
    .join("")}…`;
}
