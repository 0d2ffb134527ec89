import { useId, useState } from "react";
import type { Series } from "../api.ts";
import { percent } from "./percent.ts";
import { Scroll } from "./scroll.tsx";
import { duration } from "./time.tsx";

/** Hatching, so that no state is told by its colour alone. */
export function Patterns() {
  return (
    <svg className="patterns" aria-hidden="true">
      <defs>
        <pattern id="hatch-degraded" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="4" height="4" className="fill-degraded" />
          <rect width="1.3" height="4" className="fill-page" />
        </pattern>
        <pattern id="hatch-maintenance" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
          <rect width="4" height="4" className="fill-maintenance" />
          <rect width="1.3" height="4" className="fill-page" />
        </pattern>
      </defs>
    </svg>
  );
}

const WORDS: Readonly<Record<string, string>> = { u: "up", g: "degraded", d: "down", "-": "unknown" };

/** 24 hours in a line. @param hours a letter each: u, g, d or - */
export function HourStrip({ hours }: { hours: string }) {
  const count = (letter: string) => [...hours].filter((hour) => hour === letter).length;
  const parts = ["d", "g", "-"].flatMap((letter) => (count(letter) > 0 ? [`${WORDS[letter]} in ${count(letter)}`] : []));
  return (
    <svg
      className="strip"
      viewBox={`0 0 ${hours.length * 4} 16`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Last 24 hours: ${parts.length > 0 ? parts.join(", ") : "up in all"}`}
    >
      {[...hours].map((hour, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an hour is its place.
        <Hour key={index} x={index * 4} letter={hour} />
      ))}
    </svg>
  );
}

function Hour({ x, letter }: { x: number; letter: string }) {
  if (letter === "d") return <rect x={x} y="0" width="3" height="16" className="fill-down" />;
  if (letter === "g") return <rect x={x} y="3" width="3" height="13" fill="url(#hatch-degraded)" />;
  if (letter === "u") return <rect x={x} y="5" width="3" height="11" className="fill-up" />;
  return <rect x={x + 0.5} y="12.5" width="2" height="3" className="fill-unknown" />;
}

/** The worst of each hour of several strips. */
export function mergedStrip(strips: readonly string[]): string | undefined {
  if (strips.length === 0) return undefined;
  const order = ["d", "g", "u"];
  return Array.from({ length: 24 }, (_, hour) => order.find((letter) => strips.some((strip) => strip[hour] === letter)) ?? "-").join("");
}

const DAY_S = 86_400;
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

interface Day {
  readonly at: number;
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
  readonly maintenance: number;
  /** Of the time since it was registered. */
  readonly unknown: number;
}

/**
 * Days in proportion: down, degraded, up and maintenance, stacked; the rest is unknown. Days are UTC's.
 * @param created epoch seconds: what was before is not its time
 */
export function DayBars({ series, created }: { series: Series; created: number }) {
  const days = daysOf(series, created);
  const [chosen, setChosen] = useState<number>();
  const captionId = useId();
  const downSeconds = days.reduce((sum, { down }) => sum + down, 0);
  const bad = days.filter(
    ({ down, degraded, maintenance, unknown }) => down + degraded + maintenance > 0 || (unknown > 0 && unknown < DAY_S),
  );
  const day = chosen === undefined ? undefined : days[chosen];
  const move = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -days.length, End: days.length };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setChosen((at) => Math.min(days.length - 1, Math.max(0, (at ?? days.length) + step)));
  };
  return (
    <figure className="days">
      <svg
        viewBox={`0 0 ${days.length * 6} 48`}
        preserveAspectRatio="none"
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: one stop for all days; arrows move through them.
        tabIndex={0}
        aria-label={`${days.length} days: ${downSeconds === 0 ? "no downtime" : `${duration(downSeconds)} down`}`}
        aria-describedby={captionId}
        onKeyDown={move}
        onBlur={() => setChosen(undefined)}
        onPointerMove={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          setChosen(Math.min(days.length - 1, Math.floor(((event.clientX - left) / width) * days.length)));
        }}
        onPointerLeave={() => setChosen(undefined)}
      >
        {days.map((each, index) => (
          <DayBar key={each.at} day={each} x={index * 6} isChosen={index === chosen} />
        ))}
      </svg>
      <figcaption id={captionId} aria-live="polite">
        {day === undefined ? `${DAY.format((days[0]?.at ?? 0) * 1_000)} to today, in days of UTC` : dayText(day)}
      </figcaption>
      {bad.length > 0 && (
        <details>
          <summary>Days that are not plain ({bad.length})</summary>
          <Scroll label="Days that are not plain">
            <table>
              <thead>
                <tr>
                  <th>Day (UTC)</th>
                  <th>Down</th>
                  <th>Degraded</th>
                  <th>Maintenance</th>
                  <th>Unknown</th>
                </tr>
              </thead>
              <tbody>
                {bad.map(({ at, down, degraded, maintenance, unknown }) => (
                  <tr key={at}>
                    <td>{DAY.format(at * 1_000)}</td>
                    <td>{down > 0 && duration(down)}</td>
                    <td>{degraded > 0 && duration(degraded)}</td>
                    <td>{maintenance > 0 && duration(maintenance)}</td>
                    <td>{unknown > 0 && duration(unknown)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </details>
      )}
    </figure>
  );
}

function daysOf({ from, to, points }: Series, created: number): Day[] {
  const byDay = new Map(points.map((point) => [point.at, point]));
  return Array.from({ length: Math.ceil((to - from) / DAY_S) }, (_, index) => {
    const at = from + index * DAY_S;
    const point = byDay.get(at);
    const [up, degraded, down] = [point?.upSeconds ?? 0, point?.degradedSeconds ?? 0, point?.downSeconds ?? 0];
    const maintenance = point?.maintenanceSeconds ?? 0;
    const length = Math.max(0, Math.min(at + DAY_S, to) - Math.max(at, created));
    return { at, up, degraded, down, maintenance, unknown: Math.max(0, length - up - degraded - down - maintenance) };
  });
}

function dayText({ at, up, degraded, down, maintenance, unknown }: Day): string {
  const known = up + degraded + down;
  const day = DAY.format(at * 1_000);
  if (known + maintenance === 0) return `${day}: nothing known`;
  const parts = [
    ...(known > 0 ? [`${percent((100 * (up + degraded)) / known)} up`] : []),
    ...(down > 0 ? [`${duration(down)} down`] : []),
    ...(degraded > 0 ? [`${duration(degraded)} degraded`] : []),
    ...(maintenance > 0 ? [`${duration(maintenance)} in maintenance`] : []),
    ...(unknown > 60 ? [`${duration(unknown)} unknown`] : []),
  ];
  return `${day}: ${parts.join(", ")}`;
}

const HEIGHT = 48;

/** Wider than the others, with a notch on top: told without its colour. */
function downPath(x: number, height: number): string {
  const notch = Math.min(2, height - 1);
  const top = HEIGHT - height;
  return `M${x - 0.5} ${HEIGHT}V${top}H${x + 1.5}L${x + 2.5} ${top + notch}L${x + 3.5} ${top}H${x + 5.5}V${HEIGHT}z`;
}

function DayBar({ day: { up, degraded, down, maintenance, unknown }, x, isChosen }: { day: Day; x: number; isChosen: boolean }) {
  const total = up + degraded + down + maintenance + unknown;
  // What was down is seen, however short it was.
  const height = (seconds: number) => (seconds === 0 || total === 0 ? 0 : Math.max(3, (HEIGHT * seconds) / total));
  const bottom = { down: height(down), degraded: height(degraded) };
  const room = HEIGHT - bottom.down - bottom.degraded;
  const upper = up === 0 ? 0 : Math.max(0, Math.min(room, (HEIGHT * up) / total));
  const top = maintenance === 0 ? 0 : Math.max(0, Math.min(room - upper, (HEIGHT * maintenance) / total));
  return (
    <g className={isChosen ? "chosen" : undefined}>
      <rect x={x} y="0" width="5" height={HEIGHT} className="day-ground" />
      <rect x={x + 0.5} y="0.5" width="4" height={Math.max(0, room - upper - top - 1)} className="day-unknown" />
      <rect x={x} y={room - upper - top} width="5" height={top} fill="url(#hatch-maintenance)" />
      <rect x={x} y={room - upper} width="5" height={upper} className="fill-up" />
      <rect x={x} y={room} width="5" height={bottom.degraded} fill="url(#hatch-degraded)" />
      {bottom.down > 0 && <path d={downPath(x, bottom.down)} className="fill-down" />}
    </g>
  );
}
