import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { REQUEST_LIMITS } from "./request-limits.ts";
import { tracing } from "./tracing.ts";

let client: LambdaClient | undefined;

/** Calls a function without waiting for what it does. @param name of the function @param input plain JSON */
export async function invokeLater(name: string, input: unknown): Promise<void> {
  client ??= tracing.traced(new LambdaClient({ maxAttempts: 2, requestHandler: REQUEST_LIMITS }));
  await client.send(new InvokeCommand({ FunctionName: name, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(input)) }));
}
