import type { Check } from "../api.ts";

const PHASES = [
  ["dnsMs", "name"],
  ["connectMs", "connect"],
  ["tlsMs", "TLS"],
  ["ttfbMs", "first byte"],
  ["transferMs", "transfer"],
] as const;

/** What a check's time went into. @param scaleMs what the whole width stands for */
export function PhaseBar({ phases, scaleMs }: { phases: Check["phases"]; scaleMs: number }) {
  const seen = PHASES.flatMap(([key, name]) => {
    const ms = phases[key];
    return ms === null ? [] : [{ key, name, ms }];
  });
  if (seen.length === 0) return null;
  let x = 0;
  return (
    <svg
      className="phases"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={seen.map(({ name, ms }) => `${name} ${milliseconds(ms)}`).join(", ")}
    >
      <title>{seen.map(({ name, ms }) => `${name} ${milliseconds(ms)}`).join(", ")}</title>
      {seen.map(({ key, ms }) => {
        const width = (100 * ms) / Math.max(scaleMs, 1);
        const at = x;
        x += width;
        return <rect key={key} x={at} y="0" width={width} height="10" className={`phase-${key}`} />;
      })}
    </svg>
  );
}

/** What the colours of {@link PhaseBar} stand for. */
export function PhaseLegend() {
  return (
    <p className="legend muted">
      {PHASES.map(([key, name]) => (
        <span key={key}>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            <rect width="10" height="10" className={`phase-${key}`} />
          </svg>
          {name}
        </span>
      ))}
    </p>
  );
}

/** As people read it. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return "";
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms).toLocaleString()} ms` : `${ms.toFixed(1)} ms`;
}
