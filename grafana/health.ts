import { panel } from "./panels.ts";
import { dashboard, intervalVariable } from "./variables.ts";

/** Whether the monitor does what it should: rounds, coverage, lateness, and its log. */
export const health = dashboard("monitor health", "server-tracker-health", "now-6h")
  .withVariable(intervalVariable())
  .withPanel(
    panel("stat", {
      title: "Rounds",
      at: [0, 0, 24, 5],
      query: `select count(*) as "Rounds", 100.0 * sum(checked) / nullif(sum(planned), 0)::double precision as "Coverage, %",
       sum(late) as "Checks late", sum(failed_shards) as "Shards failed", extract(epoch from now() - max(time))::double precision as "Last round, s ago"
from grafana_round where $__timeFilter(time)`,
    }),
  )
  .withPanel(
    panel("timeseries", {
      title: "Checks planned, done, late",
      at: [0, 5, 12, 9],
      query: `select $__timeGroup(time, $interval) as time, sum(planned) as "planned", sum(checked) as "done", sum(late) as "late"
from grafana_round where $__timeFilter(time) group by 1 order by 1`,
    }),
  )
  .withPanel(
    panel("timeseries", {
      title: "Coverage",
      at: [12, 5, 12, 9],
      unit: "percent",
      query: `select $__timeGroup(time, $interval) as time, min(coverage) as "least" from grafana_round where $__timeFilter(time) group by 1 order by 1`,
    }),
  )
  .withPanel(
    panel("timeseries", {
      title: "Duration of rounds",
      at: [0, 14, 12, 9],
      unit: "ms",
      query: `select $__timeGroup(time, $interval) as time, avg(took_ms) as "mean", max(took_ms) as "longest", max(loop_delay_ms) as "event loop's delay"
from grafana_round where $__timeFilter(time) group by 1 order by 1`,
    }),
  )
  .withPanel(
    panel("timeseries", {
      title: "Log: rows a second, batches to the spool",
      at: [12, 14, 12, 9],
      query: `select $__timeGroup(time, 1m) as time, sum(checked) / 60.0 as "rows a second", sum(spooled) as "batches to the spool"
from grafana_round where $__timeFilter(time) group by 1 order by 1`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "Tables",
      at: [0, 23, 24, 9],
      query: `select table_name as "Table", partitions as "Partitions", bytes as "Bytes", rows_estimated as "Rows, estimated" from grafana_table_size order by bytes desc`,
    }),
  )
  .build();
