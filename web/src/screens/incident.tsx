import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Fragment, useId, useState } from "react";
import { Link, useLocation } from "wouter";
import { answered, api } from "../api.ts";
import type { IncidentDetail, ManualIncident } from "../api-types.ts";
import { busy } from "../parts/busy.ts";
import { CheckOutcome } from "../parts/check-outcome.tsx";
import { Failure, Loaded } from "../parts/notices.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { StatusMark } from "../parts/status.tsx";
import { duration, Moment } from "../parts/time.tsx";
import { Title, useTabTitle } from "../parts/title.tsx";
import { useUnsaved } from "../parts/unsaved.ts";
import { useIncident, useMay, useOverview } from "../queries.ts";

/** One incident: what happened, what was told of it, who takes care of it. */
export function IncidentScreen({ id }: { id: string }) {
  return (
    <Loaded query={useIncident(id)} title="Incident">
      {(incident) => ("timeline" in incident ? <Found incident={incident} /> : <Manual incident={incident} />)}
    </Loaded>
  );
}

function useIncidentAction<Input>(act: (input: Input) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: act, onSuccess: () => queries.invalidateQueries({ queryKey: ["incidents"] }) });
}

function Found({ incident }: { incident: IncidentDetail }) {
  const { id, target, startedAt, endedAt, endedBy, durationSeconds, error, severity, acknowledged, timeline, others, othersCount, round } =
    incident;
  const isEditor = useMay("editor");
  const overview = useOverview();
  const isOfHeartbeat = overview.data?.targets.find((each) => each.id === target.id)?.type === "heartbeat";
  useTabTitle(`${target.name} ${endedAt === null ? "is" : "was"} ${severity}`);
  return (
    <>
      <h1>
        <Link href={`/targets/${target.id}`}>{target.name}</Link> {endedAt === null ? "is" : "was"} {severity}
      </h1>
      <p className="notice breakable">
        {error === null ? "" : `${error.text}. `}Since <Moment at={Date.parse(startedAt)} />, for {duration(durationSeconds)}
        {endedBy !== null && ` until it was ${endedBy}`}.{" "}
        {acknowledged !== null && (
          <b>
            {acknowledged.by} takes care of it since <Moment at={Date.parse(acknowledged.at)} />.
          </b>
        )}
      </p>
      <Actions id={id} isOpen={endedAt === null} isAcknowledged={acknowledged !== null} isOfHeartbeat={isOfHeartbeat} />
      {isEditor && (
        <details>
          <summary>Tell the public</summary>
          {/* What is said of one that is over stands behind its end. */}
          <UpdateForm
            key={endedAt === null ? "open" : "over"}
            id={id}
            label="What status pages say of it"
            {...(endedAt === null ? { phases: OPEN_PHASES, ...lastSaid(timeline) } : { phases: OVER_PHASES, start: "monitoring" as const })}
            isOfPublic
            canHide={false}
          />
        </details>
      )}
      <h2>What happened</h2>
      <ol className="timeline">
        {timeline.map(({ at, what, who, text }) => (
          <li key={`${at} ${what} ${who ?? ""} ${text ?? ""}`}>
            <Moment at={Date.parse(at)} /> <b>{what}</b> {who !== null && <span className="muted">{who}</span>}{" "}
            <span className="breakable">{text}</span>
          </li>
        ))}
      </ol>
      {othersCount > 0 && (
        <>
          <h2>What else went down in the same round</h2>
          <ul>
            {others.map((other) => (
              <li key={other.id}>
                <Link href={`/targets/${other.id}`}>{other.name}</Link>
              </li>
            ))}
            {othersCount > others.length && <li>and {othersCount - others.length} more</li>}
          </ul>
        </>
      )}
      {round !== null && round.checked < round.planned && (
        <p className="notice notice-bad">
          Of the {round.planned} checks that its round had planned, {round.checked} were made: the monitor itself had trouble.
        </p>
      )}
      <Opinions opinions={incident.opinions} />
      {incident.firstFailingCheck !== null && (
        <>
          <h2>The first check that failed</h2>
          <CheckOutcome result={incident.firstFailingCheck} />
        </>
      )}
      {incident.lastGoodCheck !== null && (
        <>
          <h2>The last one before that did not</h2>
          <CheckOutcome result={incident.lastGoodCheck} />
        </>
      )}
    </>
  );
}

/** What other regions saw, asked before it was held for down. */
function Opinions({ opinions }: Pick<IncidentDetail, "opinions">) {
  if (opinions.length === 0) return null;
  return (
    <>
      <h2>What others saw</h2>
      <Scroll label="Checks around it">
        <table>
          <thead>
            <tr>
              <th>When</th>
              <th>From</th>
              <th>Saw it</th>
              <th>Latency</th>
              <th>Reason</th>
            </tr>
          </thead>
          <tbody>
            {opinions.map(({ at, region, status, latencyMs, error }) => (
              <tr key={`${at} ${region}`}>
                <td>
                  <Moment at={Date.parse(at)} />
                </td>
                <td>{region}</td>
                <td>{status === null ? "not asked" : <StatusMark status={status} />}</td>
                <td>{latencyMs === null ? "" : `${Math.round(latencyMs)} ms`}</td>
                <td className="breakable">{error}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}

function Actions({
  id,
  isOpen,
  isAcknowledged,
  isOfHeartbeat,
}: {
  id: string;
  isOpen: boolean;
  isAcknowledged: boolean;
  isOfHeartbeat: boolean;
}) {
  const isEditor = useMay("editor");
  const [text, setText] = useState("");
  const path = { id };
  const note = text.trim() === "" ? {} : { note: text.trim() };
  const clear = () => setText("");
  const acknowledge = useIncidentAction(async () => {
    await answered(api.POST("/incidents/{id}/acknowledge", { params: { path }, body: note }));
    clear();
  });
  const giveBack = useIncidentAction(() => answered(api.DELETE("/incidents/{id}/acknowledge", { params: { path } })));
  const comment = useIncidentAction(async () => {
    await answered(api.POST("/incidents/{id}/comment", { params: { path }, body: { text: text.trim() } }));
    clear();
  });
  const resolve = useIncidentAction(() => answered(api.POST("/incidents/{id}/resolve", { params: { path }, body: note })));
  useUnsaved(text.trim() !== "");
  if (!isEditor) return null;
  const isPending = acknowledge.isPending || giveBack.isPending || comment.isPending || resolve.isPending;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        comment.mutate(undefined);
      }}
    >
      <div className="field">
        <label htmlFor="note">Note</label>
        <input id="note" value={text} maxLength={1_000} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" />
      </div>
      <div className="actions">
        {isOpen && !isAcknowledged && (
          <button type="button" className="main" {...busy(isPending)} onClick={() => acknowledge.mutate(undefined)}>
            Acknowledge
          </button>
        )}
        {isOpen && isAcknowledged && (
          <button type="button" {...busy(isPending)} onClick={() => giveBack.mutate(undefined)}>
            Give it back
          </button>
        )}
        {isOpen && isOfHeartbeat && (
          <button type="button" {...busy(isPending)} onClick={() => resolve.mutate(undefined)}>
            Resolve, as if it had come
          </button>
        )}
        <button type="submit" disabled={text.trim() === ""} {...busy(isPending)}>
          Comment
        </button>
      </div>
      <Failure error={acknowledge.error ?? giveBack.error ?? comment.error ?? resolve.error} />
    </form>
  );
}

/** How the public was told last that it stands. */
function lastSaid(timeline: IncidentDetail["timeline"]): { start?: Phase } {
  const said = timeline.findLast(({ what }) => what === "published")?.text ?? "";
  const start = OPEN_PHASES.find((phase) => said.startsWith(`${phase}: `));
  return start === undefined ? {} : { start };
}

const OPEN_PHASES = ["investigating", "identified", "monitoring"] as const;
/** What checks found is over by what they find: there is nothing to choose, and pages show what is said of it then as of its end. */
const OVER_PHASES = ["monitoring"] as const;
const PHASES = [...OPEN_PHASES, "resolved"] as const;
type Phase = (typeof PHASES)[number];

function Manual({ incident }: { incident: ManualIncident }) {
  const { id, title, severity, status, targets, startedAt, endedAt, updates } = incident;
  const { data } = useOverview();
  const isEditor = useMay("editor");
  return (
    <>
      <Title className="breakable">{title}</Title>
      <p className="notice breakable">
        {severity}, {status}, {incident.public ? "public" : "not public"}
        {targets.length === 0 ? ", of no target: every status page shows it, where it is public" : ", of "}
        {targets.map((target, index) => (
          <Fragment key={target}>
            {index > 0 && ", "}
            <Link href={`/targets/${target}`}>{data?.targets.find((each) => each.id === target)?.name ?? target}</Link>
          </Fragment>
        ))}
        . Since <Moment at={Date.parse(startedAt)} />
        {endedAt !== null && (
          <>
            {" "}
            until <Moment at={Date.parse(endedAt)} />
          </>
        )}
        .
      </p>
      {isEditor && (
        <UpdateForm id={id} label="Update" phases={PHASES} start={status} isOfPublic={incident.public} canHide={incident.public} />
      )}
      <ol className="timeline">
        {updates.toReversed().map((update) => (
          <li key={`${update.at} ${update.status}`}>
            <Moment at={Date.parse(update.at)} /> <b>{update.status}</b> <span className="muted">{update.by}</span>{" "}
            {!update.public && <span className="muted">not public</span>} <span className="breakable">{update.text}</span>
          </li>
        ))}
      </ol>
      <DeleteIncident id={id} title={title} />
    </>
  );
}

function DeleteIncident({ id, title }: { id: string; title: string }) {
  const isEditor = useMay("editor");
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/incidents/{id}", { params: { path: { id } } })),
    onSuccess: async () => {
      navigate("/incidents");
      await queries.invalidateQueries({ queryKey: ["incidents"] });
    },
  });
  if (!isEditor) return null;
  return (
    <div className="actions">
      <button
        type="button"
        className="danger"
        {...busy(remove.isPending)}
        onClick={() => confirm(`Delete "${title}", with all that was said of it? Status pages forget it, too.`) && remove.mutate()}
      >
        Delete it
      </button>
      <Failure error={remove.error} />
    </div>
  );
}

/** Says how an incident stands. @param canHide whether status pages may be left out of it */
function UpdateForm({
  id,
  label,
  phases,
  start = "investigating",
  isOfPublic,
  canHide,
}: {
  id: string;
  label: string;
  phases: readonly Phase[];
  start?: Phase;
  isOfPublic: boolean;
  canHide: boolean;
}) {
  const fieldId = useId();
  const [text, setText] = useState("");
  // As it is, whoever changes it meanwhile, until somebody chooses.
  const [chosen, choose] = useState<Phase>();
  const next = chosen ?? start;
  const [chosenPublic, setPublic] = useState<boolean>();
  const isPublic = chosenPublic ?? isOfPublic;
  const send = useIncidentAction(async () => {
    await answered(api.POST("/incidents/{id}/updates", { params: { path: { id } }, body: { status: next, text, public: isPublic } }));
    setText("");
    choose(undefined);
    setPublic(undefined);
  });
  useUnsaved(text.trim() !== "");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate(undefined);
      }}
    >
      <div className="field">
        <label htmlFor={fieldId}>{label}</label>
        <textarea id={fieldId} rows={3} value={text} required onChange={(event) => setText(event.currentTarget.value)} />
      </div>
      <div className="actions">
        {phases.length > 1 && (
          <label>
            It is{" "}
            <select value={next} onChange={(event) => choose(phases.find((each) => each === event.currentTarget.value))}>
              {phases.map((phase) => (
                <option key={phase}>{phase}</option>
              ))}
            </select>
          </label>
        )}
        {canHide && (
          <label>
            <input type="checkbox" checked={isPublic} onChange={(event) => setPublic(event.currentTarget.checked)} /> status pages show it
          </label>
        )}
        <button type="submit" className="main" {...busy(send.isPending)}>
          Add
        </button>
      </div>
      <Failure error={send.error} />
    </form>
  );
}
