import type middy from "@middy/core";

/** What is recorded of a function's calls. */
export interface Tracing {
  /** Has each call of an AWS client recorded: service, operation, table, duration, error. */
  traced<Client extends object>(client: Client): Client;
  /** Records each call of the function itself; `undefined` where nothing is recorded. */
  readonly middleware: (() => middy.MiddlewareObj<unknown, unknown>) | undefined;
}

const OFF: Tracing = { traced: (client) => client, middleware: undefined };

/** Tells infra and function alike that rounds are traced: the variable by which Powertools' tracer is on. */
export const TRACING_VARIABLE = "POWERTOOLS_TRACE_ENABLED";

/** Traces of rounds in AWS X-Ray, where infra says so (setting `tracing`); else nothing of it is loaded. */
export const tracing: Tracing = process.env[TRACING_VARIABLE] === "true" ? (await import("./x-ray.ts")).createXRay() : OFF;
