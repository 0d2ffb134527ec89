import { type Place, panel } from "./panels.ts";
import { CHOSEN } from "./variables.ts";

/** The table of targets that are in an incident, the longest first; on dashboards with the filter variables. */
export function openIncidents(title: string, at: Place): ReturnType<typeof panel<"table">> {
  return panel("table", {
    title,
    at,
    query: `${CHOSEN}
select i.target as "Target", i.severity as "Severity", i.started_at as "Since", i.duration_s as "Seconds", coalesce(i.error_class, '') as "Class", coalesce(i.error, '') as "Error"
from grafana_incident as i join chosen using (seq) where i.open order by i.started_at limit 100`,
  });
}
