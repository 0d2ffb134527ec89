import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { listen, unusedPort } from "../../local/stand-ins/listen.ts";
import { ROUND_DEFINITION, type TaskHandlers } from "../../local/stand-ins/round-machine.ts";
import { messageOf } from "../../shared/errors.ts";
import { type LoadRoundMachine, TooManyRequests } from "../contracts/round-machine.contract.ts";
import { installPython, startPython } from "./python-emulator.ts";

/** Of the open repository, Apache-2.0, on PyPI, the last that runs on Python 3.11, which Debian 12 has (4.14.0 is its last). */
const VERSION = "4.9.2";
/** It names no upper bounds of what it needs, which has moved on since. */
const PUBLISHED_BEFORE = "2025-11-10T00:00:00Z";
const LAUNCHER = fileURLToPath(new URL("localstack-states.py", import.meta.url));
/** An execution's own limit is 290 s; the test's cases take a few. */
const CALL_TIMEOUT_MS = 60_000;

export interface Localstack {
  /** Makes a state machine of the round loop's file, as AWS is given it. */
  readonly load: LoadRoundMachine;
  close(): Promise<void>;
}

/**
 * Installs LocalStack into a virtual environment of its own, once, and starts its Step Functions on a free port of loopback.
 * @throws {NoPythonError} when it cannot be installed here
 */
export async function startLocalstack(): Promise<Localstack> {
  const python = await installPython({
    name: `localstack-${VERSION}`,
    packages: [`localstack-core[runtime]==${VERSION}`, "service-identity"],
    publishedBefore: PUBLISHED_BEFORE,
  });
  const scratch = await mkdtemp(join(tmpdir(), "server-tracker-localstack-"));
  const functions = new Map<string, TaskHandlers>();
  const server = createServer((request, response) => {
    const [, machine = "", name = ""] = /function%3A([0-9a-f-]+)_(\w+)\/invocations$/.exec(request.url ?? "") ?? [];
    void json(request).then((input) => answer(functions.get(machine)?.[name], input, response));
  });
  const functionsUrl = await listen(server);
  const url = `http://127.0.0.1:${await unusedPort()}`;
  const close = async () => {
    server.close();
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  const emulator = await startPython(python, [LAUNCHER], url, {
    PATH: process.env["PATH"] ?? "",
    HOME: scratch,
    TMPDIR: scratch,
    LOCALSTACK_VOLUME_DIR: scratch,
    GATEWAY_LISTEN: new URL(url).host,
    SERVICES: "stepfunctions,iam,sts",
    FUNCTIONS_URL: functionsUrl,
    // Nothing of it leaves the machine, nor listens at a port that others have.
    DNS_ADDRESS: "0",
    DISABLE_EVENTS: "1",
    SKIP_SSL_CERT_DOWNLOAD: "1",
  }).catch((error: unknown) => close().then(() => Promise.reject(error)));
  return {
    load: (handlers) => loadMachine(emulator.url, handlers, functions),
    close: () => emulator.close().finally(close),
  };
}

async function loadMachine(url: string, handlers: TaskHandlers, functions: Map<string, TaskHandlers>) {
  const id = randomUUID();
  functions.set(id, handlers);
  const file = await readFile(ROUND_DEFINITION, "utf8");
  const { stateMachineArn } = await callStates(url, "CreateStateMachine", {
    name: id,
    type: "EXPRESS",
    roleArn: "arn:aws:iam::000000000000:role/rounds",
    // As CDK does it with the functions' ARNs.
    definition: file.replace(/\$\{(\w+)Arn\}/g, (_, name: string) => `arn:aws:lambda:eu-central-1:000000000000:function:${id}_${name}`),
  });
  return {
    async run(input: { start: string }) {
      const { status, output, error, cause } = await callStates(url, "StartSyncExecution", {
        stateMachineArn,
        input: JSON.stringify(input),
      });
      if (status !== "SUCCEEDED") throw new Error(`the execution ended ${status}: ${error} ${cause}`);
      return JSON.parse(String(output));
    },
  };
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html, unsigned: an emulator looks at no signature. */
async function callStates(url: string, action: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `AWSStepFunctions.${action}`,
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/states/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const answered = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${action}: ${response.status} ${JSON.stringify(answered)}`);
  return answered;
}

/** As Lambda answers Invoke: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. */
async function answer(run: TaskHandlers[string] | undefined, input: unknown, response: ServerResponse): Promise<void> {
  const send = (status: number, body: unknown, headers = {}) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  try {
    if (run === undefined) send(404, { Message: "no such function" }, { "x-amzn-errortype": "ResourceNotFoundException" });
    else send(200, await run(input));
  } catch (error) {
    if (error instanceof TooManyRequests) send(429, { message: error.message }, { "x-amzn-errortype": "TooManyRequestsException" });
    else send(200, { errorType: "Error", errorMessage: messageOf(error) }, { "x-amz-function-error": "Unhandled" });
  }
}
