import type { Alert } from "../notify/notifier.ts";
import { ALERT_KINDS, type AlertKind } from "../status/alert-kinds.ts";

/** Targets that a digest names. */
const MAX_NAMED = 10;
/** Groups, tags and reasons that it counts, each. */
const MAX_COUNTED = 5;

/** A storm in one alert: how many, where, why, and the first ten names. @param alerts more than one @param link of the overview */
export function digestOf(alerts: readonly [Alert, ...Alert[]], link: string | undefined): Alert {
  const [first] = alerts;
  // The worst first: of what is named, bad news is never cut for good ones.
  const ranked = [...alerts].sort((a, b) => rank(a.kind) - rank(b.kind));
  const [worst = first] = ranked;
  return {
    id: `digest:${first.id}:${alerts.length}`,
    kind: "digest",
    target: { id: "digest", name: `${alerts.length} alerts`, label: "", tags: [] },
    from: worst.from,
    to: worst.to,
    since: Math.min(...alerts.map(({ since }) => since)),
    decidedAt: Math.max(...alerts.map(({ decidedAt }) => decidedAt)),
    missed: [],
    digest: {
      worst: worst.kind,
      kinds: (counted(ranked.map(({ kind }) => kind)) as [AlertKind, number][]).sort(([a], [b]) => rank(a) - rank(b)), // counted keeps its words
      groups: counted(alerts.flatMap(({ target }) => target.group ?? [])).slice(0, MAX_COUNTED),
      tags: counted(alerts.flatMap(({ target }) => target.tags)).slice(0, MAX_COUNTED),
      reasons: counted(ranked.flatMap(({ error }) => error?.text ?? [])).slice(0, MAX_COUNTED),
      hosts: counted(alerts.flatMap(({ target }) => hostOf(target.label)))
        .filter(([, count]) => count > 1)
        .slice(0, MAX_COUNTED),
      names: ranked.slice(0, MAX_NAMED).map(({ kind, target }) => `${ALERT_KINDS[kind].emoji} ${target.name}`),
      more: Math.max(0, alerts.length - MAX_NAMED),
    },
    ...(link !== undefined && { link }),
  };
}

const ORDER: readonly AlertKind[] = [
  "escalation",
  "down",
  "reminder",
  "degradedEscalation",
  "degraded",
  "degradedReminder",
  "slo",
  "certificate",
  "recovered",
];

function rank(kind: AlertKind): number {
  const index = ORDER.indexOf(kind);
  return index === -1 ? ORDER.length : index;
}

/** Each word and how often it stands there, the most frequent first. */
function counted(words: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function hostOf(label: string): string[] {
  const host = URL.parse(label)?.hostname || /^([^\s/:]+):\d+$/.exec(label)?.[1];
  return host ? [host] : [];
}
