import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, answered, api } from "../api.ts";
import type { Maintenance as Window } from "../api-types.ts";
import { busy } from "../parts/busy.ts";
import { MaintenanceCalendar } from "../parts/maintenance-calendar.tsx";
import { Failure, Loaded } from "../parts/notices.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { TargetsField } from "../parts/target-field.tsx";
import { Moment, ZONE } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { useMaintenance, useMay } from "../queries.ts";

/** When checks go on and nothing is told. */
export function Maintenance() {
  const isEditor = useMay("editor");
  return (
    <>
      <Title>Maintenance</Title>
      <p className="muted">Checks go on and nothing is told. What is still wrong when it ends is told then; what is over by then is not.</p>
      <Loaded query={useMaintenance()}>{({ items }) => <Windows windows={items} isEditor={isEditor} />}</Loaded>
      <MaintenanceCalendar />
      {isEditor && <NewWindow />}
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

function Windows({ windows, isEditor }: { windows: readonly Window[]; isEditor: boolean }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => answered(api.DELETE("/maintenance/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["maintenance"] }),
  });
  if (windows.length === 0) return <p className="muted">None is announced.</p>;
  return (
    <Scroll label="Windows">
      <Failure error={remove.error} />
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Of</th>
            <th>From ({ZONE})</th>
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
              <td className="breakable">{scopeOf(window)}</td>
              <td>{window.next === null ? "over" : <Moment at={Date.parse(window.next.from)} />}</td>
              <td>{window.next !== null && <Moment at={Date.parse(window.next.to)} />}</td>
              <td>{repeats(window)}</td>
              <td>
                {isEditor && (
                  <button
                    type="button"
                    className="danger"
                    {...busy(remove.isPending)}
                    onClick={() => confirm(questionOf(window)) && remove.mutate(window.id)}
                  >
                    {window.active ? "End" : "Delete"} <span className="unseen">{window.name}</span>
                  </button>
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

const lines = (text: string) => text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));

function NewWindow() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<(typeof SCOPES)[number]>("all");
  const [targets, setTargets] = useState<readonly string[]>([]);
  const [kind, setKind] = useState<"maintenance" | "silence">("maintenance");
  const [named, setNamed] = useState("");
  const [isWeekly, setWeekly] = useState(false);
  const [from, setFrom] = useState(() => localTime(Date.now()));
  const [to, setTo] = useState(() => localTime(Date.now() + HOUR_MS));
  const [days, setDays] = useState<readonly (typeof DAYS)[number][]>(["sunday"]);
  const [at, setAt] = useState("02:00");
  const [minutes, setMinutes] = useState("60");
  const make = useMutation({
    mutationFn: () =>
      answered(
        api.POST("/maintenance", {
          body: {
            name,
            kind,
            ...(scope === "all" ? { all: true } : { [scope]: scope === "targets" ? [...targets] : lines(named) }),
            ...(isWeekly
              ? { weekly: { days: [...days], at, durationMinutes: Number(minutes) }, timeZone: ZONE }
              : { once: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } }),
          },
        }),
      ),
    onSuccess: async () => {
      setName("");
      await queries.invalidateQueries({ queryKey: ["maintenance"] });
    },
  });
  const isWrong = (field: string) => make.error instanceof ApiError && [...make.error.fields.keys()].some((each) => each.startsWith(field));
  return (
    <section>
      <h2>Announce one</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <div className="field">
          <label htmlFor="window-name">Name</label>
          <input
            id="window-name"
            value={name}
            required
            aria-invalid={isWrong("name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
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
            <select value={scope} onChange={(event) => setScope(SCOPES.find((each) => each === event.currentTarget.value) ?? "all")}>
              <option value="all">everything</option>
              <option value="targets">targets</option>
              <option value="tags">tags</option>
              <option value="groups">groups</option>
            </select>
          </label>
          {(scope === "tags" || scope === "groups") && (
            <label>
              {scope === "tags" ? "Tags" : "Groups"}, with commas{" "}
              <input value={named} required aria-invalid={isWrong(scope)} onChange={(event) => setNamed(event.currentTarget.value)} />
            </label>
          )}
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
            <span className="muted">{ZONE}</span>
          </div>
        ) : (
          <div className="bar">
            <label>
              From <input type="datetime-local" value={from} required onChange={(event) => setFrom(event.currentTarget.value)} />
            </label>
            <label>
              to{" "}
              <input
                type="datetime-local"
                value={to}
                required
                aria-invalid={isWrong("once")}
                onChange={(event) => setTo(event.currentTarget.value)}
              />
            </label>
            <span className="muted">{ZONE}</span>
          </div>
        )}
        <Failure error={make.error} />
        <button type="submit" {...busy(make.isPending)}>
          Announce
        </button>
      </form>
    </section>
  );
}

const SCOPES = ["all", "targets", "tags", "groups"] as const;
