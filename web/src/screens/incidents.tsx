import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { answered, api } from "../api.ts";
import type { ManualIncident } from "../api-types.ts";
import { IncidentTable } from "../parts/incident-table.tsx";
import { Failure, Loaded } from "../parts/notices.tsx";
import { Moment } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { useIncidents, useMay } from "../queries.ts";

const STATES = ["open", "closed"] as const;

/** When targets were down. */
export function Incidents() {
  const [parameters, setParameters] = useSearchParams();
  const isEditor = useMay("editor");
  const state = STATES.find((each) => each === parameters.get("state"));
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
              onClick={() => setParameters(each === state ? {} : { state: each }, { replace: true })}
            >
              {each}
            </button>
          ))}
        </fieldset>
      </div>
      <p className="muted">Of the last 30 days, open ones first.</p>
      <Loaded query={useIncidents(undefined, state)}>
        {({ items, manual }) => (
          <>
            <Opened incidents={manual} />
            <IncidentTable incidents={items} />
          </>
        )}
      </Loaded>
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
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [isPublic, setPublic] = useState(false);
  const open = useMutation({
    mutationFn: () => answered(api.POST("/incidents", { body: { title, text, public: isPublic } })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["incidents"] });
      navigate(`/incidents/${id}`);
    },
  });
  return (
    <details>
      <summary>
        <h2>Open one for what no check sees</h2>
      </summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate();
        }}
      >
        <div className="field">
          <label htmlFor="incident-title">Title</label>
          <input id="incident-title" value={title} required maxLength={200} onChange={(event) => setTitle(event.currentTarget.value)} />
        </div>
        <div className="field">
          <label htmlFor="incident-text">What is known</label>
          <textarea id="incident-text" rows={3} value={text} required onChange={(event) => setText(event.currentTarget.value)} />
        </div>
        <div className="actions">
          <label>
            <input type="checkbox" checked={isPublic} onChange={(event) => setPublic(event.currentTarget.checked)} /> public
          </label>
          <button type="submit" className="main" disabled={open.isPending}>
            Open it
          </button>
        </div>
        <Failure error={open.error} />
      </form>
    </details>
  );
}
