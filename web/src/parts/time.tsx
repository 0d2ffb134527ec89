import { useEffect, useState } from "react";
import { now } from "../api.ts";
import { useIsUtc, zoned } from "./zone.ts";

const DAY_S = 86_400;

/** "3 min", "2 h 5 min", "12 d". @param seconds of it */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min`;
  if (whole < DAY_S) return joined(Math.floor(whole / 3_600), "h", Math.floor((whole % 3_600) / 60), "min");
  return joined(Math.floor(whole / DAY_S), "d", Math.floor((whole % DAY_S) / 3_600), "h");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 || large >= 10 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

const absolute = zoned({ dateStyle: "medium", timeStyle: "long" });
const whole = zoned({ dateStyle: "full", timeStyle: "long" });

/** A moment in the reader's zone or in UTC, which is named; its title has both. @param at epoch ms */
export function Moment({ at }: { at: number }) {
  const isUtc = useIsUtc();
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={`${whole(at, false)} — ${iso}`}>
      {absolute(at, isUtc)}
    </time>
  );
}

/** How long ago, growing while it is looked at. @param at epoch ms */
export function Since({ at }: { at: number }) {
  const is = useNow(10_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={whole(at, false)}>
      {duration((is - at) / 1_000)}
    </time>
  );
}

/** Epoch ms by the API's clock, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [at, setAt] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return at;
}

/** The reader's zone, such as Europe/Berlin. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
