import { html } from "./html.ts";
import type { PublicDay } from "./page-days.ts";

const STEP = 10;
const WIDTH = 8;
const HEIGHT = 40;
/** What was down for a second is seen all the same. */
const LEAST = 2;
/** From below, the worst first. */
const STACK = ["down", "degraded", "maintenance", "unknown", "up"] as const;

/** A day's colour is of incidents: failed checks that were none are drawn as what is around them, and said beside. */
function drawn(day: PublicDay): PublicDay {
  return day.incidents > 0 ? day : { ...day, up: day.up + day.down, down: 0 };
}

/** Heights of a day's parts, in units of the picture; whole numbers that add up to its height. */
function heights(day: PublicDay): Readonly<Record<(typeof STACK)[number], number>> {
  const total = STACK.reduce((sum, part) => sum + day[part], 0);
  const parts = { down: 0, degraded: 0, maintenance: 0, unknown: 0, up: 0 };
  if (total === 0) return parts;
  let left = HEIGHT;
  for (const part of STACK) {
    const share = day[part] === 0 ? 0 : Math.max(LEAST, Math.round((HEIGHT * day[part]) / total));
    parts[part] = Math.min(left, share);
    left -= parts[part];
  }
  // Rounding leaves a line free, or the least heights took it: the largest part gives or gets it.
  const largest = STACK.reduce((a, b) => (day[b] > day[a] ? b : a));
  parts[largest] += left;
  return parts;
}

/**
 * A picture of days, one bar each, each in proportion: one image with a text.
 * @param outages within them, each once
 */
export function dayBars(days: readonly PublicDay[], name: string, outages: number) {
  const paths = { down: "", degraded: "", maintenance: "", unknown: "", up: "", none: "" };
  for (const [index, day] of days.entries()) {
    if (STACK.every((part) => day[part] === 0)) paths.none += `M${index * STEP} ${HEIGHT - LEAST}h${WIDTH}v${LEAST}h-${WIDTH}z`;
    const parts = heights(drawn(day));
    let y = HEIGHT;
    for (const part of STACK) {
      const height = parts[part];
      y -= height;
      if (height === 0) continue;
      paths[part] += part === "down" ? notched(index * STEP - 1, y, height) : `M${index * STEP} ${y}h${WIDTH}v${height}h-${WIDTH}z`;
    }
  }
  return html`<svg class="bars" role="img" tabindex="0" viewBox=${`-1 0 ${days.length * STEP} ${HEIGHT}`} preserveAspectRatio="none"
      aria-label=${`${name}: ${summaryOf(days, outages)}`}>
    ${(["none", ...STACK.toReversed()] as const).map((part) => paths[part] !== "" && html`<path class=${part} d=${paths[part]} />`)}
  </svg>`;
}

/** What was down: broader than the rest, and a notch on top, for whom colours do not tell. */
function notched(x: number, y: number, height: number): string {
  const [side, depth] = [STEP / 2 - 2, Math.min(4, height / 2)];
  return `M${x} ${y}h${side}l2 ${depth}l2 -${depth}h${side}v${height}h-${STEP}z`;
}

/** Days in words, such as `90 days: 2 incidents, 41 minutes down`. */
export function summaryOf(days: readonly PublicDay[], outages: number): string {
  const sum = (pick: (day: PublicDay) => number) => days.reduce((total, day) => total + pick(day), 0);
  const parts = [
    count(outages, "incident"),
    ...(["down", "degraded", "maintenance", "unknown"] as const).flatMap((part) => {
      const seconds = sum((day) => day[part]);
      return seconds === 0 ? [] : [`${span(seconds)} ${WORDS[part]}`];
    }),
  ];
  return `${count(days.length, "day")}: ${parts.join(", ")}`;
}

const WORDS = { down: "down", degraded: "degraded", maintenance: "in maintenance", unknown: "not known" } as const;

/** Days that were not plain, the newest first, in words. */
export function remarkableDays(days: readonly PublicDay[]): { date: string; text: string }[] {
  return days
    .flatMap((day) => {
      const parts = (["down", "degraded", "maintenance"] as const).flatMap((part) =>
        drawn(day)[part] === 0 ? [] : [`${span(day[part])} ${WORDS[part]}`],
      );
      const told = day.up + day.degraded + day.down;
      // The seconds before a first check, or of a restart, are not worth a line.
      if (day.unknown > 600 && day.unknown > told / 100) parts.push(`${span(day.unknown)} ${WORDS.unknown}`);
      if (day.incidents > 0) parts.unshift(count(day.incidents, "incident"));
      if (day.down > 0 && day.incidents === 0) parts.push(`failed checks for ${span(day.down)}, no incident`);
      return parts.length === 0 ? [] : [{ date: day.date, text: parts.join(", ") }];
    })
    .reverse();
}

export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** Seconds in the largest unit that fits, such as `41 minutes`. */
export function span(seconds: number): string {
  if (seconds < 60) return count(seconds, "second");
  if (seconds < 3_600) return count(Math.floor(seconds / 60), "minute");
  if (seconds < 2 * 86_400) return count(Math.floor(seconds / 360) / 10, "hour");
  return count(Math.floor(seconds / 8_640) / 10, "day");
}
