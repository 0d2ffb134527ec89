import { Fragment, lazy, Suspense, useState } from "react";
import { Link, useSearchParams } from "wouter";
import type { Check, SeriesRange, Status, Target } from "../api.ts";
import type { Maintenance as MaintenanceWindow } from "../api-types.ts";
import { AuditTable } from "../parts/audit-table.tsx";
import { DayBars } from "../parts/bars.tsx";
import { Earlier } from "../parts/earlier.tsx";
import { Elsewhere } from "../parts/elsewhere.tsx";
import { IncidentTable } from "../parts/incident-table.tsx";
import { Loaded } from "../parts/notices.tsx";
import { percent } from "../parts/percent.ts";
import { milliseconds, PhaseBar, PhaseLegend } from "../parts/phases.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { StatusMark } from "../parts/status.tsx";
import { TargetActions } from "../parts/target-actions.tsx";
import { duration, Moment, Since } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { useAlerts, useChecks, useIncidents, useMaintenance, useMay, useOverview, useSeries, useSummary, useTarget } from "../queries.ts";

// The chart is loaded when there is something to draw.
const LatencyChart = lazy(async () => ({ default: (await import("../parts/chart.tsx")).LatencyChart }));

/** Everything about one target. */
export function TargetScreen({ id }: { id: string }) {
  return (
    <Loaded query={useTarget(id)} title="Target">
      {(target) => <TargetParts target={target} />}
    </Loaded>
  );
}

function TargetParts({ target }: { target: Target }) {
  const overview = useOverview();
  const reason = overview.data?.targets.find(({ id }) => id === target.id)?.reason;
  const isEditor = useMay("editor");
  const isAdmin = useMay("admin");
  const status = target.status as Status; // the API's own words
  return (
    <>
      <div className="title">
        <div>
          <Title>{target.name}</Title>
          <p className="muted breakable">
            {target.type} · {target.label}
            {list(target["tags"]).map((tag) => (
              <Fragment key={tag}>
                {" · "}
                <Link href={`/?tag=${encodeURIComponent(tag)}`}>{tag}</Link>
              </Fragment>
            ))}
          </p>
        </div>
        {isEditor && <TargetActions target={target} />}
      </div>
      <p className="state">
        <StatusMark status={status} /> for <Since at={Date.parse(target.statusSince)} />
        {reason !== undefined && status !== "up" && <span className="reason">{reason}</span>}
      </p>
      <Withheld target={target} />
      <Uptime id={target.id} created={Date.parse(target.createdAt) / 1_000} />
      <Latency id={target.id} />
      {Array.isArray(target.from) && <Elsewhere id={target.id} places={target.from.map(String)} />}
      <Checks id={target.id} />
      <Incidents id={target.id} />
      <Alerts id={target.id} />
      <Configuration target={target} />
      {isAdmin && <Changes id={target.id} />}
    </>
  );
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The windows that run for it: while one does, nobody is told, and that must be seen where people look. */
function Withheld({ target }: { target: Target }) {
  const { data } = useMaintenance();
  const running = data?.items.filter((window) => window.active && isFor(window, target)) ?? [];
  return running.map(({ id, name, kind, next }) => (
    <p key={id} className="notice">
      {kind === "silence" ? "Silenced" : "In maintenance, which is counted neither as up nor as down"}
      {next !== null && (
        <>
          {" "}
          until <Moment at={Date.parse(next.to)} />
        </>
      )}
      : nothing is told of it. <Link href="/maintenance">{name}</Link>
    </p>
  ));
}

/** Whether a window is for a target, as the API has it: groups hold the groups in them. */
function isFor(window: MaintenanceWindow, { id, tags, group }: Target): boolean {
  const own = list(tags);
  const path = typeof group === "string" ? group : "";
  return (
    window["all"] === true ||
    list(window["targets"]).includes(id) ||
    list(window["tags"]).some((tag) => own.includes(tag)) ||
    list(window["groups"]).some((each) => path === each || path.startsWith(`${each} / `))
  );
}

function Incidents({ id }: { id: string }) {
  const incidents = useIncidents({ target: id, days: 365 });
  return (
    <section>
      <h2>Incidents of a year</h2>
      <Loaded query={incidents}>{({ pages }) => <IncidentTable incidents={pages.flatMap(({ items }) => items)} isOfOne />}</Loaded>
      <Earlier of="incidents" query={incidents} />
    </section>
  );
}

const WINDOWS = { "24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days", "1y": "a year" } as const;

function Uptime({ id, created }: { id: string; created: number }) {
  return (
    <section>
      <h2>Uptime</h2>
      <Loaded query={useSeries(id, "90d")}>{(series) => <DayBars series={series} created={created} />}</Loaded>
      <Loaded query={useSummary(id)}>
        {({ windows, slo }) => (
          <Scroll label="Uptime">
            {slo !== null && (
              <p>
                Objective {slo.objectivePercent} % in {slo.windowDays} days:{" "}
                {slo.leftPercent === null ? "nothing is known yet" : `${slo.leftPercent} % of the error budget is left`}
                {slo.burning !== null && <b className="bad">, and it is spent too fast</b>}.
              </p>
            )}
            <table>
              <thead>
                <tr>
                  <th>Window</th>
                  <th>Uptime</th>
                  <th>Seen</th>
                  <th>Down</th>
                  <th>Degraded</th>
                  <th>Maintenance</th>
                  <th>Checks</th>
                  <th>Retried</th>
                  <th>Median</th>
                  <th>p95</th>
                  <th>p99</th>
                </tr>
              </thead>
              <tbody>
                {Object.entries(WINDOWS).map(([name, words]) => {
                  const window = windows[name as keyof typeof WINDOWS]; // the same names
                  return window === undefined ? null : (
                    <tr key={name}>
                      <th scope="row">{words}</th>
                      <td>{percent(window.uptimePercent)}</td>
                      <td>{percent(window.knownPercent)}</td>
                      <td>{window.downSeconds > 0 ? duration(window.downSeconds) : "–"}</td>
                      <td>{window.degradedSeconds > 0 ? duration(window.degradedSeconds) : "–"}</td>
                      <td>{window.maintenanceSeconds > 0 ? duration(window.maintenanceSeconds) : "–"}</td>
                      <td>{window.checks.toLocaleString()}</td>
                      <td>{window.retried.toLocaleString()}</td>
                      <td>{milliseconds(window.latencyMs.p50)}</td>
                      <td>{milliseconds(window.latencyMs.p95)}</td>
                      <td>{milliseconds(window.latencyMs.p99)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </Scroll>
        )}
      </Loaded>
      <p className="muted">Uptime is of the time that was seen. What nobody checked, maintenance and pauses count neither way.</p>
    </section>
  );
}

const RANGES: readonly SeriesRange[] = ["24h", "7d", "30d", "90d", "1y"];

function Latency({ id }: { id: string }) {
  const [parameters, setParameters] = useSearchParams();
  const range = RANGES.find((each) => each === parameters.get("range")) ?? "24h";
  return (
    <section>
      <div className="bar">
        <h2>Latency</h2>
        <fieldset className="counts">
          <legend className="unseen">Range</legend>
          {RANGES.map((each) => (
            <button
              key={each}
              type="button"
              className="count"
              aria-pressed={each === range}
              onClick={() => setParameters({ range: each }, { replace: true })}
            >
              {each}
            </button>
          ))}
        </fieldset>
      </div>
      <Loaded query={useSeries(id, range)}>
        {(series) =>
          series.points.some(({ latencyMs }) => latencyMs.p50 !== null) ? (
            <Suspense fallback={<div className="chart" />}>
              <LatencyChart series={series} />
            </Suspense>
          ) : (
            <p className="muted">No latency is known for this range.</p>
          )
        }
      </Loaded>
    </section>
  );
}

function Checks({ id }: { id: string }) {
  const [isFailedOnly, setFailedOnly] = useState(false);
  const checks = useChecks(id, isFailedOnly);
  return (
    <section>
      <div className="bar">
        <h2>Checks</h2>
        <label className="check">
          <input type="checkbox" checked={isFailedOnly} onChange={(event) => setFailedOnly(event.currentTarget.checked)} /> only those that
          failed
        </label>
      </div>
      <Loaded query={checks}>
        {({ pages }) => <CheckTable checks={pages.flatMap(({ items }) => items)} isFailedOnly={isFailedOnly} />}
      </Loaded>
      <Earlier of="checks" query={checks} />
    </section>
  );
}

function CheckTable({ checks, isFailedOnly }: { checks: readonly Check[]; isFailedOnly: boolean }) {
  if (checks.length === 0) return <p className="muted">{isFailedOnly ? "None failed in the last day." : "None in the last day."}</p>;
  const scaleMs = Math.max(...checks.map(({ latencyMs }) => latencyMs ?? 0));
  return (
    <>
      <Scroll label="Checks">
        <table>
          <thead>
            <tr>
              <th>At</th>
              <th>Result</th>
              <th>Took</th>
              <th>Phases</th>
              <th>What there is to say</th>
              <th>Address</th>
            </tr>
          </thead>
          <tbody>
            {checks.map((check) => (
              <tr key={check.at}>
                <td>
                  <Moment at={Date.parse(check.at)} />
                </td>
                <td>
                  <StatusMark status={check.status} />
                </td>
                <td>{milliseconds(check.latencyMs)}</td>
                <td>
                  <PhaseBar phases={check.phases} scaleMs={scaleMs} />
                </td>
                <td className="breakable">{wordsOf(check)}</td>
                <td className="muted">{check.address}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <PhaseLegend />
    </>
  );
}

function wordsOf({ error, note, httpStatus, passedAfterRetry, certificateDaysLeft }: Check): string {
  return [
    error?.text,
    note,
    error === null && httpStatus !== null ? `status ${httpStatus}` : undefined,
    passedAfterRetry ? "passed after a retry" : undefined,
    certificateDaysLeft === null ? undefined : `certificate: ${certificateDaysLeft} days`,
  ]
    .filter((part) => part !== undefined && part !== null)
    .join(", ");
}

const OUTCOMES = { waiting: "waits", sent: "told", failed: "failed", folded: "told by a later message", hidden: "not told" } as const;

function Alerts({ id }: { id: string }) {
  return (
    <section>
      <h2>Told, and not told</h2>
      <Loaded query={useAlerts(id)}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">Its status has not changed yet.</p>
          ) : (
            <Scroll label="Alerts">
              <table>
                <thead>
                  <tr>
                    <th>At</th>
                    <th>What</th>
                    <th>Why</th>
                    <th>Channels</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ at, kind, from, to, error, deliveries }) => (
                    <tr key={at}>
                      <td>
                        <Moment at={Date.parse(at)} />
                      </td>
                      <td>{kind === "status" ? `${from} → ${to}` : kind}</td>
                      <td className="breakable">{error}</td>
                      <td>
                        {deliveries.length === 0
                          ? "nobody was to be told"
                          : deliveries.map(({ channel, outcome, error: problem, nextAttemptAt }) => (
                              <div key={channel}>
                                {channel}: {OUTCOMES[outcome]}
                                {problem !== null && (outcome === "sent" ? `, held back until then: ${problem}` : ` (${problem})`)}
                                {nextAttemptAt !== null && (
                                  <>
                                    , again at <Moment at={Date.parse(nextAttemptAt)} />
                                  </>
                                )}
                              </div>
                            ))}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )
        }
      </Loaded>
    </section>
  );
}

/** Shown elsewhere on the page. */
const SHOWN = new Set(["id", "name", "type", "label", "status", "statusSince", "version", "createdAt", "updatedAt"]);

function Configuration({ target }: { target: Target }) {
  const fields = Object.entries(target).filter(([name]) => !SHOWN.has(name));
  return (
    <section>
      <details>
        <summary>
          <h2>Configuration</h2>
        </summary>
        <dl className="fields">
          {fields.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="breakable">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
        <p className="muted">
          Version {target.version}, changed <Moment at={Date.parse(target.updatedAt)} />, registered{" "}
          <Moment at={Date.parse(target.createdAt)} />.
        </p>
      </details>
    </section>
  );
}

/** Who changed the target, and what: read when somebody looks. */
function Changes({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <section>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2>Changes</h2>
        </summary>
        {isOpen && <AuditTable of={`target:${id}`} />}
      </details>
    </section>
  );
}
