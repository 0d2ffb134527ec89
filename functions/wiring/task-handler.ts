import type { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { messageOf } from "../../shared/errors.ts";
import { tracing } from "./tracing.ts";

/** A handler of a Step Functions task or schedule: logs what it throws, and throws it on for the state machine's Catch. */
export function taskHandler<Output>(logger: Logger, run: (event: unknown) => Promise<Output>) {
  const handler = middy<unknown, Output>();
  if (tracing.middleware !== undefined) handler.use(tracing.middleware());
  return handler
    .use(injectLambdaContext(logger, { clearState: true }))
    .onError(({ error }) => {
      logger.error(`task failed: ${messageOf(error)}`, { error });
    })
    .handler(async (event) => run(event));
}
