import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { HandleIncidentDeps, IncidentRef, Reason } from "../../shared/alert/handle-incident.ts";
import { RequestError } from "../../shared/errors.ts";
import { owedAlertSchema } from "../../shared/targets/owed-alert.ts";
import { askLog } from "./ask-log.ts";
import type { ApiDeps, ApiRequest } from "./route.ts";

/** `<target>.<epoch seconds at which it began>`, or the id of one that somebody opened. */
const incidentId = z
  .string()
  .toLowerCase()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.\d{1,10})?$/,
    "must be an incident's id, as GET /incidents shows it",
  );
export const incidentParam = z.object({ id: incidentId });

/** Which incident of a target an id names; `undefined` for one that somebody opened. */
export function refOf(id: string): IncidentRef | undefined {
  const [target = "", since] = id.split(".");
  return since === undefined ? undefined : { target, since: Number(since) };
}

/** Who may act, as the audit names them. */
export function whoOf({ principal }: Pick<ApiRequest, "principal">): string {
  return principal?.id ?? "anonymous";
}

/** ISO 8601. */
export function isoNow({ clock }: Pick<ApiDeps, "clock">): string {
  return new Date(clock.now()).toISOString();
}

/** The target of an id, also one that was deleted. */
export async function knownTarget(deps: ApiDeps, id: string): Promise<{ seq: number; name: string }> {
  const live = await deps.targets.get(id);
  const found = live === undefined ? await deps.history.targetOf(id) : { seq: live.seq, name: live.config.name };
  if (found === undefined) throw new RequestError("not-found", `There is no target ${id}.`);
  return found;
}

/** What handling an incident takes. */
export function incidentDeps(deps: ApiDeps): ApiDeps & HandleIncidentDeps {
  return { ...deps, newId: randomUUID, reasonOf: (seq, since) => reasonOf(deps, seq, since) };
}

/** Who takes care of something does not wait for a log that hangs. Milliseconds. */
const PATIENCE_MS = 1_500;

/** Nothing where the log sleeps, which is not woken for that, or does not answer at once. */
async function reasonOf(deps: ApiDeps, seq: number, since: number): Promise<Reason> {
  if (deps.sleeping !== undefined) return {};
  const enough = new AbortController();
  const patience = deps.clock.sleep(PATIENCE_MS, enough.signal).catch(() => undefined);
  const incident = await Promise.race([askLog(deps, () => deps.history.incident(seq, since)), patience]);
  enough.abort();
  const { data: error } = owedAlertSchema.shape.error.safeParse(incident?.error ?? undefined);
  return {
    ...(error && { error }),
    ...(incident?.httpStatus !== undefined && incident.httpStatus !== null && { httpStatus: incident.httpStatus }),
  };
}
