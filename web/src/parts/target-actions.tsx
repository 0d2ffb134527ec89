import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { answered, api, type CheckResult, now, type Target } from "../api.ts";
import { busy } from "./busy.ts";
import { CheckOutcome } from "./check-outcome.tsx";
import { HeartbeatAddress } from "./heartbeat-address.tsx";
import { Failure } from "./notices.tsx";
import { duration, Moment } from "./time.tsx";

const SILENCES_S = [1_800, 3_600, 14_400, 86_400] as const;

/** What an editor does with a target, and what came of it. */
export function TargetActions({ target }: { target: Target }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const path = { params: { path: { id: target.id } } };
  const renew = () => queries.invalidateQueries();
  const check = useMutation<CheckResult>({ mutationFn: () => answered(api.POST("/targets/{id}/check", { ...path, body: {} })) });
  const pause = useMutation({
    mutationFn: (paused: boolean) => answered(api.PATCH("/targets/{id}", { ...path, body: { paused } })),
    onSuccess: renew,
  });
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/targets/{id}", path)),
    onSuccess: async () => {
      navigate("/");
      await renew();
    },
  });
  const silence = useMutation({
    mutationFn: (seconds: number) =>
      answered(api.POST("/targets/{id}/silence", { ...path, body: { until: new Date(now() + seconds * 1_000).toISOString() } })),
    onSuccess: renew,
  });
  const newAddress = useMutation({ mutationFn: () => answered(api.POST("/targets/{id}/heartbeat-key", path)) });
  const [silenceFor, setSilenceFor] = useState<number>(SILENCES_S[1]);
  const isPaused = target.status === "paused";
  return (
    <div className="actions">
      {target.type !== "heartbeat" && (
        <button type="button" onClick={() => check.mutate()} {...busy(check.isPending)}>
          {check.isPending ? "Checking …" : "Check now"}
        </button>
      )}
      <button type="button" onClick={() => pause.mutate(!isPaused)} {...busy(pause.isPending)}>
        {isPaused ? "Resume" : "Pause"}
      </button>
      <span className="joined">
        <button type="button" onClick={() => silence.mutate(silenceFor)} {...busy(silence.isPending)}>
          Silence
        </button>
        <select aria-label="For how long" value={silenceFor} onChange={(event) => setSilenceFor(Number(event.currentTarget.value))}>
          {SILENCES_S.map((seconds) => (
            <option key={seconds} value={seconds}>
              for {duration(seconds)}
            </option>
          ))}
        </select>
      </span>
      {target.type === "heartbeat" && (
        <button
          type="button"
          {...busy(newAddress.isPending)}
          onClick={() => confirm("Give it a new address? Jobs that call the one it has are no longer heard.") && newAddress.mutate()}
        >
          New address
        </button>
      )}
      <Link href={`/targets/${target.id}/edit`} className="button">
        Edit
      </Link>
      <Link href={`/targets/new?like=${target.id}`} className="button">
        Clone
      </Link>
      <button type="button" className="danger" onClick={() => dialog.current?.showModal()}>
        Delete
      </button>
      <dialog ref={dialog} aria-labelledby="delete-title">
        <h2 id="delete-title">Delete {target.name}?</h2>
        <p>
          It is no longer checked, and an incident that is open ends. Its {duration((Date.now() - Date.parse(target.createdAt)) / 1_000)} of
          history leave this page; rows stay in the log until their time is up.
        </p>
        <Failure error={remove.error} />
        <div className="actions">
          <button type="button" className="danger" onClick={() => remove.mutate()} {...busy(remove.isPending)}>
            Delete it
          </button>
          {/* biome-ignore lint/a11y/noAutofocus: what loses nothing is what Enter does. */}
          <button type="button" autoFocus onClick={() => dialog.current?.close()}>
            Keep it
          </button>
        </div>
      </dialog>
      {newAddress.data !== undefined && (
        <div role="status">
          <HeartbeatAddress url={newAddress.data.url} />
        </div>
      )}
      <Failure error={check.error ?? pause.error ?? silence.error ?? newAddress.error} />
      <span role="status">
        {silence.data?.next != null && (
          <>
            Nothing is told of it until <Moment at={Date.parse(silence.data.next.to)} />. <Link href="/maintenance">End it before</Link>
          </>
        )}
      </span>
      {check.data !== undefined && <CheckOutcome result={check.data} />}
    </div>
  );
}
