import { Link } from "wouter";
import type { Incident } from "../api.ts";
import { Scroll } from "./scroll.tsx";
import { StatusMark } from "./status.tsx";
import { duration, Moment } from "./time.tsx";

/** @param isOfOne target, whose name need not be said */
export function IncidentTable({ incidents, isOfOne = false }: { incidents: readonly Incident[]; isOfOne?: boolean }) {
  if (incidents.length === 0) return <p className="muted">There was none.</p>;
  return (
    <Scroll label="Incidents">
      <table className="stacked">
        <thead>
          <tr>
            {!isOfOne && <th>Target</th>}
            <th>Began</th>
            <th>Lasted</th>
            <th>Why</th>
            <th>Ended by</th>
          </tr>
        </thead>
        <tbody>
          {incidents.map(({ id, target, startedAt, endedAt, endedBy, durationSeconds, error, severity, acknowledged }) => (
            <tr key={id}>
              {!isOfOne && (
                <td data-label="Target">
                  <Link href={`/targets/${target.id}`}>{target.name}</Link>
                </td>
              )}
              <td data-label="Began">
                <Link href={`/incidents/${id}`}>
                  <Moment at={Date.parse(startedAt)} />
                </Link>
              </td>
              <td data-label="Lasted">
                {duration(durationSeconds)}
                {endedAt === null && <b className="open"> so far</b>}
              </td>
              <td data-label="Why" className="breakable">
                {severity === "degraded" && <StatusMark status="degraded" />} {error?.text}
              </td>
              <td data-label="Ended by">
                {endedBy ?? (acknowledged === null ? "" : <span className="muted">{acknowledged.by} is on it</span>)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
