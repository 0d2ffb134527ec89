import { InvokeCommand, LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { ProbeAddress } from "../../shared/env/fields.ts";
import type { Probe } from "../../shared/round/ask-probes.ts";
import { probeAnswer, probeCall } from "../../shared/round/probe-call.ts";
import { tracing } from "./tracing.ts";

/** Probes in other regions, or at an address. @param functionName of each of them */
export function createProbes(addresses: readonly ProbeAddress[], functionName: string): Probe[] {
  return addresses.map((address) => {
    // A second try would come when the round has gone on.
    const client = tracing.traced(new LambdaClient({ ...placeOf(address), maxAttempts: 1 }));
    return {
      name: address.name,
      async ask(config, timeoutMs) {
        const call = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(probeCall(config))) });
        const { Payload, FunctionError } = await client
          .send(call, { abortSignal: AbortSignal.timeout(timeoutMs) })
          .catch((error: unknown): never => {
            // What the SDK says may name the account.
            throw new Error(error instanceof Error && error.name === "AbortError" ? "no answer in time" : "cannot be called");
          });
        if (FunctionError !== undefined) throw new Error("its check failed");
        return probeAnswer(Payload?.transformToString() ?? "");
      },
    };
  });
}

/** A region's Lambda, or an address that answers as Lambda does to who signs with the key in it. */
function placeOf({ name, url }: ProbeAddress): LambdaClientConfig {
  if (url === undefined) return { region: name };
  const { username, origin } = new URL(url);
  const credentials = { accessKeyId: username, secretAccessKey: "probe" };
  return { endpoint: origin, ...(username !== "" && { credentials }) };
}
