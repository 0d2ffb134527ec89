import { Link, useLocation, useSearchParams } from "wouter";
import { answered, api } from "../api.ts";
import type { ManualIncident } from "../api-types.ts";
import { Earlier } from "../parts/earlier.tsx";
import { IncidentTable } from "../parts/incident-table.tsx";
import { Loaded } from "../parts/notices.tsx";
import { ObjectForm } from "../parts/object-form.tsx";
import { Fields } from "../parts/schema-field.tsx";
import { Moment } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { useBodySchema, useIncidents, useMay } from "../queries.ts";

const STATES = ["open", "closed"] as const;
/** How far back one looks, in days. */
const SPANS = { 30: "30 days", 90: "90 days", 365: "a year" } as const;

/** When targets were down. */
export function Incidents() {
  const [parameters, setParameters] = useSearchParams();
  const isEditor = useMay("editor");
  const state = STATES.find((each) => each === parameters.get("state"));
  const days =
    Object.keys(SPANS)
      .map(Number)
      .find((each) => String(each) === parameters.get("days")) ?? 30;
  const set = (name: string, value: string | undefined) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === undefined) after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  const incidents = useIncidents({ state, days });
  return (
    <>
      <div className="bar">
        <Title>Incidents</Title>
        <fieldset className="counts">
          <legend className="unseen">Show only</legend>
          {STATES.map((each) => (
            <button
              key={each}
              type="button"
              className="count"
              aria-pressed={each === state}
              onClick={() => set("state", each === state ? undefined : each)}
            >
              {each}
            </button>
          ))}
        </fieldset>
      </div>
      <p className="muted">
        <label>
          Of the last{" "}
          <select
            value={days}
            onChange={(event) => set("days", event.currentTarget.value === "30" ? undefined : event.currentTarget.value)}
          >
            {Object.entries(SPANS).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        , open ones first.
      </p>
      <Loaded query={incidents}>
        {({ pages }) => (
          <>
            <Opened incidents={pages.flatMap(({ manual }) => manual)} />
            <IncidentTable incidents={pages.flatMap(({ items }) => items)} />
          </>
        )}
      </Loaded>
      <Earlier of="incidents" query={incidents} />
      {isEditor && <OpenIncident />}
    </>
  );
}

/** Those that somebody opened. */
function Opened({ incidents }: { incidents: readonly ManualIncident[] }) {
  if (incidents.length === 0) return null;
  return (
    <ul className="channels">
      {incidents.map(({ id, title, status, startedAt, public: isPublic }) => (
        <li key={id}>
          <Link href={`/incidents/${id}`} className="breakable">
            {title}
          </Link>{" "}
          <b>{status}</b>{" "}
          <span className="muted">
            opened <Moment at={Date.parse(startedAt)} />
            {isPublic && ", public"}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What no check sees. */
function OpenIncident() {
  const [, navigate] = useLocation();
  return (
    <details>
      <summary>
        <h2>Open one for what no check sees</h2>
      </summary>
      <Loaded query={useBodySchema("/incidents")}>
        {(schema) => (
          <ObjectForm
            start={{}}
            listKey="incidents"
            verb="Open it"
            send={async ({ config }) => {
              const { id } = await answered(api.POST("/incidents", { body: config as never })); // the API says what is wrong with it
              navigate(`/incidents/${id}`);
            }}
          >
            {({ config, errors, set }) => <Fields schema={schema} path="" value={config} errors={errors} onChange={set} />}
          </ObjectForm>
        )}
      </Loaded>
    </details>
  );
}
