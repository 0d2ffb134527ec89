import type * as z from "zod";
import type { Principal, Role } from "../../shared/access/authorize.ts";
import type { RateLimiter } from "../../shared/access/rate-limiter.ts";
import type { TokenStore } from "../../shared/access/token-store.ts";
import type { ChannelHealthStore } from "../../shared/alert/channel-health.ts";
import type { ChannelNames } from "../../shared/alert/channel-names.ts";
import type { ChannelStore } from "../../shared/alert/channel-object.ts";
import type { IncidentLinks } from "../../shared/alert/incident-link.ts";
import type { MaintenanceStore } from "../../shared/alert/maintenance.ts";
import type { PastMaintenanceStore } from "../../shared/alert/maintenance-time.ts";
import type { ManualIncidentStore } from "../../shared/alert/manual-incident.ts";
import type { CheckEngine } from "../../shared/check/run-check.ts";
import type { LogHistory } from "../../shared/log/log-history.ts";
import type { LogOverview } from "../../shared/log/log-overview.ts";
import type { LogPages } from "../../shared/log/log-pages.ts";
import type { LogReports } from "../../shared/log/log-reports.ts";
import type { LogRest } from "../../shared/log/log-rest.ts";
import type { RecentChecks } from "../../shared/log/recent-checks.ts";
import type { Recorder } from "../../shared/log/record.ts";
import type { SpoolState } from "../../shared/log/spool.ts";
import type { AddressGuard } from "../../shared/net/address-guard.ts";
import type { Channel } from "../../shared/notify/channel.ts";
import type { StatusPageStore } from "../../shared/page/status-page.ts";
import type { LastRoundStore } from "../../shared/round/last-round.ts";
import type { DeletionStore } from "../../shared/targets/deletions.ts";
import type { FieldCipher } from "../../shared/targets/field-cipher.ts";
import type { FormerKeys } from "../../shared/targets/former-keys.ts";
import type { TargetStore } from "../../shared/targets/target-store.ts";
import type { Clock } from "../../shared/time/clock.ts";

export interface ApiDeps extends Recorder {
  readonly targets: TargetStore;
  readonly formerKeys: FormerKeys;
  readonly deletions: DeletionStore;
  readonly history: LogHistory;
  readonly overview: LogOverview;
  readonly reports: LogReports;
  /** For previews of status pages. */
  readonly logPages: LogPages;
  /** Where the log sleeps between its hours: whether it does, and what can be read meanwhile. */
  readonly sleeping: { readonly rest: Pick<LogRest, "state">; readonly recent: RecentChecks } | undefined;
  readonly lastRound: LastRoundStore;
  readonly spoolState: () => Promise<SpoolState>;
  /** Those of the deployment's settings. */
  readonly settingChannels: readonly Channel[];
  /** Those that were made here. */
  readonly channelStore: ChannelStore;
  readonly channelNames: ChannelNames;
  /** What a target may name. */
  readonly channelIds: () => Promise<readonly string[]>;
  /** Names of the places that are asked for second opinions. */
  readonly probeNames: readonly string[];
  readonly userAgent: string;
  readonly channelHealth: ChannelHealthStore;
  readonly maintenance: MaintenanceStore;
  readonly pastMaintenance: Pick<PastMaintenanceStore, "keep">;
  readonly manualIncidents: ManualIncidentStore;
  readonly statusPages: StatusPageStore;
  readonly incidentLinks: IncidentLinks;
  readonly guard: AddressGuard;
  readonly clock: Clock;
  /** For checks that somebody asks for. */
  readonly engine: CheckEngine;
  readonly roundSeconds: number;
  readonly swaggerUiDir: string | undefined;
  readonly cipher: FieldCipher;
  readonly tokens: TokenStore;
  readonly rateLimiter: RateLimiter;
  readonly maxTargets: number;
  /** What a check costs in this deployment, USD; `undefined` where it costs nothing. */
  readonly usdPerCheck: number | undefined;
}

export interface RawInput {
  /** The first value of each parameter. */
  readonly query: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly text: string;
}

export interface ApiRequest<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Of a route that takes anything: what came, its text cut to 64 KiB. */
  readonly raw: RawInput;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal | undefined;
  /** As the caller wrote it, without host and stage. */
  readonly path: string;
  /** Scheme, host and stage that the caller used, without a slash at the end. */
  readonly baseUrl: string;
}

export interface ApiResponse {
  readonly status: number;
  /** Sent as JSON, but for text and bytes, which go as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the call changed, for the audit: the router adds who, which route and when. Holds no secret. */
  readonly change?: { readonly what: string; readonly before?: unknown; readonly after?: unknown };
}

export interface ResponseDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly contentType?: string;
}

/**
 * One route: what it takes, who may call it, what it answers. Router, OpenAPI document, local
 * server and infra read the same list of these.
 */
export interface Route {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** With `{name}` for parameters, without a slash at the end. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  /** `public`, or the least role that may call it. */
  readonly access: "public" | Role;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Nothing of the input is refused: the handler gets it as it came, in `raw`. For those who cannot read an answer. */
  readonly takesAnything?: true;
  /** What the document shows of the body, where validation needs the deployment's settings. */
  readonly bodyDoc?: z.ZodType;
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  readonly handle: (deps: ApiDeps, request: ApiRequest) => Promise<ApiResponse>;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** Types a route's handler by its schemas. */
export function defineRoute<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  route: Omit<Route, "params" | "query" | "body" | "handle"> & {
    params?: Params;
    query?: Query;
    body?: Body;
    handle: (deps: ApiDeps, request: ApiRequest<Output<Params>, Output<Query>, Output<Body>>) => Promise<ApiResponse>;
  },
): Route {
  // The router hands over exactly what these schemas made.
  return route as unknown as Route;
}
