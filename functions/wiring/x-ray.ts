import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import type { Tracing } from "./tracing.ts";

/** Powertools' tracer: parts of the trace that Lambda began. */
export function createXRay(): Tracing {
  // Requests to targets are no part of it: there are thousands, and their addresses are nobody's affair.
  const tracer = new Tracer({ captureHTTPsRequests: false });
  return {
    traced: (client) => tracer.captureAWSv3Client(client),
    middleware: () => captureLambdaHandler(tracer, { captureResponse: false }),
  };
}
