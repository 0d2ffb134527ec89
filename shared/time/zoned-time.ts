/** A wall clock's reading, in some time zone. Month 1 to 12. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const MINUTE_MS = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    calendar: "iso8601",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

/** Whether a text is a time zone of the IANA database, such as `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What clocks in a zone show at a moment. @param at epoch ms */
export function wallTimeAt(at: number, zone: string): WallTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
}

const asUtc = ({ year, month, day, hour, minute }: WallTime) => Date.UTC(year, month - 1, day, hour, minute);

/**
 * The moment at which clocks in a zone show a time: the first of two where they are put back, and the moment of the
 * change itself where they are put forward past it. Days beyond a month's end are those of the next.
 * @returns epoch ms
 */
export function momentOf(wall: WallTime, zone: string): number {
  const wanted = asUtc(wall);
  const offsetAt = (at: number) => asUtc(wallTimeAt(at, zone)) - at;
  // Clocks change by a few hours at most: a day before and after, each side's offset holds.
  const offsets = [offsetAt(wanted - 86_400_000), offsetAt(wanted + 86_400_000)];
  const candidates = offsets.map((offset) => wanted - offset).filter((at) => asUtc(wallTimeAt(at, zone)) === wanted);
  if (candidates.length > 0) return Math.min(...candidates);
  // In a gap: the change itself, to the minute, is the first at which the later offset holds.
  const [before = 0, after = 0] = offsets;
  let low = wanted - Math.max(before, after) - MINUTE_MS;
  let high = wanted - Math.min(before, after) + MINUTE_MS;
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
