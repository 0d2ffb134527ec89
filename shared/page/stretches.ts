import type { Occurrence } from "../alert/maintenance.ts";

/** Stretches that touch, as one. */
export function merged(stretches: readonly Occurrence[]): Occurrence[] {
  const found: { from: number; to: number }[] = [];
  for (const each of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last !== undefined && each.from <= last.to) last.to = Math.max(last.to, each.to);
    else found.push({ ...each });
  }
  return found;
}

/** What of a stretch others, in order, leave. */
export function without(stretch: Occurrence, others: readonly Occurrence[]): Occurrence[] {
  let { from } = stretch;
  const left: Occurrence[] = [];
  for (const other of others) {
    if (other.to <= from || other.from >= stretch.to) continue;
    if (other.from > from) left.push({ from, to: other.from });
    from = Math.max(from, other.to);
  }
  if (from < stretch.to) left.push({ from, to: stretch.to });
  return left;
}
