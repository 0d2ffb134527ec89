import { DashboardBuilder, DatasourceVariableBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesPanel } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATA_SOURCE, sql } from "./sql-query.ts";

/** How all targets do: what is down now, availability, latency, and whether the monitor itself runs. */
export const overview = new DashboardBuilder("Server Tracker: overview")
  .uid("server-tracker-overview")
  .tags(["server-tracker"])
  .refresh("30s")
  .time({ from: "now-6h", to: "now" })
  .timezone("browser")
  .withVariable(new DatasourceVariableBuilder("source").label("Data source").type("grafana-postgresql-datasource"))
  .withPanel(
    new StatPanel()
      .title("Targets by status")
      .datasource(DATA_SOURCE)
      .gridPos({ x: 0, y: 0, w: 12, h: 5 })
      .withTarget(
        sql(`select count(*) filter (where status = 'up') as "Up", count(*) filter (where status = 'degraded') as "Degraded",
       count(*) filter (where status = 'down') as "Down", count(*) filter (where status in ('pending', 'paused')) as "Not checked"
from grafana_target`),
      ),
  )
  .withPanel(
    new StatPanel()
      .title("Seconds since the last round")
      .datasource(DATA_SOURCE)
      .unit("s")
      .gridPos({ x: 12, y: 0, w: 6, h: 5 })
      .withTarget(sql(`select extract(epoch from now() - max(time))::double precision as "Last round" from grafana_round`)),
  )
  .withPanel(
    new StatPanel()
      .title("Coverage")
      .datasource(DATA_SOURCE)
      .unit("percent")
      .gridPos({ x: 18, y: 0, w: 6, h: 5 })
      .withTarget(
        sql(
          `select 100.0 * sum(checked) / nullif(sum(planned), 0)::double precision as "Coverage" from grafana_round where $__timeFilter(time)`,
        ),
      ),
  )
  .withPanel(
    new TablePanel()
      .title("Down now")
      .datasource(DATA_SOURCE)
      .gridPos({ x: 0, y: 5, w: 24, h: 7 })
      .withTarget(
        sql(`select target as "Target", started_at as "Since", duration_s as "Seconds", coalesce(error_class, '') as "Class", coalesce(error, '') as "Error"
from grafana_incident where open order by started_at limit 100`),
      ),
  )
  .withPanel(
    new TimeSeriesPanel()
      .title("Checks by status")
      .datasource(DATA_SOURCE)
      .gridPos({ x: 0, y: 12, w: 12, h: 9 })
      .withTarget(
        sql(
          `select $__timeGroup(time, $__interval) as time, sum(up) as "Up", sum(degraded) as "Degraded", sum(down) as "Down"
from grafana_round where $__timeFilter(time) group by 1 order by 1`,
          "time_series",
        ),
      ),
  )
  .withPanel(
    new TimeSeriesPanel()
      .title("Latency, p95 of the slowest ten")
      .datasource(DATA_SOURCE)
      .unit("ms")
      .gridPos({ x: 12, y: 12, w: 12, h: 9 })
      .withTarget(
        sql(
          `with slowest as (
  select seq from grafana_5m where $__timeFilter(time) group by seq order by sum(latency_sum_ms) / nullif(sum(checks), 0) desc nulls last limit 10
)
select time, target as metric, latency_percentile(buckets, counts, 0.95) as value
from grafana_5m where $__timeFilter(time) and seq in (select seq from slowest) order by 1`,
          "time_series",
        ),
      ),
  )
  .withPanel(
    new TablePanel()
      .title("Availability, 24 hours")
      .datasource(DATA_SOURCE)
      .gridPos({ x: 0, y: 21, w: 24, h: 10 })
      .withTarget(
        sql(`select target as "Target",
       round(100.0 * sum(up_s + degraded_s) / nullif(sum(up_s + degraded_s + down_s), 0), 3)::double precision as "Available, %",
       sum(down_s) as "Seconds down", sum(checks) as "Checks"
from grafana_5m where time >= now() - interval '24 hours' group by 1 order by 2 nulls last limit 200`),
      ),
  )
  .build();
