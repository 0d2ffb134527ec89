import { Link } from "wouter";
import type { Incident } from "../api.ts";
import { Scroll } from "./scroll.tsx";
import { StatusMark } from "./status.tsx";
import { duration, Moment } from "./time.tsx";

/** @param isOfOne target, whose name need not be said */
export function IncidentTable({ incidents, isOfOne = false }: { incidents: readonly Incident[]; isOfOne?: boolean }) {
  if (incidents.length === 0) return <p className="muted">None in the last 30 days.</p>;
  return (
    <Scroll label="Incidents">
      <table>
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
                <td>
                  <Link href={`/targets/${target.id}`}>{target.name}</Link>
                </td>
              )}
              <td>
                <Link href={`/incidents/${id}`}>
                  <Moment at={Date.parse(startedAt)} />
                </Link>
              </td>
              <td>
                {duration(durationSeconds)}
                {endedAt === null && <b className="open"> so far</b>}
              </td>
              <td className="breakable">
                {severity === "degraded" && <StatusMark status="degraded" />} {error?.text}
              </td>
              <td>{endedBy ?? (acknowledged === null ? "" : <span className="muted">{acknowledged.by} is on it</span>)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
