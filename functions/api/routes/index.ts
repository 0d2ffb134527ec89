import type { Route } from "../route.ts";
import { docsRoutes } from "./docs.ts";
import { postHeartbeat, postReports, renewHeartbeatKey } from "./heartbeats.ts";
import { getSummary, listChecks, listIncidents, recentChecks } from "./history.ts";
import { getHealth, listChannels } from "./service.ts";
import { createTarget, deleteTarget, getTarget, listTargets, updateTarget } from "./targets.ts";

/** Every route of the API: what the router, the OpenAPI document, the local server and infra know. */
export const routes: readonly Route[] = [
  createTarget,
  listTargets,
  getTarget,
  updateTarget,
  deleteTarget,
  listChecks,
  getSummary,
  recentChecks,
  listIncidents,
  postReports,
  postHeartbeat,
  renewHeartbeatKey,
  listChannels,
  getHealth,
  ...docsRoutes(() => routes),
];
