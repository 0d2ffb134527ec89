import * as z from "zod";
import { incidentOf, isAcknowledged } from "../../../shared/alert/chase.ts";
import { acknowledge, type IncidentRef, isOpenIncident } from "../../../shared/alert/handle-incident.ts";
import { RequestError } from "../../../shared/errors.ts";
import { duration } from "../../../shared/notify/wording.ts";
import { documentOf, html } from "../../../shared/page/html.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { incidentDeps } from "../incident-request.ts";
import { type ApiDeps, type ApiResponse, defineRoute, type Route } from "../route.ts";

const tokenParam = z.object({ token: z.string().max(100) });

/** Nothing but what stands in it; its one form is sent to itself. It is nobody's to keep, and no other site's to frame. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
};

/** Shows the incident of a link, and asks: programs that look at links in chats must not acknowledge anything. */
const showAcknowledge = defineRoute({
  method: "GET",
  path: "/acknowledge/{token}",
  id: "showAcknowledge",
  summary: "The incident that a link in an alert is for, with a button that acknowledges it",
  tag: "Incidents",
  access: "public",
  params: tokenParam,
  responses: { 200: { description: "A page without script.", schema: z.string(), contentType: "text/html" } },
  async handle(deps, { params }) {
    const { target, ref } = await targetOf(deps, params.token);
    return page(deps, target, ref, "ask");
  },
});

const doAcknowledge = defineRoute({
  method: "POST",
  path: "/acknowledge/{token}",
  id: "acknowledgeByLink",
  summary: "Acknowledge the incident that a link in an alert is for",
  tag: "Incidents",
  access: "public",
  params: tokenParam,
  takesAnything: true,
  responses: { 200: { description: "Acknowledged.", schema: z.string(), contentType: "text/html" } },
  async handle(deps, { params }) {
    const { target, ref } = await targetOf(deps, params.token);
    // Whoever has it already keeps it, for as long as they said.
    if (!isOpen(target, ref) || isAcknowledged(incidentOf(target), deps.clock.now())) return page(deps, target, ref, "ask");
    await acknowledge(incidentDeps(deps), ref, { who: "link in an alert" });
    const answer = page(deps, target, ref, "done");
    return { ...answer, change: { what: `incident:${ref.target}.${ref.since}`, after: { acknowledged: {} } } };
  },
});

async function targetOf({ incidentLinks, targets, clock }: ApiDeps, token: string): Promise<{ target: Target; ref: IncidentRef }> {
  const ref = incidentLinks.read(token, clock.now());
  const target = ref && (await targets.get(ref.target));
  if (ref === undefined || target === undefined) throw new RequestError("not-found", "This link has expired, or was never made here.");
  return { target, ref };
}

function isOpen(target: Target, { since }: IncidentRef): boolean {
  return isOpenIncident(target, since);
}

function page({ clock }: ApiDeps, target: Target, ref: IncidentRef, step: "ask" | "done"): ApiResponse {
  const { name } = target.config;
  const body = html`<html lang="en">
    <head><meta charset="utf-8" /><meta name="viewport" content="width=device-width" /><title>${name}: Server Tracker</title></head>
    <body><main><h1>${name}</h1>${contentOf(target, ref, step, clock.now())}</main></body>
  </html>`;
  return { status: 200, headers: HEADERS, body: documentOf(body) };
}

/** @param now epoch ms */
function contentOf(target: Target, ref: IncidentRef, step: "ask" | "done", now: number) {
  if (!isOpen(target, ref)) return html`<p>This incident is over: it is ${target.state.status} now. There is nothing to acknowledge.</p>`;
  const began = new Date(ref.since * 1_000);
  const since = html`<p>
    ${target.state.status === "down" ? "Down" : "Degraded"} since <time datetime=${began.toISOString()}>${began.toUTCString()}</time>, for ${duration(now - began.getTime())}.
  </p>`;
  const { acknowledged } = incidentOf(target);
  if (step === "done") return [since, html`<p>Acknowledged. Nobody is reminded of it until it ends, or changes.</p>`];
  if (acknowledged !== undefined && isAcknowledged(incidentOf(target), now))
    return [since, html`<p>Acknowledged already, by ${acknowledged.by}. Nobody is reminded of it until it ends, or changes.</p>`];
  return [
    since,
    html`<form method="post"><button type="submit">Acknowledge: I take care of it</button></form>`,
    html`<p>Until it ends, nobody is reminded of it, and it is not escalated.</p>`,
  ];
}

/** Acknowledging from a chat, without an account. */
export const acknowledgeRoutes: readonly Route[] = [showAcknowledge, doAcknowledge];
