import { useSearchParams } from "wouter";
import { useMaintenanceCalendar } from "../queries.ts";
import { Failure } from "./notices.tsx";
import { ZONE } from "./time.tsx";

const MONTH = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** A month of windows, in the reader's zone, by weeks that begin on Monday. `?month=2026-11` is in the address. */
export function MaintenanceCalendar() {
  const [parameters, setParameters] = useSearchParams();
  const first = monthOf(parameters.get("month"));
  const days = daysShown(first);
  const [begin = first] = days;
  const end = dayAfter(days.at(-1) ?? first);
  const { data, error } = useMaintenanceCalendar(begin.toISOString(), end.toISOString());
  const go = (months: number) => {
    const to = new Date(first.getFullYear(), first.getMonth() + months, 1);
    setParameters({ month: `${to.getFullYear()}-${String(to.getMonth() + 1).padStart(2, "0")}` }, { replace: true });
  };
  const weeks = Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
  const today = new Date().toDateString();
  return (
    <section aria-label="Calendar">
      <div className="bar">
        <button type="button" onClick={() => go(-1)}>
          <span aria-hidden="true">‹</span>
          <span className="unseen">The month before</span>
        </button>
        <h2 aria-live="polite">{MONTH.format(first)}</h2>
        <button type="button" onClick={() => go(1)}>
          <span aria-hidden="true">›</span>
          <span className="unseen">The month after</span>
        </button>
        <span className="muted">{ZONE}</span>
      </div>
      <Failure error={error} />
      <table className="calendar">
        <thead>
          <tr>
            {(weeks[0] ?? []).map((day) => (
              <th key={day.getTime()} scope="col">
                {WEEKDAY.format(day)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]?.getTime()}>
              {week.map((day) => {
                const there = (data?.items ?? []).filter(({ from, to }) => touches(day, from, to));
                return (
                  <td
                    key={day.getTime()}
                    className={`${day.getMonth() === first.getMonth() ? "" : "beside"} ${there.length === 0 ? "free" : ""}`}
                    aria-current={day.toDateString() === today ? "date" : undefined}
                  >
                    <time dateTime={isoDay(day)} title={DAY.format(day)}>
                      <span className="weekday">{WEEKDAY.format(day)} </span>
                      {day.getDate()}
                    </time>
                    {there.length > 0 && (
                      <ul>
                        {there.map(({ id, name, from, to }) => (
                          <li key={`${id} ${from}`} className="breakable">
                            <span className="muted">{hoursOn(day, from, to)}</span> {name}
                          </li>
                        ))}
                      </ul>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The first of a month, the present one where none is named. */
function monthOf(text: string | null): Date {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text ?? "") ?? [];
  const now = new Date();
  return year === undefined ? new Date(now.getFullYear(), now.getMonth(), 1) : new Date(Number(year), Number(month) - 1, 1);
}

/** Whole weeks that have the month in them. By days of the calendar, of which not all have 24 hours. */
function daysShown(first: Date): Date[] {
  const [year, month] = [first.getFullYear(), first.getMonth()];
  const before = (first.getDay() + 6) % 7;
  const count = Math.ceil((before + new Date(year, month + 1, 0).getDate()) / 7) * 7;
  return Array.from({ length: count }, (_, index) => new Date(year, month, 1 - before + index));
}

function dayAfter(day: Date): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
}

function touches(day: Date, from: string, to: string): boolean {
  return Date.parse(from) < dayAfter(day).getTime() && Date.parse(to) > day.getTime();
}

/** `02:00–03:00`, as far as it lies in the day. */
function hoursOn(day: Date, from: string, to: string): string {
  const [begins, ends] = [Date.parse(from) >= day.getTime(), Date.parse(to) <= dayAfter(day).getTime()];
  if (!begins && !ends) return "all day";
  return `${begins ? CLOCK.format(Date.parse(from)) : ""}–${ends ? CLOCK.format(Date.parse(to)) : ""}`;
}

function isoDay(day: Date): string {
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}
