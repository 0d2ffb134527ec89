import { httpUrl } from "../net/http-url.ts";
import { deliverAlertsEnv } from "./deliver-alerts-env.ts";
import { flag } from "./fields.ts";

export const concludeRoundEnv = deliverAlertsEnv.extend({
  /** Called at the end of each round, so that an outside watcher notices when rounds stop. */
  DEAD_MANS_SWITCH_URL: httpUrl.optional(),
  /** Whether a dashboard draws the rounds' metrics: those that no alarm reads are measured for it alone. */
  DASHBOARD: flag.default(false),
});
