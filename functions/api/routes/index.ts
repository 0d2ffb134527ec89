import type { Route } from "../route.ts";
import { acknowledgeRoutes } from "./acknowledge.ts";
import { listAudit } from "./audit.ts";
import { channelRoutes } from "./channels.ts";
import { checkConfig, checkTarget } from "./checks.ts";
import { docsRoutes } from "./docs.ts";
import { pingRoutes, postReports, renewHeartbeatKey } from "./heartbeats.ts";
import { getSummary, listChecks, listOpinions, recentChecks } from "./history.ts";
import { incidentRoutes } from "./incidents.ts";
import {
  createMaintenance,
  deleteMaintenance,
  listMaintenance,
  maintenanceCalendar,
  silenceTarget,
  updateMaintenance,
} from "./maintenance.ts";
import { manualIncidentRoutes } from "./manual-incidents.ts";
import { getMetrics } from "./metrics.ts";
import { getMe, getOverview, getSeries, listAlerts } from "./overview.ts";
import { uptimeReport } from "./reports.ts";
import { getHealth } from "./service.ts";
import { statusPageRoutes } from "./status-pages.ts";
import { createTarget, deleteTarget, getTarget, listTargets, postDigests, updateTarget } from "./targets.ts";
import { createToken, listTokens, revokeToken } from "./tokens.ts";

/** Every route of the API: what the router, the OpenAPI document, the local server and infra know. */
export const routes: readonly Route[] = [
  createTarget,
  listTargets,
  getTarget,
  updateTarget,
  deleteTarget,
  postDigests,
  checkTarget,
  checkConfig,
  listChecks,
  listOpinions,
  getSummary,
  uptimeReport,
  getSeries,
  listAlerts,
  getOverview,
  recentChecks,
  ...incidentRoutes,
  ...manualIncidentRoutes,
  ...acknowledgeRoutes,
  postReports,
  ...pingRoutes,
  renewHeartbeatKey,
  createToken,
  listTokens,
  revokeToken,
  listAudit,
  getMe,
  getMetrics,
  createMaintenance,
  silenceTarget,
  listMaintenance,
  maintenanceCalendar,
  updateMaintenance,
  deleteMaintenance,
  ...channelRoutes,
  ...statusPageRoutes,
  getHealth,
  ...docsRoutes(() => routes),
];
