import * as z from "zod";
import { LogAsleepError } from "../../../shared/errors.ts";
import type { SpoolState } from "../../../shared/log/spool.ts";
import type { LastRound } from "../../../shared/round/last-round.ts";
import { VERSION } from "../../../shared/version.ts";
import { type ApiDeps, defineRoute } from "../route.ts";

const storeState = z.enum(["ok", "unavailable"]);
const logState = z.enum(["ok", "asleep", "unavailable"]).meta({ description: "`asleep` is no trouble: rows wait for its hour." });

/** How long health waits for a store, in ms: a load balancer or our own check waits for the answer. */
const PING_TIMEOUT_MS = 2_000;

export const getHealth = defineRoute({
  method: "GET",
  path: "/health",
  id: "getHealth",
  summary: "Whether the monitor lives: its last round, and which stores answer",
  tag: "Service",
  access: "public",
  responses: {
    200: {
      description:
        "It lives. `degraded`: checks and alerts go on, but the log is away or refuses rows, rounds are late, or the last one lost checks or saw nothing.",
      schema: z.object({
        status: z.enum(["ok", "degraded", "unavailable"]),
        version: z.string(),
        roundSeconds: z.int(),
        lastRound: z
          .object({
            at: z.iso.datetime(),
            finishedAt: z.iso.datetime(),
            ageSeconds: z.int(),
            planned: z.int(),
            checked: z.int(),
            failedShards: z.int(),
            blindSince: z.iso
              .datetime()
              .nullable()
              .meta({ description: "Since when rounds see nothing: nearly all fails to connect at once." }),
          })
          .nullable(),
        stores: z.object({ state: storeState, log: logState }),
        rows: z.object({ waiting: z.boolean(), setAside: z.boolean() }).nullable().meta({
          description: "Of the log: whether some wait for it, and whether it refused some for good; null when that cannot be told.",
        }),
      }),
    },
    503: { description: "The state store does not answer: nothing can be checked." },
  },
  async handle(deps) {
    const [last, log, spool] = await Promise.all([inTime(deps.lastRound.get()), stateOfLog(deps), inTime(deps.spoolState())]);
    const state = last === "unavailable" ? "unavailable" : "ok";
    const seen = last === "unavailable" ? null : (last ?? null);
    const rows = spool === "unavailable" ? null : spool;
    const ageSeconds = seen && Math.round((deps.clock.now() - seen.finishedAt) / 1_000);
    // Three rounds: one may be long and one may be lost.
    const late = ageSeconds !== null && ageSeconds > 3 * deps.roundSeconds;
    const lossy = isLossy(seen, rows);
    const status = state === "unavailable" ? "unavailable" : log === "unavailable" || late || lossy ? "degraded" : "ok";
    const view = seen && roundView(seen, ageSeconds ?? 0);
    return {
      status: state === "ok" ? 200 : 503,
      body: { status, version: VERSION, roundSeconds: deps.roundSeconds, lastRound: view, stores: { state, log }, rows },
    };
  },
});

/** Whether what ought to be known is not. */
function isLossy(last: LastRound | null, rows: SpoolState | null): boolean {
  return (last?.failedShards ?? 0) > 0 || (last?.blindSince ?? 0) > 0 || rows?.setAside === true;
}

function roundView({ round, finishedAt, planned, checked, failedShards = 0, blindSince = 0 }: LastRound, ageSeconds: number) {
  return {
    at: new Date(round * 1_000).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    ageSeconds,
    planned,
    checked,
    failedShards,
    blindSince: blindSince > 0 ? new Date(blindSince * 1_000).toISOString() : null,
  };
}

async function inTime<Answer>(asked: Promise<Answer>): Promise<Answer | "unavailable"> {
  const timeout = Promise.withResolvers<"unavailable">();
  const timer = setTimeout(() => timeout.resolve("unavailable"), PING_TIMEOUT_MS);
  const answered = asked.catch(() => "unavailable" as const);
  return Promise.race([answered, timeout.promise]).finally(() => clearTimeout(timer));
}

async function stateOfLog({ history }: ApiDeps): Promise<z.output<typeof logState>> {
  try {
    await history.ping(PING_TIMEOUT_MS);
    return "ok";
  } catch (error) {
    if (error instanceof LogAsleepError) return "asleep";
    // Whatever it refuses so small a question with, such as too many connections: it is not there for us.
    return "unavailable";
  }
}
