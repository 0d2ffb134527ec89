import { openIncidents } from "./open-incidents.ts";
import { panel } from "./panels.ts";
import { CHOSEN, dashboard, filterVariables } from "./variables.ts";

/** What went wrong, how soon it was seen, how long it lasted, and whether people were told. */
export const incidents = filterVariables()
  .reduce((built, variable) => built.withVariable(variable), dashboard("incidents and alerts", "server-tracker-incidents", "now-7d"))
  .withPanel(
    panel("stat", {
      title: "Incidents",
      at: [0, 0, 24, 5],
      query: `${CHOSEN}
select count(*) as "Began", count(*) filter (where open) as "Open", avg(detection_s) as "Mean time to detect, s",
       avg(duration_s) filter (where recovered) as "Mean time to recover, s"
from grafana_incident join chosen using (seq) where counts and $__timeFilter(detected_at)`,
    }),
  )
  .withPanel(openIncidents("Open", [0, 5, 24, 7]))
  .withPanel(
    panel("table", {
      title: "Past",
      at: [0, 12, 24, 9],
      query: `${CHOSEN}
select i.target as "Target", i.severity as "Severity", i.started_at as "Began", i.ended_at as "Ended", i.duration_s as "Seconds", i.detection_s as "Seen after, s",
       coalesce(i.error_class, '') as "Class", coalesce(i.error, '') as "Error"
from grafana_incident as i join chosen using (seq) where not i.open and $__timeFilter(i.detected_at) order by i.detected_at desc limit 200`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "Noisiest targets",
      at: [0, 21, 12, 9],
      query: `${CHOSEN}
select i.target as "Target", count(*) as "Incidents", sum(i.duration_s) as "Seconds"
from grafana_incident as i join chosen using (seq) where $__timeFilter(i.detected_at) group by 1 order by 2 desc, 3 desc limit 25`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "Alerts by channel",
      at: [12, 21, 12, 9],
      query: `select channel as "Channel", count(*) filter (where outcome = 'sent') as "Sent", count(*) filter (where outcome = 'folded') as "Folded",
       count(*) filter (where outcome = 'waiting') as "Waiting", count(*) filter (where outcome = 'failed') as "Failed",
       max(attempted_at) as "Last attempt"
from grafana_delivery where $__timeFilter(time) group by 1 order by 1`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "Alerts that are not through",
      at: [0, 30, 24, 8],
      query: `select time as "Of", target as "Target", channel as "Channel", outcome as "Outcome", attempts as "Attempts", next_attempt_at as "Next", coalesce(error, '') as "Error"
from grafana_delivery where outcome in ('waiting', 'failed') and $__timeFilter(time) order by time desc limit 100`,
    }),
  )
  .build();
