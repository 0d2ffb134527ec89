import { randomUUID } from "node:crypto";
import * as z from "zod";
import { incidentOf, isAcknowledged } from "../../../shared/alert/chase.ts";
import { acknowledge, type IncidentRef } from "../../../shared/alert/handle-incident.ts";
import { RequestError } from "../../../shared/errors.ts";
import { duration } from "../../../shared/notify/wording.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { documentOf, html } from "../html.ts";
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
    const target = await targetOf(deps, params.token);
    return page(deps, target.target, target.ref, "ask");
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
    if (!isOpen(target, ref)) return page(deps, target, ref, "ask");
    await acknowledge({ ...deps, newId: randomUUID }, ref, { who: "link in an alert" });
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

function isOpen({ state }: Target, { since }: IncidentRef): boolean {
  return state.status === "down" && state.since === since;
}

function page({ clock }: ApiDeps, target: Target, ref: IncidentRef, step: "ask" | "done"): ApiResponse {
  const { name } = target.config;
  const isDone = step === "done" || (isOpen(target, ref) && isAcknowledged(incidentOf(target), clock.now()));
  const since = html`<time datetime=${new Date(ref.since * 1_000).toISOString()}>${new Date(ref.since * 1_000).toUTCString()}</time>`;
  const content = !isOpen(target, ref)
    ? html`<p>This incident is over: ${name} is ${target.state.status} now. There is nothing to acknowledge.</p>`
    : isDone
      ? html`<p>Acknowledged. Nobody is reminded of it until it ends, or changes.</p>`
      : html`<form method="post"><button type="submit">Acknowledge: I take care of it</button></form>
          <p>Until it ends, nobody is reminded of it, and it is not escalated.</p>`;
  const body = html`<html lang="en">
    <head><meta charset="utf-8" /><meta name="viewport" content="width=device-width" /><title>${name}: Server Tracker</title></head>
    <body>
      <main>
        <h1>${name}</h1>
        <p>Down since ${since}, for ${duration(clock.now() - ref.since * 1_000)}.</p>
        ${content}
      </main>
    </body>
  </html>`;
  return { status: 200, headers: HEADERS, body: documentOf(isOpen(target, ref) ? body : over(name, content)) };
}

function over(name: string, content: unknown) {
  return html`<html lang="en">
    <head><meta charset="utf-8" /><meta name="viewport" content="width=device-width" /><title>${name}: Server Tracker</title></head>
    <body><main><h1>${name}</h1>${content}</main></body>
  </html>`;
}

/** Acknowledging from a chat, without an account. */
export const acknowledgeRoutes: readonly Route[] = [showAcknowledge, doAcknowledge];
