import { resolve } from "node:path";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import { createDynamoTokenStore } from "../shared/access/dynamo-token-store.ts";
import { withoutKey } from "../shared/access/heartbeat-key.ts";
import { createRateLimiter } from "../shared/access/rate-limiter.ts";
import { createDynamoChannelNames } from "../shared/alert/channel-names.ts";
import { createDynamoChannelHealth } from "../shared/alert/dynamo-channel-health.ts";
import { createDynamoChannels } from "../shared/alert/dynamo-channels.ts";
import { createDynamoMaintenance } from "../shared/alert/dynamo-maintenance.ts";
import { createDynamoManualIncidents } from "../shared/alert/dynamo-manual-incidents.ts";
import { pastMaintenanceKeeper } from "../shared/alert/dynamo-past-maintenance.ts";
import { createIncidentLinks } from "../shared/alert/incident-link.ts";
import { apiEnv } from "../shared/env/api-env.ts";
import { createDynamoSpoolWriter, spoolStateReader } from "../shared/log/dynamo-spool.ts";
import { createAddressGuard } from "../shared/net/address-guard.ts";
import { CHANNEL_SECRETS, channelSettings, usableChannels } from "../shared/notify/channel.ts";
import { createDynamoStatusPages } from "../shared/page/dynamo-status-pages.ts";
import { createDynamoLastRound } from "../shared/round/dynamo-last-round.ts";
import { createDynamoDeletions } from "../shared/targets/dynamo-deletions.ts";
import { createDynamoTargetStore } from "../shared/targets/dynamo-target-store.ts";
import { createFieldCipher } from "../shared/targets/field-cipher.ts";
import { createFormerKeys } from "../shared/targets/former-keys.ts";
import { acrossOrigins } from "./api/cross-origin.ts";
import { problemOf } from "./api/problem.ts";
import type { ApiDeps } from "./api/route.ts";
import { dispatch } from "./api/router.ts";
import { routes } from "./api/routes/index.ts";
import { clock } from "./wiring/clients.ts";
import { fieldKey } from "./wiring/field-key.ts";
import { freshSettings } from "./wiring/fresh-settings.ts";
import { logReads } from "./wiring/log-reads.ts";
import { parameterStore } from "./wiring/parameter-store.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { userAgent } from "./wiring/user-agent.ts";

const { env, current: currentChannels } = await freshSettings(
  apiEnv.extend(channelSettings),
  [parameterStore(CHANNEL_SECRETS), fieldKey],
  usableChannels,
  {
    clock,
    warn: (message) => stores.logger.warn(message),
  },
);
const { client, sql, rest, onUnreadable, ...stores } = storeDeps("api", env);
const guard = createAddressGuard(env.ALLOWED_PRIVATE_RANGES, env.ALLOWED_PORTS, env.ALLOW_PING);
const targets = createDynamoTargetStore(client, env.TABLE_NAME, clock, onUnreadable);
const cipher = createFieldCipher(env.FIELD_KEY);
const channelStore = createDynamoChannels(client, env.TABLE_NAME);
const deps: Omit<ApiDeps, "settingChannels" | "channelIds"> = {
  ...stores,
  targets,
  probeNames: env.PROBES.map(({ name }) => name),
  formerKeys: createFormerKeys(client, env.TABLE_NAME, { clock, cipher, get: targets.get }),
  deletions: createDynamoDeletions(client, env.TABLE_NAME),
  spool: createDynamoSpoolWriter(client, env.TABLE_NAME),
  lastRound: createDynamoLastRound(client, env.TABLE_NAME),
  spoolState: spoolStateReader(client, env.TABLE_NAME),
  ...logReads({ client, sql, rest, clock, logger: stores.logger }, env),
  channelHealth: createDynamoChannelHealth(client, env.TABLE_NAME, clock),
  channelStore,
  channelNames: createDynamoChannelNames(client, env.TABLE_NAME, clock, channelStore),
  maintenance: createDynamoMaintenance(client, env.TABLE_NAME),
  pastMaintenance: { keep: pastMaintenanceKeeper(client, env.TABLE_NAME) },
  userAgent: userAgent(env),
  manualIncidents: createDynamoManualIncidents(client, env.TABLE_NAME),
  statusPages: createDynamoStatusPages(client, env.TABLE_NAME),
  incidentLinks: createIncidentLinks(env.FIELD_KEY),
  guard,
  engine: { clock, guard, userAgent: userAgent(env), dnsServers: env.DNS_SERVERS },
  roundSeconds: env.ROUND_SECONDS,
  cipher,
  tokens: createDynamoTokenStore(client, env.TABLE_NAME, clock),
  rateLimiter: createRateLimiter(env.RATE_LIMIT_PER_MINUTE, clock),
  maxTargets: env.MAX_TARGETS,
  usdPerCheck: env.USD_PER_CHECK,
  swaggerUiDir: env.SWAGGER_UI_DIR && resolve(import.meta.dirname, env.SWAGGER_UI_DIR),
};

const answer = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
  .use(injectLambdaContext(stores.logger, { clearState: true }))
  .onError((request) => {
    const { problem, headers, internal } = problemOf(request.error);
    if (internal) stores.logger.error("request failed", { error: request.error ?? undefined, path: withoutKey(request.event.path) });
    request.response = {
      statusCode: problem.status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers },
      body: JSON.stringify(problem),
    };
  })
  .handler(async (event) => {
    const settingChannels = await currentChannels();
    const channelIds = async () => [...settingChannels, ...(await deps.channelStore.list())].map(({ id }) => id);
    return dispatch(routes, { ...deps, settingChannels, channelIds }, event);
  });

/** The API behind API Gateway: every route of `api/routes`. */
export const handler = (event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> =>
  acrossOrigins(env.CORS_ORIGINS, event, () => answer(event, context));
