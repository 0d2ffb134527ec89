import { memo, useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "wouter";
import type { Overview as OverviewData, OverviewTarget, Status } from "../api.ts";
import { HourStrip, mergedStrip } from "../parts/bars.tsx";
import { Loaded } from "../parts/notices.tsx";
import { percent } from "../parts/percent.ts";
import { STATUS_WORDS, StatusMark, WORST_FIRST, worstOf } from "../parts/status.tsx";
import { Moment, Since } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { useMaintenance, useMay, useOverview } from "../queries.ts";

/** Groups stay closed from so many targets on; what was searched for is worth more room. */
const MANY = 60;
const MANY_FOUND = 200;
/** Milliseconds after the last letter until a search is done: letters themselves are there at once. */
const SEARCH_DELAY_MS = 120;

/** For so long, in ms, targets wait for what runs over them. */
const MAINTENANCE_MS = 1_500;

/** What is not up first, then everything by group. */
export function Overview() {
  const query = useOverview();
  // What runs stands above what it is about: both come at once, so that nothing moves; but targets wait for it for a moment alone.
  const { isPending } = useMaintenance();
  const [isAwaited, setAwaited] = useState(true);
  useEffect(() => {
    if (!isPending) setAwaited(false);
    const timer = setTimeout(() => setAwaited(false), MAINTENANCE_MS);
    return () => clearTimeout(timer);
  }, [isPending]);
  return (
    <>
      <Title className="unseen">Overview</Title>
      {isPending && isAwaited && query.data !== undefined ? (
        <p className="muted">Loading …</p>
      ) : (
        <Loaded query={query}>{(overview) => <Targets overview={overview} />}</Loaded>
      )}
    </>
  );
}

interface Filters {
  readonly status: Status | undefined;
  readonly text: string;
  readonly tag: string | undefined;
}

function Targets({ overview }: { overview: OverviewData }) {
  const [parameters, setParameters] = useSearchParams();
  const filters: Filters = {
    status: WORST_FIRST.find((status) => status === parameters.get("status")),
    text: parameters.get("q") ?? "",
    tag: parameters.get("tag") ?? undefined,
  };
  const set = (name: string, value: string | undefined) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === undefined || value === "") after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  const { targets, counts } = overview;
  const shown = targets.filter((target) => matches(target, filters));
  const unwell = shown.filter(({ status }) => status === "down" || status === "degraded").sort(byWorst);
  const isEditor = useMay("editor");
  if (targets.length === 0) return <Empty isEditor={isEditor} />;
  return (
    <>
      <div className="bar">
        <Counts counts={counts} chosen={filters.status} onChoose={(status) => set("status", status)} />
        <Search text={filters.text} onText={(text) => set("q", text)} />
        {filters.tag !== undefined && (
          <button type="button" className="chip" onClick={() => set("tag", undefined)}>
            tag {filters.tag} <span aria-hidden="true">×</span>
            <span className="unseen">remove</span>
          </button>
        )}
        {isEditor && (
          <Link href="/targets/new" className="button">
            New target
          </Link>
        )}
      </div>
      <Announcements targets={targets} />
      <p className="unseen" role="status">
        {filters.text !== "" && `${shown.length} found`}
      </p>
      {overview.monitor.historyUntil !== undefined && (
        <p className="muted">
          Hours and percentages are as of <Moment at={overview.monitor.historyUntil * 1_000} />: the log sleeps, and wakes when you open a
          target.
        </p>
      )}
      <RunningMaintenance />
      {unwell.length > 0 && <NotUp targets={unwell} />}
      {shown.length === 0 ? (
        <p className="muted">No target is like that.</p>
      ) : (
        <Groups targets={shown} all={targets} isOpen={shown.length <= (filters.text === "" ? MANY : MANY_FOUND)} />
      )}
    </>
  );
}

/** So many of what is not up stand above everything, until somebody asks for the rest. */
const MOST_UNWELL = 50;

/** What is not up, the worst first; behind it what all of it has in common. */
function NotUp({ targets }: { targets: readonly OverviewTarget[] }) {
  const [isWhole, showAll] = useState(false);
  const shown = isWhole ? targets : targets.slice(0, MOST_UNWELL);
  return (
    <section aria-label="Not up">
      <ul className="unwell">
        {shown.map((target) => (
          <li key={target.id}>
            <StatusMark status={target.status} />
            <Link href={`/targets/${target.id}`}>{target.name}</Link>
            {target.group !== undefined && <span className="of">{target.group}</span>}
            <span className="reason">{target.reason}</span>
            <span className="muted">
              for <Since at={target.since * 1_000} />
            </span>
          </li>
        ))}
      </ul>
      {shown.length < targets.length && (
        <p>
          <button type="button" onClick={() => showAll(true)}>
            Show {targets.length - shown.length} more that are not up
          </button>{" "}
          <span className="muted">{commonReasons(targets)}</span>
        </p>
      )}
    </section>
  );
}

/** The three reasons that most have. */
function commonReasons(targets: readonly OverviewTarget[]): string {
  const counts = new Map<string, number>();
  for (const { reason = "" } of targets) if (reason !== "") counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3);
  return most.map(([reason, count]) => `${count} × ${reason}`).join("; ");
}

function matches({ name, group = "", tags = [], status, reason = "" }: OverviewTarget, filters: Filters): boolean {
  if (filters.status !== undefined && status !== filters.status) return false;
  if (filters.tag !== undefined && !tags.includes(filters.tag)) return false;
  const wanted = filters.text.toLowerCase();
  return wanted === "" || [name, group, reason, ...tags].some((text) => text.toLowerCase().includes(wanted));
}

function byWorst(a: OverviewTarget, b: OverviewTarget): number {
  return WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status) || b.since - a.since || a.name.localeCompare(b.name);
}

function Counts({
  counts,
  chosen,
  onChoose,
}: {
  counts: OverviewData["counts"];
  chosen: Status | undefined;
  onChoose: (status: Status | undefined) => void;
}) {
  return (
    <fieldset className="counts">
      <legend className="unseen">Show only</legend>
      {WORST_FIRST.filter((status) => (counts[status] ?? 0) > 0 || status === chosen).map((status) => (
        <button
          key={status}
          type="button"
          className="count"
          aria-pressed={status === chosen}
          onClick={() => onChoose(status === chosen ? undefined : status)}
        >
          <b>{counts[status] ?? 0}</b> <StatusMark status={status} />
        </button>
      ))}
    </fieldset>
  );
}

function Search({ text, onText }: { text: string; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(text);
  const search = useRef(onText);
  search.current = onText;
  // What comes otherwise than by typing: a link, or the way back.
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => search.current(typed), SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [typed, text]);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.closest("input, textarea, select, dialog") !== null;
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  return (
    <input
      ref={input}
      type="search"
      placeholder="Search ( / )"
      aria-label="Search names, groups, tags and reasons"
      aria-keyshortcuts="/"
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

/** While one runs, nobody is told: that must be seen where people look. */
function RunningMaintenance() {
  const { data } = useMaintenance();
  const running = data?.items.filter(({ active }) => active) ?? [];
  if (running.length === 0) return null;
  return (
    <p className="notice">
      Maintenance runs, and nothing of it is told: <Link href="/maintenance">{running.map(({ name }) => name).join(", ")}</Link>
    </p>
  );
}

/** Says aloud what changed since the last answer. */
function Announcements({ targets }: { targets: readonly OverviewTarget[] }) {
  const before = useRef<ReadonlyMap<string, Status>>(undefined);
  const [said, say] = useState("");
  useEffect(() => {
    const changed = targets.filter(({ id, status }) => before.current?.has(id) && before.current.get(id) !== status);
    before.current = new Map(targets.map(({ id, status }) => [id, status]));
    if (changed.length === 0) return;
    const words = changed
      .slice(0, 5)
      .map(({ name, status }) => `${name} is ${STATUS_WORDS[status].toLowerCase()}`)
      .join(", ");
    say(changed.length > 5 ? `${words} and ${changed.length - 5} more` : words);
  }, [targets]);
  return (
    <p className="unseen" role="status">
      {said}
    </p>
  );
}

/** A group of targets, and the groups in it: `Shop / Backend` is Backend in Shop. */
interface Group {
  readonly name: string;
  readonly path: string;
  readonly targets: OverviewTarget[];
  readonly groups: Map<string, Group>;
}

function groupsOf(targets: readonly OverviewTarget[]): Group {
  const root: Group = { name: "", path: "", targets: [], groups: new Map() };
  for (const target of targets) {
    let at = root;
    for (const name of target.group?.split(" / ") ?? []) {
      const next = at.groups.get(name) ?? { name, path: `${at.path} / ${name}`, targets: [], groups: new Map() };
      at.groups.set(name, next);
      at = next;
    }
    at.targets.push(target);
  }
  return root;
}

function allOf({ targets, groups }: Group): OverviewTarget[] {
  return [...targets, ...[...groups.values()].flatMap(allOf)];
}

/** @param targets that are shown @param all there are: a group's line tells of the whole group, whatever is searched for */
function Groups({ targets, all, isOpen }: { targets: readonly OverviewTarget[]; all: readonly OverviewTarget[]; isOpen: boolean }) {
  const root = groupsOf(targets);
  return (
    <section aria-label="All targets">
      {targets.some(({ uptime }) => uptime !== undefined && uptime !== null) && (
        <p className="muted">Bars and percentages: the last 24 hours, of the time that was seen.</p>
      )}
      <Members group={root} whole={targets.length === all.length ? root : groupsOf(all)} isOpen={isOpen || root.groups.size === 0} />
    </section>
  );
}

function Members({ group, whole, isOpen }: { group: Group; whole: Group; isOpen: boolean }) {
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  return (
    <>
      {group.targets.length > 0 && (
        <ul className="targets">
          {[...group.targets].sort(byName).map((target) => (
            <Line key={target.id} target={target} />
          ))}
        </ul>
      )}
      {[...group.groups.values()].sort(byName).map((inner) => (
        <GroupPart key={inner.path} group={inner} whole={whole.groups.get(inner.name) ?? inner} isOpen={isOpen} />
      ))}
    </>
  );
}

/** Groups that somebody opened or closed, as long as the tab is there: on the way back they are as they were left. */
const chosenGroups = new Map<string, boolean>();

function GroupPart({ group, whole, isOpen }: { group: Group; whole: Group; isOpen: boolean }) {
  const [isShown, show] = useState(chosenGroups.get(group.path) ?? isOpen);
  const before = useRef(isOpen);
  useEffect(() => {
    // What a search opens or closes is not what somebody chose.
    if (before.current !== isOpen) show(isOpen);
    before.current = isOpen;
  }, [isOpen]);
  const all = allOf(whole);
  const found = allOf(group).length;
  const strip = mergedStrip(all.flatMap(({ hours }) => (hours === undefined ? [] : [hours])));
  const up = all.filter(({ status }) => status === "up").length;
  return (
    <details
      className="group"
      open={isShown}
      onToggle={(event) => {
        const { open } = event.currentTarget;
        if (open !== isShown) chosenGroups.set(group.path, open);
        show(open);
      }}
    >
      <summary>
        <StatusMark status={worstOf(all.map(({ status }) => status))} isShort />
        <b>{group.name}</b>
        <span className="muted">
          {up} of {all.length} up{found < all.length && `, ${found} shown`}
        </span>
        {strip !== undefined && <HourStrip hours={strip} />}
      </summary>
      {/* What nobody looks at is not drawn: a thousand lines cost every letter of a search. */}
      {isShown && <Members group={group} whole={whole} isOpen={isOpen} />}
    </details>
  );
}

// What did not change between two rounds is not drawn again.
const Line = memo(
  ({ target: { id, name, status, hours, uptime, tags } }: { target: OverviewTarget }) => (
    <li className="line">
      <StatusMark status={status} isShort />
      <Link href={`/targets/${id}`}>{name}</Link>
      <span className="tags muted">{tags?.join(", ")}</span>
      {hours === undefined ? <span /> : <HourStrip hours={hours} />}
      <span className="percent">{uptime === undefined || uptime === null ? "" : percent(uptime)}</span>
    </li>
  ),
  (before, after) => JSON.stringify(before.target) === JSON.stringify(after.target),
);

function Empty({ isEditor }: { isEditor: boolean }) {
  return (
    <section className="empty">
      <h2>Nothing is watched yet</h2>
      <p>Register what must be up: a website, a port, a name, a certificate, or a job that calls when it is done.</p>
      {isEditor ? (
        <Link href="/targets/new" className="button">
          Register a target
        </Link>
      ) : (
        <p className="muted">Who has the role editor can do that.</p>
      )}
    </section>
  );
}
