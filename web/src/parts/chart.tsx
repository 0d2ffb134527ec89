import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../api.ts";
import { useIsUtc, zoned } from "./zone.ts";

const HEIGHT = 220;
const DAY_S = 86_400;
const NUMBER = new Intl.NumberFormat();
const time = zoned({ timeStyle: "short" });
const date = zoned({ day: "numeric", month: "short" });
const moment = zoned({ dateStyle: "medium", timeStyle: "short" });

/** Latency over time: median and 95th percentile. A gap is a time in which nothing is known. */
export function LatencyChart({ series }: { series: Series }) {
  const place = useRef<HTMLDivElement>(null);
  const isUtc = useIsUtc();
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim() || "gray";
    const axis = { stroke: () => colour("--muted"), grid: { stroke: () => colour("--line") }, ticks: { stroke: () => colour("--line") } };
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        ...(isUtc && { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1_000), "Etc/UTC") }),
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(max, 10) * 1.05] } },
        axes: [
          { ...axis, values: (_plot, times, _axis, _space, step) => times.map((at) => (step < DAY_S ? time : date)(at * 1_000, isUtc)) },
          { ...axis, size: 80, values: (_plot, values) => values.map((value) => `${NUMBER.format(value)} ms`) },
        ],
        series: [
          { label: "at", value: (_plot, at) => (at === null ? "–" : moment(at * 1_000, isUtc)) },
          { label: "p95", stroke: colour("--degraded"), dash: [4, 3], value: withUnit },
          { label: "median", stroke: colour("--accent"), width: 1.5, value: withUnit },
        ],
      },
      columns(series),
      element,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [series, isUtc]);
  const values = series.points.flatMap(({ latencyMs }) => latencyMs.p95 ?? []);
  const summary =
    values.length === 0 ? "no latency is known" : `95th percentile between ${Math.min(...values)} and ${Math.max(...values)} ms`;
  return <div ref={place} className="chart" role="img" aria-label={`Latency: ${summary}`} />;
}

function withUnit(_plot: uPlot, value: number | null): string {
  return value === null ? "–" : `${NUMBER.format(value)} ms`;
}

/** Steps of a young target at least, so that its first points are not lost in a day of nothing. */
const FEWEST_STEPS = 12;

/** A point for each step from the first known on, also where nothing is known. */
function columns({ from, to, stepSeconds, points }: Series): uPlot.AlignedData {
  const byTime = new Map(points.map((point) => [point.at, point.latencyMs]));
  const first = points.find(({ latencyMs }) => latencyMs.p50 !== null)?.at ?? from;
  const steps = Math.max(FEWEST_STEPS, Math.ceil((to - Math.max(from, first)) / stepSeconds));
  const begin = Math.floor(to / stepSeconds) * stepSeconds - (steps - 1) * stepSeconds;
  const times = Array.from({ length: steps }, (_, index) => begin + index * stepSeconds);
  return [times, times.map((at) => byTime.get(at)?.p95 ?? null), times.map((at) => byTime.get(at)?.p50 ?? null)];
}
