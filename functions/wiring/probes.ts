import { Readable } from "node:stream";
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { ProbeAddress } from "../../shared/env/fields.ts";
import type { Probe } from "../../shared/round/ask-probes.ts";
import { MAX_ANSWER_BYTES, probeAnswer, probeCall } from "../../shared/round/probe-call.ts";
import { tracing } from "./tracing.ts";

/** Probes in other regions, or at an address. @param functionName of each of them */
export function createProbes(addresses: readonly ProbeAddress[], functionName: string): Probe[] {
  return addresses.map((address) => {
    // A second try would come when the round has gone on.
    const client = tracing.traced(new LambdaClient({ ...placeOf(address), maxAttempts: 1 }));
    boundAnswers(client);
    return {
      name: address.name,
      async ask(config, timeoutMs) {
        const call = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(probeCall(config))) });
        const { Payload, FunctionError } = await client
          .send(call, { abortSignal: AbortSignal.timeout(timeoutMs) })
          .catch((error: unknown): never => {
            if (error instanceof FloodError) throw error;
            // What the SDK says may name the account.
            throw new Error(error instanceof Error && error.name === "AbortError" ? "no answer in time" : "cannot be called");
          });
        if (FunctionError !== undefined) throw new Error("its check failed");
        return probeAnswer(Payload?.transformToString() ?? "");
      },
    };
  });
}

/** A probe that answers more than any answer has. */
class FloodError extends Error {
  override readonly name = "FloodError";
}

/** Reads no more of an answer than it may have: one of a machine of somebody's own may never end. */
function boundAnswers(client: LambdaClient): void {
  client.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      const { response } = result;
      if (typeof response === "object" && response !== null && "body" in response && response.body instanceof Readable) {
        response.body = Readable.from(upTo(response.body, MAX_ANSWER_BYTES));
      }
      return result;
    },
    // Next to what reads from the network: the SDK collects what it is given.
    { step: "deserialize", priority: "low" },
  );
}

async function* upTo(body: Readable, limit: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw new FloodError("answers too much");
    yield chunk;
  }
}

/** A region's Lambda, or an address that answers as Lambda does to who signs with the key in it. */
function placeOf({ name, url }: ProbeAddress): LambdaClientConfig {
  if (url === undefined) return { region: name };
  const { username, origin } = new URL(url);
  const credentials = { accessKeyId: username, secretAccessKey: "probe" };
  return { endpoint: origin, ...(username !== "" && { credentials }) };
}
