import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createApiClient } from "../../local/api-client.ts";
import { loadFunctions } from "../../local/load-functions.ts";
import { createApiServer } from "../../local/stand-ins/api-server.ts";
import { createFileServer } from "../../local/stand-ins/file-server.ts";
import { createLambdaServer, type InvokedFunctions } from "../../local/stand-ins/lambda-server.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createPageFiles, type PageSources } from "../../local/stand-ins/page-files.ts";
import { loadRoundMachine } from "../../local/stand-ins/round-machine.ts";
import { createWebhookSink, type ReceivedMessage, type SinkAnswer } from "../../local/stand-ins/webhook-sink.ts";
import type { RoundSummary } from "../../shared/round/conclude-round.ts";
import { type LogEngine, startLog } from "./log-engine.ts";
import { type StateEngine, startState, TABLE_NAME } from "./state-engine.ts";

export const API_KEY = "test-key-0123456789-abcdef";

/** How long a close waits for functions that were called as events: what they use is closed after them. */
const LAST_CALLS_MS = 60_000;

export interface Monitor {
  readonly state: StateEngine;
  readonly log: LogEngine;
  readonly url: string;
  /** Folder of the files of status pages. */
  readonly pages: string;
  /** Everything Discord was sent, in order. */
  readonly discord: ReceivedMessage[];
  /** How Discord answers from now on. */
  discordAnswers(answer: (message: ReceivedMessage) => SinkAnswer | undefined): void;
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  request(
    method: string,
    path: string,
    init?: { body?: string; headers?: Record<string, string> },
  ): Promise<{ status: number; headers: Headers; json: unknown; text: string }>;
  /** Runs the round of `mark` (epoch seconds) through the state machine, without waiting for its time. */
  round(mark: number): Promise<RoundSummary>;
  maintain(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * The functions as Lambda loads them, over engines in this process and the real state machine
 * definition. One per test file: functions read their settings from the process's environment.
 */
export async function startMonitor(environment: Record<string, string> = {}): Promise<Monitor> {
  const discord: ReceivedMessage[] = [];
  let answer: (message: ReceivedMessage) => SinkAnswer | undefined = () => undefined;
  const sink = createWebhookSink((message) => {
    const given = answer(message);
    if (given === undefined || given.status < 300) discord.push(message);
    return given;
  });
  const pages = await mkdtemp(join(tmpdir(), "server-tracker-pages-"));
  const files = createFileServer(pages, () => undefined);
  const [state, log, sinkUrl, filesUrl] = await Promise.all([startState(), startLog(), listen(sink), listen(files)]);
  Object.assign(process.env, {
    TABLE_NAME,
    LOG_RESOURCE_ARN: "arn:local",
    LOG_SECRET_ARN: "arn:local",
    LOG_DATABASE: "log",
    ROUND_SECONDS: "30",
    ALLOWED_PRIVATE_RANGES: "127.0.0.0/8",
    CHECKS_PER_SECOND: "2000",
    DISCORD_WEBHOOK_URL: `${sinkUrl}/discord`,
    API_KEY,
    RATE_LIMIT_PER_MINUTE: "1000000",
    FIELD_KEY: "test-field-key-0123456789-abcdefgh",
    LOG_LEVEL: "SILENT",
    AWS_ENDPOINT_URL_S3: filesUrl,
    PAGES_BUCKET: "pages",
    STATUS_URL: "https://status.example",
    ...environment,
  });
  const invoked = Promise.withResolvers<InvokedFunctions>();
  const lambda = createLambdaServer(invoked.promise, (error) => {
    throw error;
  });
  process.env["AWS_ENDPOINT_URL_LAMBDA"] = await listen(lambda.server);
  const functions = await loadFunctions();
  invoked.resolve(functions.invoked(() => undefined));
  const page = createPageFiles(pages, pageSources(pages));
  const server = createApiServer(Promise.resolve(functions), { page });
  const url = await listen(server);
  let summary: RoundSummary | undefined;
  let named = 0;
  const machine = await loadRoundMachine({
    ...functions.roundTasks((concluded) => {
      summary = concluded;
    }),
    // One round, without waiting for its time.
    NameRounds: async () => ({ rounds: [{ mark: named, at: new Date(0).toISOString() }] }),
  });
  return {
    state,
    log,
    url,
    pages,
    discord,
    discordAnswers: (next) => {
      answer = next;
    },
    // A busy machine is no fault.
    api: createApiClient(url, API_KEY, 120_000).call,
    async request(method, path, { body, headers = { "x-api-key": API_KEY } } = {}) {
      const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }), redirect: "manual" });
      const text = await response.text();
      const isJson = text !== "" && /json/.test(response.headers.get("content-type") ?? "");
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
    },
    async round(mark) {
      summary = undefined;
      named = mark;
      const output = await machine.run({ start: new Date(mark * 1_000).toISOString() });
      if (summary === undefined) throw new Error(`the round was not concluded: ${JSON.stringify(output)}`);
      return summary;
    },
    maintain: functions.maintainLog,
    async close() {
      await lambda.idle(LAST_CALLS_MS);
      for (const open of [server, sink, lambda.server, files]) {
        open.closeAllConnections();
        open.close();
      }
      await Promise.all([state.close(), log.close(), rm(pages, { recursive: true, force: true })]);
    },
  };
}

/** The next marks of 30 s from now on: a round of a mark that is past is stale, however busy the machine. */
export function marksFromNow(): () => number {
  let mark = 0;
  return () => {
    mark = Math.max(mark + 30, Math.floor(Date.now() / 30_000) * 30 + 30);
    return mark;
  };
}

/** A site that is up until it is told otherwise. */
export async function startSite(): Promise<{
  url: string;
  answerWith: (status: number) => void;
  goDown: () => Promise<void>;
  comeBack: () => Promise<void>;
  hits: () => number;
}> {
  let status = 200;
  let hits = 0;
  const listener: Parameters<typeof createServer>[1] = (_, response) => {
    hits++;
    response.writeHead(status).end("body");
  };
  let server = createServer(listener);
  const url = await listen(server);
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return {
    url,
    answerWith: (next) => {
      status = next;
    },
    goDown: stop,
    comeBack: async () => {
      server = createServer(listener);
      await listen(server, Number(new URL(url).port));
    },
    hits: () => hits,
  };
}

/** Titles of Discord's embeds, in the order sent. */
export function titles(messages: readonly ReceivedMessage[]): string[] {
  return messages.flatMap(({ body }) => (body as { embeds: { title: string }[] }).embeds.map(({ title }) => title));
}

/** What the page stands on, where it is not built and nobody signs in. @param published folder of the files of status pages */
export function pageSources(published: string): PageSources {
  return {
    built: Promise.resolve(),
    published: Promise.resolve(published),
    signIn: Promise.resolve({ settings: undefined, issuers: [] }),
  };
}
