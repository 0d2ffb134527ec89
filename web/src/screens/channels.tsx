import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answered, api } from "../api.ts";
import type { Channel } from "../api-types.ts";
import { busy } from "../parts/busy.ts";
import { Failure, Loaded } from "../parts/notices.tsx";
import { ObjectForm } from "../parts/object-form.tsx";
import { Fields } from "../parts/schema-field.tsx";
import { Moment, Since } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { mayLeave } from "../parts/unsaved.ts";
import { useBodySchemas, useChannels, useMay } from "../queries.ts";
import type { Json, JsonObject } from "../schema.ts";

/** Where alerts go, whether they arrive, and what they are for. */
export function Channels() {
  const isEditor = useMay("editor");
  const [edited, setEdited] = useState<Channel | "new">();
  const done = () => setEdited(undefined);
  return (
    <>
      <div className="bar">
        <Title>Alerts</Title>
        {isEditor && (
          <button type="button" className="main" onClick={() => mayLeave() && setEdited("new")}>
            New channel
          </button>
        )}
      </div>
      <Loaded query={useChannels()}>
        {({ items }) =>
          items.length === 0 ? (
            <p>Nobody is told yet. Make a channel here, or set one, such as DISCORD_WEBHOOK_URL, in the settings.</p>
          ) : (
            <ul className="channels">
              {items.map((channel) => (
                <ChannelLine key={channel.id} channel={channel} isEditor={isEditor} onEdit={() => mayLeave() && setEdited(channel)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <p className="muted">
        A target names its channels itself, or is told to all that are for it. What was told of it stands on its page.
      </p>
      {edited !== undefined && (
        <ChannelForm key={edited === "new" ? "new" : edited.id} channel={edited === "new" ? undefined : edited} onDone={done} />
      )}
    </>
  );
}

function ChannelLine({ channel, isEditor, onEdit }: { channel: Channel; isEditor: boolean; onEdit: () => void }) {
  const { id, name, type, source, healthy, error, unhealthySince, lastSentAt, sent, failed, lastDeliveries } = channel;
  const queries = useQueryClient();
  const renewed = { onSettled: () => queries.invalidateQueries({ queryKey: ["channels"] }) };
  const path = { id };
  const test = useMutation({ mutationFn: () => answered(api.POST("/channels/{id}/test", { params: { path } })), ...renewed });
  const pause = useMutation({
    mutationFn: (paused: boolean) => answered(api.PATCH("/channels/{id}", { params: { path }, body: { paused } })),
    ...renewed,
  });
  const remove = useMutation({ mutationFn: () => answered(api.DELETE("/channels/{id}", { params: { path } })), ...renewed });
  const isPaused = channel["paused"] === true;
  return (
    <li>
      <b className="breakable">{name}</b> <span className="muted">{name === id ? type : `${type}, ${id}`}</span>{" "}
      {isPaused ? (
        <span className="muted">paused</span>
      ) : healthy ? (
        <span className="good">alerts arrive</span>
      ) : (
        <span className="bad">
          alerts do not arrive
          {unhealthySince !== null && (
            <>
              {" "}
              for <Since at={Date.parse(unhealthySince)} />
            </>
          )}
          : {error}
        </span>
      )}{" "}
      <span className="muted">
        {sent !== null && `${sent} taken and ${failed} lost in a week`}
        {lastSentAt !== null && (
          <>
            , the last <Moment at={Date.parse(lastSentAt)} />
          </>
        )}
      </span>
      {lastDeliveries.length > 0 && (
        <details>
          <summary>The last alerts</summary>
          <ul className="plain">
            {lastDeliveries.map(({ at, target, kind, to, outcome, error: why }) => (
              <li key={`${at} ${target.id} ${kind}`} className="breakable">
                <Moment at={Date.parse(at)} /> <Link href={`/targets/${target.id}`}>{target.name}</Link> {kind === "status" ? to : kind}:{" "}
                <span className={outcome === "failed" ? "bad" : "muted"}>{why === null ? outcome : `${outcome}, ${why}`}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {isEditor && (
        <div className="actions">
          <button type="button" {...busy(test.isPending)} onClick={() => test.mutate()}>
            {test.isPending ? "Sending …" : "Send a test"} <span className="unseen">to {name}</span>
          </button>
          {source === "api" && (
            <>
              <button type="button" onClick={onEdit}>
                Edit <span className="unseen">{name}</span>
              </button>
              <button type="button" {...busy(pause.isPending)} onClick={() => pause.mutate(!isPaused)}>
                {isPaused ? "Resume" : "Pause"} <span className="unseen">{name}</span>
              </button>
              <button
                type="button"
                className="danger"
                {...busy(remove.isPending)}
                onClick={() => {
                  if (confirm(`Delete ${name}? Targets that name it will say that an alert was lost.`)) remove.mutate();
                }}
              >
                Delete <span className="unseen">{name}</span>
              </button>
            </>
          )}
          <span role="status">
            {test.data !== undefined && (test.data.delivered ? "The service took it." : `It was not taken: ${test.data.error}`)}
          </span>
        </div>
      )}
      <Failure error={test.error ?? pause.error ?? remove.error} />
    </li>
  );
}

function ChannelForm({ channel, onDone }: { channel: Channel | undefined; onDone: () => void }) {
  // What was written for one service is there again for who comes back to it.
  const [written, setWritten] = useState<ReadonlyMap<string, Json | undefined>>(new Map());
  const start = channel === undefined ? { type: "discord", settings: {} } : (channel as unknown as JsonObject); // it came as JSON
  return (
    <section>
      <h2>{channel === undefined ? "New channel" : `Edit ${channel.name}`}</h2>
      <Loaded query={useBodySchemas("/channels")}>
        {(variants) => (
          <ObjectForm
            start={start}
            listKey="channels"
            verb={channel === undefined ? "Make it" : "Save"}
            send={({ config, patch, headers }) =>
              channel === undefined
                ? answered(api.POST("/channels", { body: config as never })) // the API says what is wrong with it
                : answered(api.PATCH("/channels/{id}", { params: { path: { id: channel.id } }, headers, body: patch }))
            }
            onDone={onDone}
          >
            {({ config, errors, set }) => (
              <>
                <div className="field">
                  <label htmlFor="channel-type">Service</label>
                  <select
                    id="channel-type"
                    value={String(config["type"])}
                    disabled={channel !== undefined}
                    onChange={(event) => {
                      const next = event.currentTarget.value;
                      setWritten(new Map([...written, [String(config["type"]), config["settings"]]]));
                      set({ ...config, type: next, settings: written.get(next) ?? {} });
                    }}
                  >
                    {[...variants.keys()].map((each) => (
                      <option key={each}>{each}</option>
                    ))}
                  </select>
                </div>
                <Fields
                  key={String(config["type"])}
                  schema={variants.get(String(config["type"])) ?? {}}
                  path=""
                  value={config}
                  errors={errors}
                  onChange={set}
                />
              </>
            )}
          </ObjectForm>
        )}
      </Loaded>
    </section>
  );
}
