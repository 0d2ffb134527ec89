import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { BellReport } from "../shared/alert/answer-bell.ts";
import { messageOf, SettingError, StoreUnavailableError } from "../shared/errors.ts";
import { lastLoggedSeq } from "../shared/log/last-seq.ts";
import { migrate, readMigrations } from "../shared/log/migrate.ts";
import type { RoundSummary } from "../shared/round/conclude-round.ts";
import { skipSeqs } from "../shared/targets/dynamo-target-counter.ts";
import { systemClock } from "../shared/time/clock.ts";
import { buildPage, PAGE_FOLDER } from "../web/build.ts";
import { openDataFolder } from "./data-folder.ts";
import { loadFunctions } from "./load-functions.ts";
import type { LocalSettings } from "./settings.ts";
import { type ApiHandlers, createApiServer } from "./stand-ins/api-server.ts";
import { createDevIssuer, DEV_ISSUER, devSignIn } from "./stand-ins/dev-issuer.ts";
import { DEV_AUDIENCE } from "./stand-ins/dev-login-page.ts";
import { requireKey } from "./stand-ins/engines/engine-key.ts";
import { startEngine } from "./stand-ins/engines/start-engine.ts";
import { createFileServer } from "./stand-ins/file-server.ts";
import { createLambdaServer, type InvokedFunctions } from "./stand-ins/lambda-server.ts";
import { listen } from "./stand-ins/listen.ts";
import { MIGRATIONS } from "./stand-ins/migrations.ts";
import { createPageFiles, type PageSources } from "./stand-ins/page-files.ts";
import { startRoundLoop } from "./stand-ins/round-loop.ts";
import { loadRoundMachine } from "./stand-ins/round-machine.ts";
import { ensureStateTable, STATE_TABLE } from "./stand-ins/state-table.ts";

const REOPEN_EVERY_MS = 10_000;
/** How long a stop waits for rounds in flight. */
const STOP_GRACE_MS = 1_500;
/** A laptop may watch itself and its network; the link-local range stays closed all the same. */
const LOCAL_RANGES = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,fc00::/7";

export interface RunningServerTracker {
  readonly url: string;
  readonly apiKey: string;
  /** Where the development issuer hands out JWTs; `undefined` when the owner named another issuer. */
  readonly issuerUrl: string | undefined;
  /** True when this was the first start on its data folder. */
  readonly isNew: boolean;
  readonly stop: () => Promise<void>;
}

export interface ServerTrackerEvents {
  readonly onRound: (summary: RoundSummary) => void;
  /** Changes that were told before the end of their round. */
  readonly onTold: (report: BellReport) => void;
  /** Something failed that will be tried again. @param what such as `a round` */
  readonly onError: (what: string, error: unknown) => void;
  /** An engine ended by itself: nothing can go on. */
  readonly onCrash: (error: Error) => void;
  /** Called when the API answers, before the first round. */
  readonly onReady?: (running: Omit<RunningServerTracker, "stop">) => Promise<void>;
}

/**
 * Runs all of Server Tracker in this process, by the handlers that Lambda runs: engines, migrations,
 * API, then the round loop. One per process, since functions read their settings from its environment.
 * @throws {SettingError} when a port is taken, a folder is locked, or an engine does not start
 */
export async function startServerTracker(settings: LocalSettings, events: ServerTrackerEvents): Promise<RunningServerTracker> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const handlers = Promise.withResolvers<ApiHandlers>();
    handlers.promise.catch(() => undefined);
    const published = Promise.withResolvers<string>();
    const signIn = Promise.withResolvers<Awaited<PageSources["signIn"]>>();
    const pageBuilt = buildPage();
    pageBuilt.catch((error: unknown) => events.onError("building the page (the API goes on)", error));
    const server = createApiServer(handlers.promise, {
      onError: events.onError,
      page: createPageFiles(PAGE_FOLDER, { built: pageBuilt, published: published.promise, signIn: signIn.promise }),
    });
    const url = await listen(server, settings.port, settings.host).catch((error: NodeJS.ErrnoException) => {
      throw new SettingError(portProblem(error, settings));
    });
    closers.push(closerOf(server));
    const folder = await openDataFolder(settings.dataDir);
    closers.push(() => folder.close());

    const accessKeyId = randomBytes(24).toString("hex");
    const logData = settings.databaseUrl === undefined ? { dataDir: folder.log } : { databaseUrl: settings.databaseUrl };
    const [state, log, apiKey, fieldKey] = await Promise.all([
      startEngine("state-worker.ts", { dataDir: folder.state, accessKeyId }, events.onCrash),
      startEngine("log-worker.ts", { ...logData, accessKeyId }, events.onCrash),
      process.env["API_KEY"] || folder.apiKey(),
      process.env["FIELD_KEY"] || folder.fieldKey(),
      // Loaded meanwhile; they read no settings.
      import("../functions/wiring/clients.ts"),
      import("../functions/api/routes/index.ts"),
    ]);
    closers.push(state.close, log.close);
    await folder.announceState({ url: state.url, accessKeyId });
    const issuerUrl = await startDevIssuer(folder.path, apiKey, closers);
    signIn.resolve(signInOf(settings, issuerUrl));
    const invoked = Promise.withResolvers<InvokedFunctions>();
    const onLambdaError = (error: unknown) => events.onError("telling alerts (the end of the round does)", error);
    const functionServer = createLambdaServer(invoked.promise, onLambdaError);
    const lambda = requireKey(functionServer.server, accessKeyId);
    const files = requireKey(
      createFileServer(folder.pages, (error) => events.onError("writing a status page", error)),
      accessKeyId,
    );
    published.resolve(folder.pages);
    const [lambdaUrl, filesUrl] = await Promise.all([listen(lambda), listen(files)]);
    closers.push(closerOf(lambda), closerOf(files), () => functionServer.idle(STOP_GRACE_MS));

    Object.assign(
      process.env,
      localEnvironment({
        url,
        accessKeyId,
        stateUrl: state.url,
        logUrl: log.url,
        lambdaUrl,
        filesUrl,
        apiKey,
        fieldKey,
        issuerUrl,
        settings,
      }),
    );
    await ensureStateTable(STATE_TABLE);
    const functions = await loadFunctions();
    invoked.resolve(functions.invoked(events.onTold));
    const openLog = async () => {
      await applyMigrations();
      await functions.maintainLog();
    };
    let reopening: NodeJS.Timeout | undefined;
    await openLog().catch((error: unknown) => {
      // At the first start it is a wrong setting; later it is a database that is away, and the monitor goes on without.
      if (folder.isNew || !isUnavailable(error)) throw error;
      events.onError("opening the log (rows wait until it answers)", error);
      reopening = setInterval(() => {
        openLog().then(
          () => clearInterval(reopening),
          () => undefined,
        );
      }, REOPEN_EVERY_MS);
    });
    handlers.resolve({ api: functions.api, authorizer: functions.authorizer });
    await events.onReady?.({ url, apiKey, issuerUrl, isNew: folder.isNew });
    await folder.markStarted();

    const machine = await loadRoundMachine(functions.roundTasks(events.onRound));
    const loop = startRoundLoop(machine, {
      roundSeconds: settings.roundSeconds,
      clock: systemClock,
      onError: (error) => events.onError("a round", error),
    });
    const maintenance = setInterval(
      () => void functions.maintainLog().catch((error: unknown) => events.onError("the log's maintenance", error)),
      functions.maintainEveryMs,
    );
    return {
      url,
      apiKey,
      issuerUrl,
      isNew: folder.isNew,
      async stop() {
        clearInterval(maintenance);
        clearInterval(reopening);
        await loop.stop(STOP_GRACE_MS);
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && (error instanceof StoreUnavailableError || isUnavailable(error.cause));
}

function portProblem(error: NodeJS.ErrnoException, { port, host }: LocalSettings): string {
  if (error.code === "EADDRINUSE") return `port ${port} is taken: stop what listens there, or set PORT to another (0 takes a free one)`;
  if (error.code === "EACCES") return `port ${port} may not be opened by this user: set PORT to one above 1023`;
  return `cannot listen on ${host}:${port}: ${messageOf(error)}`;
}

/** The development issuer, where the owner names no other. */
async function startDevIssuer(folder: string, apiKey: string, closers: (() => Promise<void>)[]): Promise<string | undefined> {
  if (process.env["OIDC_ISSUER"]) return undefined;
  const server = await createDevIssuer({ folder, apiKey });
  const url = await listen(server);
  closers.push(closerOf(server));
  return url;
}

/** How people sign in on the page: at the owner's issuer, or at the development one by whoever sits at this machine. */
function signInOf({ host, signIn }: LocalSettings, issuerUrl: string | undefined): Awaited<PageSources["signIn"]> {
  if (signIn !== undefined) return signIn;
  if (issuerUrl === undefined || !/^(localhost|127\.|::1)/.test(host)) return { settings: undefined, issuers: [] };
  return { settings: devSignIn(issuerUrl), issuers: [issuerUrl] };
}

function closerOf(server: Server): () => Promise<void> {
  return async () => {
    server.close();
    server.closeAllConnections();
  };
}

interface Addresses {
  readonly url: string;
  readonly accessKeyId: string;
  readonly stateUrl: string;
  readonly logUrl: string;
  readonly lambdaUrl: string;
  readonly filesUrl: string;
  readonly apiKey: string;
  readonly fieldKey: string;
  readonly issuerUrl: string | undefined;
  readonly settings: LocalSettings;
}

function localEnvironment({
  url,
  accessKeyId,
  stateUrl,
  logUrl,
  lambdaUrl,
  filesUrl,
  apiKey,
  fieldKey,
  issuerUrl,
  settings,
}: Addresses): Record<string, string> {
  return {
    // Where the SDK finds the engines; code does not know where it runs.
    AWS_ENDPOINT_URL_DYNAMODB: stateUrl,
    AWS_ENDPOINT_URL_RDS_DATA: logUrl,
    AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
    AWS_ENDPOINT_URL_S3: filesUrl,
    PAGES_BUCKET: "pages",
    STATUS_URL: process.env["PUBLIC_URL"] || url,
    BELL_FUNCTION: "deliver-alerts",
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: "local",
    TABLE_NAME: STATE_TABLE,
    LOG_RESOURCE_ARN: "arn:aws:rds:local:000000000000:cluster:server-tracker",
    LOG_SECRET_ARN: "arn:aws:secretsmanager:local:000000000000:secret:server-tracker",
    LOG_DATABASE: "server_tracker",
    ROUND_SECONDS: String(settings.roundSeconds),
    ONE_PROCESS: "true",
    ALLOWED_PRIVATE_RANGES: process.env["ALLOWED_PRIVATE_RANGES"] || LOCAL_RANGES,
    ALLOW_PING: process.env["ALLOW_PING"] || "true",
    API_KEY: apiKey,
    FIELD_KEY: fieldKey,
    ...(issuerUrl !== undefined && {
      OIDC_ISSUER: DEV_ISSUER,
      OIDC_AUDIENCE: DEV_AUDIENCE,
      OIDC_JWKS_URI: `${issuerUrl}/.well-known/jwks.json`,
    }),
    LOG_LEVEL: process.env["LOG_LEVEL"] || "WARN",
  };
}

async function applyMigrations(): Promise<void> {
  const { migrationExecutor, stateClient } = await import("../functions/wiring/clients.ts");
  const { LOG_RESOURCE_ARN = "", LOG_SECRET_ARN = "", LOG_DATABASE = "" } = process.env;
  const sql = migrationExecutor({ LOG_RESOURCE_ARN, LOG_SECRET_ARN, LOG_DATABASE });
  try {
    await migrate(sql, await readMigrations(MIGRATIONS));
    await skipSeqs(stateClient(), STATE_TABLE, await lastLoggedSeq(sql));
  } catch (error) {
    throw new SettingError(`the log's schema could not be made: ${messageOf(error)}`, { cause: error });
  }
}
