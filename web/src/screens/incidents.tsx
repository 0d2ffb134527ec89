import { useSearchParams } from "wouter";
import { IncidentTable } from "../parts/incident-table.tsx";
import { Loaded } from "../parts/notices.tsx";
import { useIncidents } from "../queries.ts";

const STATES = ["open", "closed"] as const;

/** When targets were down. */
export function Incidents() {
  const [parameters, setParameters] = useSearchParams();
  const state = STATES.find((each) => each === parameters.get("state"));
  return (
    <>
      <div className="bar">
        <h1>Incidents</h1>
        <fieldset className="counts">
          <legend className="unseen">Show only</legend>
          {STATES.map((each) => (
            <button
              key={each}
              type="button"
              className="count"
              aria-pressed={each === state}
              onClick={() => setParameters(each === state ? {} : { state: each }, { replace: true })}
            >
              {each}
            </button>
          ))}
        </fieldset>
      </div>
      <p className="muted">Of the last 30 days, the newest first.</p>
      <Loaded query={useIncidents(undefined, state)}>{({ items }) => <IncidentTable incidents={items} />}</Loaded>
    </>
  );
}
