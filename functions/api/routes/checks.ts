import * as z from "zod";
import type { CheckResult } from "../../../shared/check/check-result.ts";
import { checkConfigNow, checkTargetNow } from "../../../shared/targets/check-now.ts";
import { targetInputDoc } from "../../../shared/targets/target.ts";
import { defineRoute } from "../route.ts";
import { idParam } from "./targets.ts";

const ms = z.number().nullable();
const resultView = z
  .object({
    status: z.enum(["up", "degraded", "down"]),
    error: z.object({ class: z.string(), text: z.string() }).nullable(),
    note: z.string().nullable(),
    httpStatus: z.int().nullable(),
    latencyMs: ms,
    phases: z.object({ dnsMs: ms, connectMs: ms, tlsMs: ms, ttfbMs: ms, transferMs: ms }),
    address: z.string().nullable(),
    certificate: z
      .object({ daysLeft: z.int(), what: z.string() })
      .nullable()
      .meta({ description: "Of all hops and their chains, the one that ends first." }),
    chains: z
      .array(
        z.object({
          of: z.string().meta({ description: "The name that was asked for." }),
          certificates: z.array(
            z.object({
              name: z.string(),
              issuer: z.string(),
              names: z.array(z.string()),
              validFrom: z.iso.datetime(),
              validTo: z.iso.datetime(),
              daysLeft: z.int(),
              fingerprint: z.string().meta({ description: "SHA-256." }),
            }),
          ),
        }),
      )
      .meta({ description: "All that peers showed, their own certificate first; also of a peer that was refused for it." }),
    assertions: z
      .array(z.object({ what: z.string(), holds: z.boolean(), saw: z.string() }))
      .meta({ description: "What each assertion asked for and saw, in their order; none where the answer was not looked at." }),
    requests: z.array(z.object({ url: z.string(), status: z.int() })).meta({ description: "Redirects included, oldest first." }),
  })
  .meta({ id: "CheckResult" });

const responses = { 200: { description: "What one check saw. Nothing is stored, and nobody is told.", schema: resultView } };

export const checkTarget = defineRoute({
  method: "POST",
  path: "/targets/{id}/check",
  id: "checkTarget",
  summary: "Check a target now, once, as it is or as it would be with a change; changes nothing",
  tag: "Targets",
  access: "editor",
  params: idParam,
  body: z
    .record(z.string(), z.unknown(), "the body must be a JSON object")
    .optional()
    .meta({ description: "As of a PATCH of the target: what is hidden stays as it is stored." }),
  responses,
  handle: async (deps, { params, body }) => ({ status: 200, body: viewOf(await checkTargetNow(deps, params.id, body)) }),
});

export const checkConfig = defineRoute({
  method: "POST",
  path: "/check",
  id: "checkConfig",
  summary: "Check a configuration that is not stored",
  tag: "Targets",
  access: "editor",
  body: z.record(z.string(), z.unknown(), "the body must be a JSON object"),
  bodyDoc: targetInputDoc,
  responses,
  handle: async (deps, { body }) => ({ status: 200, body: viewOf(await checkConfigNow(deps, body)) }),
});

function viewOf({
  status,
  error,
  note,
  httpStatus,
  totalMs,
  phases,
  address,
  certificate,
  chains = [],
  assertions = [],
  hops = [],
}: CheckResult): z.output<typeof resultView> {
  const { dnsMs = null, connectMs = null, tlsMs = null, ttfbMs = null, transferMs = null } = phases;
  return {
    status,
    error: error === undefined ? null : { class: error.class, text: error.text },
    note: note ?? null,
    httpStatus: httpStatus ?? null,
    latencyMs: totalMs ?? null,
    phases: { dnsMs, connectMs, tlsMs, ttfbMs, transferMs },
    address: address ?? null,
    certificate: certificate === undefined ? null : { daysLeft: certificate.daysLeft, what: certificate.what },
    chains: chains.map(({ of, certificates }) => ({
      of,
      certificates: certificates.map(({ names, ...shown }) => ({ ...shown, names: [...names] })),
    })),
    assertions: [...assertions],
    requests: [...hops],
  };
}
