import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { health } from "./health.ts";
import { incidents } from "./incidents.ts";
import { overview } from "./overview.ts";
import { target } from "./target.ts";

/** Every dashboard, by the name of its file in `dashboards/`. */
export const dashboards = { overview, target, incidents, health } as const;

/** A dashboard as Grafana imports it. */
export function dashboardJson(dashboard: object): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

// `npm run grafana` writes what Compose provisions and people import.
if (import.meta.main) {
  const folder = fileURLToPath(new URL("dashboards/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [name, dashboard] of Object.entries(dashboards)) writeFileSync(`${folder}${name}.json`, dashboardJson(dashboard));
}
