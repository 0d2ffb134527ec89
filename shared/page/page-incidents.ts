import type { Occurrence } from "../alert/maintenance.ts";
import type { ManualIncident } from "../alert/manual-incident.ts";
import type { ErrorClass } from "../check/check-type.ts";
import type { PageIncident } from "../log/log-pages.ts";
import type { Target } from "../targets/target.ts";
import { without } from "./stretches.ts";

export interface PublicUpdate {
  /** Epoch ms. */
  readonly at: number;
  readonly status: "investigating" | "identified" | "monitoring" | "resolved";
  readonly text: string;
}

export interface PublicIncident {
  readonly id: string;
  readonly title: string;
  readonly impact: "down" | "degraded" | "notice";
  readonly components: readonly { readonly id: string; readonly name: string }[];
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Oldest first; never empty. */
  readonly updates: readonly PublicUpdate[];
}

/** What each update of an incident is known by where it is told: it stays when others come before it, as those of a log that was away. */
export function updateKeysOf({ updates }: Pick<PublicIncident, "updates">): string[] {
  return updates.map(({ at }, index) => {
    const before = updates.slice(0, index).filter((each) => each.at === at).length;
    return before === 0 ? String(at) : `${at}-${before + 1}`;
  });
}

/** A target on a page. */
export interface Member {
  readonly target: Target;
  /** What the public calls it. */
  readonly name: string;
  /** Its times in maintenance, epoch ms, in order. */
  readonly maintenance: readonly Occurrence[];
}

/** What kind of failure it was, in words that tell nothing of how it is checked. */
const CAUSES: Readonly<Record<ErrorClass, string>> = {
  dns: "Its name could not be found.",
  connect: "It could not be reached.",
  tls: "It could not be reached securely.",
  timeout: "It did not answer in time.",
  status: "It answered with an error.",
  assertion: "It did not answer as it should.",
  redirect: "It did not answer as it should.",
  body: "It did not answer as it should.",
  forbidden: "It could not be checked.",
  heartbeat: "It did not report in time.",
};

/** What checks found, but for what lies in maintenance. @param detail what of it is told @param now epoch ms */
export function foundIncidents(
  incidents: readonly PageIncident[],
  members: readonly Member[],
  { detail, now }: { detail: "times" | "cause"; now: number },
): PublicIncident[] {
  const bySeq = new Map(members.map((member) => [member.target.seq, member]));
  return withNow(incidents, members).flatMap((incident) => {
    const member = bySeq.get(incident.seq);
    return member === undefined ? [] : (foundIncident(incident, member, { detail, now }) ?? []);
  });
}

function foundIncident(
  { since, until, isRecovered, errorClass, said }: PageIncident,
  { target: { id }, name, maintenance }: Member,
  { detail, now }: { detail: "times" | "cause"; now: number },
): PublicIncident | undefined {
  const end = until === null ? now : until * 1_000;
  const told = without({ from: since * 1_000, to: Math.max(end, since * 1_000 + 1) }, maintenance);
  const [first, last] = [told[0], told.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // What goes on is open, also while maintenance runs over it: nobody has mended it.
  const isCut = last.to < end;
  const endedAt = until === null ? null : Math.min(last.to, end);
  const cause = detail === "cause" && errorClass !== null ? ` ${CAUSES[errorClass]}` : "";
  const updates: PublicUpdate[] = [
    { at: first.from, status: "investigating", text: `${name} is down.${cause}` },
    // Of what is over, what is said is no investigation, whatever it was called.
    ...said.map(
      ({ at, status, text }): PublicUpdate => ({
        at: Math.max(first.from, at * 1_000),
        status: endedAt !== null && at * 1_000 >= endedAt ? "resolved" : status,
        text,
      }),
    ),
    ...told
      .slice(1)
      .map(({ from }): PublicUpdate => ({ at: from, status: "investigating", text: `Maintenance is over, and ${name} is down.` })),
    ...(isCut && endedAt === null ? told : told.slice(0, -1)).map(
      ({ to }): PublicUpdate => ({ at: to, status: "monitoring", text: "Maintenance began." }),
    ),
  ];
  if (endedAt !== null) {
    const text = isCut ? "Maintenance began." : isRecovered ? `${name} is up again.` : `${name} is no longer watched.`;
    updates.push({ at: endedAt, status: "resolved", text });
  }
  // What is said of it afterwards stands behind its end.
  updates.sort((a, b) => a.at - b.at);
  return {
    id: `${id}.${since}`,
    title: endedAt === null ? `${name} is down` : `${name} was down`,
    impact: "down",
    components: [{ id, name }],
    startedAt: first.from,
    endedAt,
    updates,
  };
}

/** The log's incidents as the targets themselves stand: a log that is away, or behind, hides none, and keeps none open. */
function withNow(incidents: readonly PageIncident[], members: readonly Member[]): PageIncident[] {
  const states = new Map(members.map(({ target: { seq, state } }) => [seq, state]));
  const settled = incidents.map((incident) => {
    const state = states.get(incident.seq);
    const isOver = incident.until === null && state !== undefined && (state.status !== "down" || state.since > incident.since);
    const isRecovered = state?.status === "up" || state?.status === "degraded";
    return isOver ? { ...incident, until: Math.max(incident.since, state.since), isRecovered } : incident;
  });
  const open = members
    .filter(({ target: { seq, state } }) => state.status === "down" && !settled.some((each) => each.seq === seq && each.until === null))
    .map(({ target: { seq, state } }) => ({ seq, since: state.since, until: null, isRecovered: false, errorClass: null, said: [] }));
  return [...open, ...settled];
}

/** What people told by hand, of these targets or of none. @param from epoch ms: what ended before is left out */
export function manualIncidents(manual: readonly ManualIncident[], members: readonly Member[], from: number): PublicIncident[] {
  const publicName = new Map(members.map(({ target, name }) => [target.id, name]));
  return manual.flatMap(({ id, title, severity, targets, public: isPublic, startedAt, endedAt, updates }) => {
    const components = targets.flatMap((target) => {
      const name = publicName.get(target);
      return name === undefined ? [] : [{ id: target, name }];
    });
    const told = updates.filter((update) => update.public).map(({ at, status, text }) => ({ at: Date.parse(at), status, text }));
    // One that names targets is for the pages that show one of them.
    if (!isPublic || told.length === 0 || (targets.length > 0 && components.length === 0)) return [];
    const end = endedAt === null ? null : Date.parse(endedAt);
    if (end !== null && end < from) return [];
    return [{ id, title, impact: severity, components, startedAt: Date.parse(startedAt), endedAt: end, updates: told }];
  });
}
