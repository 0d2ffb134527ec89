import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { answered, api, type CheckResult, type Target } from "../api.ts";
import { busy } from "../parts/busy.ts";
import { CheckOutcome } from "../parts/check-outcome.tsx";
import { Conflict, ifMatch } from "../parts/conflict.tsx";
import { useErrorsOf, useFirstWrong } from "../parts/field-errors.ts";
import { HeartbeatAddress } from "../parts/heartbeat-address.tsx";
import { Loaded } from "../parts/notices.tsx";
import { Managed } from "../parts/object-form.tsx";
import { Fields } from "../parts/schema-field.tsx";
import { Title } from "../parts/title.tsx";
import { useUnsaved } from "../parts/unsaved.ts";
import { useBodySchemas, useOverview, useTarget } from "../queries.ts";
import { type JsonObject, mergePatchOf, type Schema } from "../schema.ts";

/** What the API adds to a configuration when it shows it. */
const SHOWN_ONLY = new Set(["id", "label", "status", "statusSince", "version", "createdAt", "updatedAt", "lastPingAt", "secretsDigest"]);

function configOf(target: Target): JsonObject {
  return Object.fromEntries(Object.entries(target).filter(([name]) => !SHOWN_ONLY.has(name))) as JsonObject; // it came as JSON
}

/** A new target, or a copy: `?like=<id>`. */
export function NewTarget() {
  const [parameters] = useSearchParams();
  const like = parameters.get("like");
  return like === null ? <NewForm initial={{ type: "http" }} /> : <CopyForm id={like} />;
}

function CopyForm({ id }: { id: string }) {
  return (
    <Loaded query={useTarget(id)} title="Clone a target">
      {(target) => {
        const copy = configOf(target);
        // What is hidden stays hidden: the API says at its field that it must be written again.
        const { managed: _, ...own } = copy;
        return <NewForm initial={{ ...own, name: `${target.name} (copy)` }} />;
      }}
    </Loaded>
  );
}

function NewForm({ initial }: { initial: JsonObject }) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [called, setCalled] = useState<string>();
  const create = useMutation({
    mutationFn: (config: JsonObject) => answered(api.POST("/targets", { body: config as never })), // the API says what is wrong with it
    onSuccess: async ({ id, heartbeat }) => {
      await queries.invalidateQueries({ queryKey: ["overview"] });
      if (heartbeat === undefined) navigate(`/targets/${id}`);
      else setCalled(heartbeat.url);
    },
  });
  if (called !== undefined) return <Registered url={called} id={create.data?.id ?? ""} />;
  return (
    <TargetForm
      title="New target"
      initial={initial}
      isNew
      isSending={create.isPending}
      error={create.error}
      onTry={(config) => answered(api.POST("/check", { body: { ...config, name: config["name"] || "check" } as never }))}
      onSend={(config) => create.mutate(config)}
    />
  );
}

function Registered({ url, id }: { url: string; id: string }) {
  return (
    <section>
      <Title>Its address</Title>
      <HeartbeatAddress url={url} />
      <p>
        <Link href={`/targets/${id}`} className="button">
          To the target
        </Link>
      </p>
    </section>
  );
}

/** An existing target: what was changed is sent, and refused where somebody else changed it meanwhile. */
export function EditTarget({ id }: { id: string }) {
  const queries = useQueryClient();
  const [attempt, setAttempt] = useState(0);
  const begin = async () => {
    await queries.refetchQueries({ queryKey: ["target", id] });
    setAttempt(attempt + 1);
  };
  return (
    <Loaded query={useTarget(id)} title="Edit a target">
      {(target) => <EditForm key={attempt} target={target} onBegin={() => void begin()} />}
    </Loaded>
  );
}

function EditForm({ target, onBegin }: { target: Target; onBegin: () => void }) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  // As it was when the form was opened: later rounds must not change what is written.
  const [{ before, version }] = useState(() => ({ before: configOf(target), version: target.version }));
  const path = { id: target.id };
  const change = useMutation({
    mutationFn: ({ config, isForced }: { config: JsonObject; isForced: boolean }) =>
      answered(api.PATCH("/targets/{id}", { params: { path }, headers: ifMatch(version, isForced), body: mergePatchOf(before, config) })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      navigate(`/targets/${target.id}`);
    },
  });
  return (
    <TargetForm
      title={`Edit ${target.name}`}
      initial={before}
      isNew={false}
      onTry={(config) => answered(api.POST("/targets/{id}/check", { params: { path }, body: mergePatchOf(before, config) }))}
      isSending={change.isPending}
      error={change.error}
      onSend={(config, isForced) => change.mutate({ config, isForced })}
      onTheirs={onBegin}
      back={`/targets/${target.id}`}
    />
  );
}

const SECTIONS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["Target", ["name", "url", "host", "port", "recordType", "periodSeconds", "graceSeconds", "group", "tags"]],
  [
    "When it counts as down",
    [
      "intervalSeconds",
      "timeoutMs",
      "retries",
      "latencyLimitMs",
      "slowIs",
      "expect",
      "confirm",
      "from",
      "fromEvery",
      "failureThreshold",
      "failureWindow",
      "successThreshold",
      "flapThreshold",
      "paused",
    ],
  ],
  [
    "Alerts",
    ["channels", "slo", "dependsOn", "degradedIsIncident", "remindEverySeconds", "remindGrowing", "escalation", "certificateWarningDays"],
  ],
  [
    "The way there",
    [
      "resolver",
      "ipFamily",
      "hostHeader",
      "servername",
      "verifyTls",
      "tls",
      "startTls",
      "httpVersion",
      "followRedirects",
      "clientCertificate",
      "clientKey",
      "proxy",
      "proxyAuthorization",
      "oauth2",
    ],
  ],
];
const PLACED = new Set(SECTIONS.flatMap(([, names]) => names));
/** What is left is what a type asks and expects. */
const ASKED = "What is asked and expected";

function TargetForm({
  title,
  initial,
  isNew,
  isSending,
  error,
  onTry,
  onSend,
  onTheirs,
  back = "/",
}: {
  title: string;
  initial: JsonObject;
  isNew: boolean;
  isSending: boolean;
  error: unknown;
  onTry: (config: JsonObject) => Promise<CheckResult>;
  onSend: (config: JsonObject, isForced: boolean) => void;
  /** Begins anew with what somebody else made of it meanwhile. */
  onTheirs?: () => void;
  /** Where who cancels goes. */
  back?: string;
}) {
  const [config, setConfig] = useState(initial);
  const schemas = useBodySchemas("/targets");
  const trial = useMutation({ mutationFn: onTry });
  const [tried, setTried] = useState<JsonObject>();
  const form = useRef<HTMLFormElement>(null);
  const outcome = useRef<HTMLDivElement>(null);
  // What came of it is seen, wherever the button stands.
  useEffect(() => {
    if (trial.data !== undefined) outcome.current?.scrollIntoView({ block: "nearest" });
  }, [trial.data]);
  const refusal = error ?? trial.error;
  const errors = useErrorsOf(refusal, config);
  useFirstWrong(form, refusal);
  useUnsaved(!isSending && JSON.stringify(config) !== JSON.stringify(initial));
  const type = String(config["type"] ?? "http");
  const ofType = ({ properties = {} }: Schema): JsonObject => ({
    ...Object.fromEntries(Object.entries(config).filter(([name]) => name in properties)),
    type,
  });
  return (
    <>
      <Title>{title}</Title>
      <Loaded query={schemas}>
        {(variants) => {
          const schema = variants.get(type) ?? {};
          const names = Object.keys(schema.properties ?? {});
          const [first, ...others] = SECTIONS;
          const sections = [...(first ? [first] : []), [ASKED, names.filter((name) => !PLACED.has(name))] as const, ...others];
          return (
            <form
              ref={form}
              className="target-form"
              noValidate
              onSubmit={(event) => {
                event.preventDefault();
                onSend(ofType(schema), false);
              }}
            >
              <div className="field">
                <label htmlFor="type">Check type</label>
                <select
                  id="type"
                  value={type}
                  disabled={!isNew}
                  // What the next type has not is kept for who comes back, and not sent.
                  onChange={(event) => setConfig({ ...config, type: event.currentTarget.value })}
                >
                  {[...variants.keys()].map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </select>
              </div>
              {sections.map(([heading, fields], index) => {
                const here = fields.filter((name) => names.includes(name));
                if (here.every((name) => schema.properties?.[name]?.const !== undefined)) return null;
                const isWrong = here.some((name) => [...errors.keys()].some((field) => field === name || field.startsWith(`${name}.`)));
                const isUsed = index === 1 && here.some((name) => config[name] !== undefined);
                return (
                  <Section key={heading} heading={heading} isOpen={index === 0 || isUsed} isWrong={isWrong}>
                    <Fields
                      key={type}
                      schema={{ ...schema, properties: inOrder(schema, here) }}
                      path=""
                      value={config}
                      errors={errors}
                      onChange={setConfig}
                    />
                  </Section>
                );
              })}
              <Managed by={config["managed"]} />
              <MonthlyCost type={type} config={config} />
              <Conflict error={refusal} onMine={() => onSend(ofType(schema), true)} onTheirs={() => onTheirs?.()} />
              <div className="actions">
                <button type="submit" className="main" {...busy(isSending)}>
                  {isNew ? "Register" : "Save"}
                </button>
                {type !== "heartbeat" && (
                  <button
                    type="button"
                    onClick={() => {
                      setTried(config);
                      trial.mutate(ofType(schema));
                    }}
                    {...busy(trial.isPending)}
                  >
                    {trial.isPending ? "Trying …" : "Try it"}
                  </button>
                )}
                <Link href={back} className="button">
                  Cancel
                </Link>
              </div>
              <div ref={outcome} role="status">
                {trial.data !== undefined && tried === config && <CheckOutcome result={trial.data} />}
              </div>
            </form>
          );
        }}
      </Loaded>
    </>
  );
}

/** A part of a form that its reader opens and closes, and that an error in it opens. */
function Section({
  heading,
  isOpen,
  isWrong,
  children,
}: {
  heading: string;
  isOpen: boolean;
  isWrong: boolean;
  children: React.ReactNode;
}) {
  const part = useRef<HTMLDetailsElement>(null);
  const [isOpenAtFirst] = useState(isOpen);
  useEffect(() => {
    if (isWrong && part.current !== null) part.current.open = true;
  }, [isWrong]);
  return (
    <details ref={part} open={isOpenAtFirst}>
      <summary>
        <h2>{heading}</h2>
      </summary>
      {children}
    </details>
  );
}

const DAY_S = 86_400;
const MONTH_S = 30 * DAY_S;
/** As the API has it. */
const DEFAULT_FROM_EVERY = 10;

/** What its checks add to the bill, where there is one. */
function MonthlyCost({ type, config }: { type: string; config: JsonObject }) {
  const { usdPerCheck, usdPerLook = 0, roundSeconds } = useOverview().data ?? {};
  const interval = Number(config["intervalSeconds"] ?? (type === "domain" ? DAY_S : roundSeconds));
  if (usdPerCheck === undefined || type === "heartbeat" || config["paused"] === true || !(interval > 0)) return null;
  const from = Array.isArray(config["from"]) ? new Set(config["from"]).size : 0;
  const every = Number(config["fromEvery"] ?? DEFAULT_FROM_EVERY);
  const usd = (MONTH_S / interval) * (usdPerCheck + (every >= 1 ? (from / every) * usdPerLook : 0));
  return (
    <p className="muted">
      Its checks cost about {usd < 0.005 ? "less than $0.01" : `$${usd.toFixed(2)}`} a month in AWS, data transfer of small answers
      included.
    </p>
  );
}

function inOrder({ properties = {} }: Schema, names: readonly string[]): Record<string, Schema> {
  return Object.fromEntries(names.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])));
}
