import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { ApiError, answered, api, type OverviewTarget } from "../api.ts";
import type { Maintenance as Window } from "../api-types.ts";
import { busy } from "../parts/busy.ts";
import { Conflict, ifMatch } from "../parts/conflict.tsx";
import { useFieldErrors } from "../parts/field-errors.ts";
import { MaintenanceCalendar } from "../parts/maintenance-calendar.tsx";
import { Failure, Loaded } from "../parts/notices.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { TargetsField } from "../parts/target-field.tsx";
import { Moment, ZONE } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { mayDrop, mayLeave, useUnsaved } from "../parts/unsaved.ts";
import { useMaintenance, useMay, useOverview } from "../queries.ts";

/** When checks go on and nothing is told. */
export function Maintenance() {
  const isEditor = useMay("editor");
  const query = useMaintenance();
  // Each form begins anew, with the window as it was then.
  const [{ edited, attempt }, setForm] = useState<{ edited: Window | undefined; attempt: number }>({ edited: undefined, attempt: 0 });
  const edit = (window?: Window) => setForm({ edited: window, attempt: attempt + 1 });
  const takeTheirs = async () => {
    const { data } = await query.refetch();
    edit(data?.items.find(({ id }) => id === edited?.id));
  };
  return (
    <>
      <Title>Maintenance</Title>
      <p className="muted">Checks go on and nothing is told. What is still wrong when it ends is told then; what is over by then is not.</p>
      <Loaded query={query}>
        {({ items }) => <Windows windows={items} isEditor={isEditor} onEdit={(window) => mayLeave() && edit(window)} />}
      </Loaded>
      <MaintenanceCalendar />
      {isEditor && <WindowForm key={attempt} window={edited} onDone={() => edit()} onTheirs={() => void takeTheirs()} />}
    </>
  );
}

/** What one is of, in words. */
function scopeOf({ all, targets, tags, groups }: Window): string {
  if (all === true) return "everything";
  const count = (values: unknown) => (Array.isArray(values) ? values.length : 0);
  const list = (values: unknown) => (Array.isArray(values) ? values.join(", ") : "");
  return [
    count(targets) > 0 && `${count(targets)} ${count(targets) === 1 ? "target" : "targets"}`,
    count(tags) > 0 && `tag ${list(tags)}`,
    count(groups) > 0 && `group ${list(groups)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

function Windows({ windows, isEditor, onEdit }: { windows: readonly Window[]; isEditor: boolean; onEdit: (window: Window) => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => answered(api.DELETE("/maintenance/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["maintenance"] }),
  });
  if (windows.length === 0) return <p className="muted">None is announced.</p>;
  return (
    <Scroll label="Windows">
      <Failure error={remove.error} />
      <table className="stacked">
        <thead>
          <tr>
            <th>Name</th>
            <th>Of</th>
            <th>From</th>
            <th>To</th>
            <th>Repeats</th>
            <th>
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {windows.map((window) => (
            <tr key={window.id}>
              <td className="breakable">
                {window.name} {window["kind"] === "silence" && <span className="muted">silence</span>}{" "}
                {window.active && <b className="good">runs</b>}
              </td>
              <td data-label="Of" className="breakable">
                {scopeOf(window)}
              </td>
              <td data-label="From">{window.next === null ? "over" : <Moment at={Date.parse(window.next.from)} />}</td>
              <td data-label="To">{window.next !== null && <Moment at={Date.parse(window.next.to)} />}</td>
              <td data-label="Repeats">{repeats(window)}</td>
              <td>
                {isEditor && (
                  <div className="actions">
                    <button type="button" onClick={() => onEdit(window)}>
                      Edit <span className="unseen">{window.name}</span>
                    </button>
                    <button
                      type="button"
                      className="danger"
                      {...busy(remove.isPending)}
                      onClick={() => confirm(questionOf(window)) && remove.mutate(window.id)}
                    >
                      {window.active ? "End" : "Delete"} <span className="unseen">{window.name}</span>
                    </button>
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function questionOf({ name, active }: Window): string {
  return active ? `End ${name} now? What is wrong is told at once.` : `Delete ${name}? It will not be held back for it.`;
}

function repeats(window: Window): string {
  const weekly = window["weekly"] as { days: string[]; at: string } | undefined; // as the API describes its input
  return weekly === undefined
    ? "once"
    : `${weekly.days.map((day) => day.slice(0, 3)).join(", ")} at ${weekly.at} (${String(window["timeZone"])})`;
}

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const HOUR_MS = 3_600_000;

/** As `datetime-local` has it, in the reader's zone. */
function localTime(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

/** Names between commas. One that there is may hold commas itself. @param known the names that there are */
function namesIn(text: string, known: readonly string[]): string[] {
  const parts = text.split(",");
  const names: string[] = [];
  for (let from = 0; from < parts.length; ) {
    // The longest name that there is, else what stands up to the next comma.
    const ends = Array.from({ length: parts.length - from }, (_, index) => parts.length - index);
    const end = ends.find((each) => known.includes(parts.slice(from, each).join(",").trim())) ?? from + 1;
    const name = parts.slice(from, end).join(",").trim();
    if (name !== "") names.push(name);
    from = end;
  }
  return names;
}

/** A moment as it was written; what is none is the API's to say. */
function momentOf(local: string): string {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) || date.getFullYear() > 9_999 ? local : date.toISOString();
}

/** What a form begins with: a new window, or one that is there. */
function startOf(window: Window | undefined) {
  const { once, weekly } = (window ?? {}) as {
    once?: { from: string; to: string };
    weekly?: { days: (typeof DAYS)[number][]; at: string; durationMinutes: number };
  }; // as the API describes its input
  const lists = ["targets", "tags", "groups"] as const;
  const named = lists.filter((scope) => listIn(window, scope).length > 0);
  return {
    scope:
      window === undefined
        ? ("targets" as const)
        : window["all"] === true
          ? ("all" as const)
          : named.length === 1
            ? (named[0] ?? "all")
            : ("as it is" as const),
    targets: listIn(window, "targets"),
    kind: window?.["kind"] === "silence" ? ("silence" as const) : ("maintenance" as const),
    named: [...listIn(window, "tags"), ...listIn(window, "groups")].join(", "),
    from: localTime(once === undefined ? Date.now() : Date.parse(once.from)),
    to: localTime(once === undefined ? Date.now() + HOUR_MS : Date.parse(once.to)),
    isWeekly: weekly !== undefined,
    days: weekly?.days ?? (["sunday"] as const),
    at: weekly?.at ?? "02:00",
    minutes: String(weekly?.durationMinutes ?? 60),
    zone: weekly === undefined ? ZONE : String(window?.["timeZone"]),
  };
}

function listIn(window: Window | undefined, name: "targets" | "tags" | "groups"): string[] {
  const list = window?.[name];
  return Array.isArray(list) ? list.map(String) : [];
}

/** Tags and groups that there are, with the groups that hold others. */
function namesOf(targets: readonly Pick<OverviewTarget, "tags" | "group">[]): Record<"tags" | "groups", string[]> {
  const groups = targets.flatMap(({ group }) => {
    const parts = group?.split(" / ") ?? [];
    return parts.map((_, index) => parts.slice(0, index + 1).join(" / "));
  });
  return { tags: [...new Set(targets.flatMap(({ tags = [] }) => tags))].sort(), groups: [...new Set(groups)].sort() };
}

/** Tags or groups by their names, with a word where nothing has one. */
function NamedField({
  scope,
  named,
  wrong,
  onNamed,
}: {
  scope: "tags" | "groups";
  named: string;
  wrong: object;
  onNamed: (named: string) => void;
}) {
  const id = useId();
  const known = namesOf(useOverview().data?.targets ?? [])[scope];
  const strange = namesIn(named, known).filter((each) => !known.includes(each));
  return (
    <>
      <label>
        {scope === "tags" ? "Tags" : "Groups"}, with commas{" "}
        <input value={named} required {...wrong} onChange={(event) => onNamed(event.currentTarget.value)} list={id} />
      </label>
      <datalist id={id}>
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      {strange.length > 0 && <b className="bad">No target has {strange.join(", ")} now.</b>}
    </>
  );
}

/** What of a form is of when a window is, and of what. */
type Written = Pick<ReturnType<typeof startOf>, "scope" | "named" | "isWeekly" | "at" | "minutes" | "from" | "to"> & {
  readonly targets: readonly string[];
  readonly days: readonly (typeof DAYS)[number][];
};

/** What is sent of a form: all of it, and what was changed: seconds, and the second of two hours, stand in no field. */
function changesOf(written: Written, start: ReturnType<typeof startOf>, knownOf: (scope: "tags" | "groups") => string[]) {
  const { scope, targets, named, isWeekly, days, at, minutes, from, to } = written;
  const scoped =
    scope === "targets"
      ? { targets: [...targets] }
      : scope === "tags" || scope === "groups"
        ? { [scope]: namesIn(named, knownOf(scope)) }
        : {};
  const of = scope === "as it is" ? {} : { all: scope === "all", targets: [], tags: [], groups: [], ...scoped };
  const time = isWeekly
    ? { weekly: { days: [...days], at, durationMinutes: Number(minutes) }, timeZone: start.zone }
    : { once: { from: momentOf(from), to: momentOf(to) } };
  const isSame = (pick: (form: Written) => unknown) => JSON.stringify(pick(written)) === JSON.stringify(pick(start));
  const isOfSame = scope === "as it is" || isSame((form) => [form.scope, form.targets, form.named]);
  const isAtSame = isSame((form) => [form.isWeekly, ...(isWeekly ? [form.days, form.at, form.minutes] : [form.from, form.to])]);
  return {
    of: { whole: of, changed: isOfSame ? undefined : of },
    time: { whole: time, changed: isAtSame ? undefined : { ...time, ...(isWeekly ? { once: null } : { weekly: null }) } },
  };
}

/** Announces a window, or changes one. */
function WindowForm({ window, onDone, onTheirs }: { window: Window | undefined; onDone: () => void; onTheirs: () => void }) {
  const queries = useQueryClient();
  const [start] = useState(() => startOf(window));
  const [name, setName] = useState(window?.name ?? "");
  const [scope, setScope] = useState<(typeof SCOPES)[number] | "as it is">(start.scope);
  const [targets, setTargets] = useState<readonly string[]>(start.targets);
  const [kind, setKind] = useState<"maintenance" | "silence">(start.kind);
  const [named, setNamed] = useState(start.named);
  const [isWeekly, setWeekly] = useState(start.isWeekly);
  const [from, setFrom] = useState(start.from);
  const [to, setTo] = useState(start.to);
  const [days, setDays] = useState<readonly (typeof DAYS)[number][]>(start.days);
  const [at, setAt] = useState(start.at);
  const [minutes, setMinutes] = useState(start.minutes);
  const form = useRef<HTMLFormElement>(null);
  const isNew = window === undefined;
  useEffect(() => {
    if (!isNew) form.current?.querySelector("input")?.focus();
  }, [isNew]);
  const { data: overview } = useOverview();
  const written = { scope, targets, named, isWeekly, days, at, minutes, from, to };
  const { of, time } = changesOf(written, start, (each) => [...namesOf(overview?.targets ?? [])[each], ...listIn(window, each)]);
  const make = useMutation<unknown, Error, boolean>({
    mutationFn: (isForced: boolean) => {
      if (window === undefined) return answered(api.POST("/maintenance", { body: { name, kind, ...of.whole, ...time.whole } }));
      const headers = ifMatch(window["version"], isForced);
      const patch = { name, kind, ...of.changed, ...time.changed };
      return answered(api.PATCH("/maintenance/{id}", { params: { path: { id: window.id } }, headers, body: patch }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["maintenance"] });
      onDone();
    },
  });
  const isOther = name !== (window?.name ?? "") || kind !== start.kind;
  const isChanged = (isOther || of.changed !== undefined || time.changed !== undefined) && !make.isSuccess;
  useUnsaved(isChanged);
  const { id: errorId, wrong } = useFieldErrors(make.error);
  return (
    <section>
      <h2>{isNew ? "Announce one" : `Change ${window.name}`}</h2>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate(false);
        }}
      >
        <div className="field">
          <label htmlFor="window-name">Name</label>
          <input id="window-name" value={name} required {...wrong("name")} onChange={(event) => setName(event.currentTarget.value)} />
        </div>
        {scope === "targets" && (
          <TargetsField
            name="targets"
            schema={{ type: "array" }}
            path="targets"
            value={[...targets]}
            errors={make.error instanceof ApiError ? make.error.fields : new Map()}
            onChange={(value) => setTargets(Array.isArray(value) ? value.map(String) : [])}
          />
        )}
        <div className="bar">
          <label>
            Kind{" "}
            <select value={kind} onChange={(event) => setKind(event.currentTarget.value === "silence" ? "silence" : "maintenance")}>
              <option>maintenance</option>
              <option>silence</option>
            </select>
          </label>
          <span className="muted">
            {kind === "silence" ? "It counts, and nobody is told." : "It is not counted, and status pages show it."}
          </span>
          <label>
            Of{" "}
            <select value={scope} onChange={(event) => setScope(SCOPES.find((each) => each === event.currentTarget.value) ?? "as it is")}>
              {start.scope === "as it is" && <option>as it is</option>}
              <option value="all">everything</option>
              <option value="targets">targets</option>
              <option value="tags">tags</option>
              <option value="groups">groups</option>
            </select>
          </label>
          {(scope === "tags" || scope === "groups") && <NamedField scope={scope} named={named} wrong={wrong(scope)} onNamed={setNamed} />}
          <label>
            <input type="checkbox" checked={isWeekly} onChange={(event) => setWeekly(event.currentTarget.checked)} /> every week
          </label>
        </div>
        {isWeekly ? (
          <div className="bar">
            {DAYS.map((day) => (
              <label key={day}>
                <input
                  type="checkbox"
                  checked={days.includes(day)}
                  onChange={(event) => setDays(event.currentTarget.checked ? [...days, day] : days.filter((each) => each !== day))}
                />{" "}
                {day}
              </label>
            ))}
            <label>
              at <input type="time" value={at} required onChange={(event) => setAt(event.currentTarget.value)} />
            </label>
            <label>
              for{" "}
              <input
                type="number"
                min="1"
                max="10080"
                value={minutes}
                required
                onChange={(event) => setMinutes(event.currentTarget.value)}
              />{" "}
              minutes
            </label>
            <span className="muted">{start.zone}</span>
          </div>
        ) : (
          <div className="bar">
            <label>
              From <input type="datetime-local" value={from} required onChange={(event) => setFrom(event.currentTarget.value)} />
            </label>
            <label>
              to{" "}
              <input type="datetime-local" value={to} required {...wrong("once")} onChange={(event) => setTo(event.currentTarget.value)} />
            </label>
            <span className="muted">{ZONE}</span>
          </div>
        )}
        <Conflict error={make.error} id={errorId} onMine={() => make.mutate(true)} onTheirs={onTheirs} />
        <button type="submit" {...busy(make.isPending)}>
          {isNew ? "Announce" : "Save"}
        </button>
        {!isNew && (
          <button type="button" onClick={() => mayDrop(isChanged) && onDone()}>
            Cancel
          </button>
        )}
      </form>
    </section>
  );
}

const SCOPES = ["all", "targets", "tags", "groups"] as const;
