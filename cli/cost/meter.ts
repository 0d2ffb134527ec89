import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { PRICES } from "./prices.ts";

/** What calls used so far. */
export interface Usage {
  readUnits: number;
  writeUnits: number;
  dynamoCalls: number;
  /** Calls as the Data API bills them: one for each 32 KB. */
  dataApiRequests: number;
  /** Milliseconds that statements took. */
  dataApiMs: number;
}

/** What a call takes longer in a region than on loopback, in ms: Lambda is billed while it waits. */
const DYNAMO_MS = 5;
const DATA_API_MS = 40;

/** A proxy in front of an engine, that counts what goes through. */
export interface Meter {
  readonly server: Server;
  readonly usage: Usage;
}

/** Counts by DynamoDB's own account: asks for the consumed capacity of each call. */
export function createDynamoMeter(upstream: string): Meter {
  const usage = emptyUsage();
  const server = createServer(async (incoming, outgoing) => {
    const body = JSON.parse((await read(incoming)).toString("utf8")) as Record<string, unknown>;
    const isWrite = /\.(Put|Update|Delete)Item$/.test(String(incoming.headers["x-amz-target"]));
    const answer = await forward(upstream, incoming, Buffer.from(JSON.stringify({ ...body, ReturnConsumedCapacity: "TOTAL" })));
    const { ConsumedCapacity } = JSON.parse(answer.body.toString("utf8")) as { ConsumedCapacity?: { CapacityUnits?: number } };
    usage[isWrite ? "writeUnits" : "readUnits"] += ConsumedCapacity?.CapacityUnits ?? 0;
    usage.dynamoCalls++;
    await delay(DYNAMO_MS);
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return { server, usage };
}

export function createDataApiMeter(upstream: string): Meter {
  const usage = emptyUsage();
  const server = createServer(async (incoming, outgoing) => {
    const body = await read(incoming);
    const start = performance.now();
    const answer = await forward(upstream, incoming, body);
    usage.dataApiMs += performance.now() - start;
    usage.dataApiRequests += Math.ceil((body.length + answer.body.length) / PRICES.dataApi.bytesPerRequest);
    await delay(DATA_API_MS);
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return { server, usage };
}

export function emptyUsage(): Usage {
  return { readUnits: 0, writeUnits: 0, dynamoCalls: 0, dataApiRequests: 0, dataApiMs: 0 };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const TIMEOUT_MS = 60_000;

function forward(upstream: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage["headers"]; body: Buffer }>((resolve, reject) => {
    const options = { method, headers: { ...headers, "content-length": body.length }, timeout: TIMEOUT_MS };
    httpRequest(`${upstream}${url}`, options, (answer) => {
      read(answer).then((bytes) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: bytes }), reject);
    })
      .on("error", reject)
      .end(body);
  });
}
