import { StackingConfigBuilder, StackingMode } from "@grafana/grafana-foundation-sdk/common";
import { AnnotationQueryBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { DATA_SOURCE, panel, sql } from "./panels.ts";
import { dashboard, intervalVariable, targetVariable } from "./variables.ts";

/** Aims of the example SLO: three nines over 30 days. */
const SLO_PERCENT = 99.9;

/** One target: its status, latency by phase and percentile, checks, incidents, and error budget. */
export const target = dashboard("target", "server-tracker-target", "now-24h")
  .withVariable(targetVariable())
  .withVariable(intervalVariable())
  .annotation(
    new AnnotationQueryBuilder()
      .name("Incidents")
      .datasource(DATA_SOURCE)
      .enable(true)
      .iconColor("red")
      .target(
        sql(`select started_at as time, coalesce(ended_at, now()) as timeend, coalesce(error_class || ': ', '') || coalesce(error, 'down') as text
from grafana_incident where seq = $target and detected_at <= $__timeTo() and coalesce(ended_at, now()) >= $__timeFrom()`),
      ),
  )
  .annotation(
    new AnnotationQueryBuilder()
      .name("Maintenance")
      .datasource(DATA_SOURCE)
      .enable(true)
      .iconColor("blue")
      .target(
        sql(`select time, time_end as timeend, 'maintenance' as text
from grafana_maintenance where seq = $target and time <= $__timeTo() and time_end >= $__timeFrom()`),
      ),
  )
  .withPanel(
    panel("stat", {
      title: "Now",
      at: [0, 0, 8, 4],
      query: `select status as "Status", round(extract(epoch from now() - since))::double precision as "For seconds" from grafana_target where seq = $target`,
    }),
  )
  .withPanel(
    panel("stat", {
      title: "Certificate, days left",
      at: [8, 0, 4, 4],
      query: `select certificate_days as "Days" from grafana_check
where seq = $target and time > now() - interval '1 day' and certificate_days is not null order by time desc limit 1`,
    }),
  )
  .withPanel(
    panel("stat", {
      title: `Error budget of ${SLO_PERCENT} % over 30 days`,
      description: "Left: the share of the allowed time down that is not used up. Burn rate: 1 uses the budget up in just 30 days.",
      at: [12, 0, 12, 4],
      query: `with month as (
  select sum(down_s)::double precision as down, sum(up_s + degraded_s + down_s)::double precision as known from grafana_availability_day
  where seq = $target and time >= now() - interval '30 days'
), hour as (
  select sum(down_s)::double precision as down, sum(up_s + degraded_s + down_s)::double precision as known from grafana_availability_5m
  where seq = $target and time >= now() - interval '1 hour'
)
select round((100 * (month.known - month.down) / nullif(month.known, 0))::numeric, 3)::double precision as "Availability, %",
       round((100 - 100 * month.down / nullif(month.known * ${(100 - SLO_PERCENT).toFixed(4)} / 100, 0))::numeric, 1)::double precision as "Budget left, %",
       round((hour.down / nullif(hour.known, 0) / ${((100 - SLO_PERCENT) / 100).toFixed(6)})::numeric, 1)::double precision as "Burn rate, last hour"
from month, hour`,
    }),
  )
  .withPanel(
    panel("timeline", {
      title: "Status",
      at: [0, 4, 24, 5],
      query: `select time, target as metric, status_code as value from grafana_status_change
where seq = $target and (time between $__timeFrom() and $__timeTo()
  or time = (select max(time) from grafana_status_change where seq = $target and time < $__timeFrom())) order by time`,
    }),
  )
  .withPanel(
    panel("timeseries", {
      title: "Latency by phase",
      description: "Averages of single checks, stacked: where the time goes.",
      at: [0, 9, 12, 9],
      unit: "ms",
      query: `select $__timeGroup(time, $interval) as time, avg(dns_ms) as "dns", avg(connect_ms) as "connect", avg(tls_ms) as "tls",
       avg(ttfb_ms) as "first byte", avg(transfer_ms) as "transfer"
from grafana_check where seq = $target and $__timeFilter(time) and status_code < 3 group by 1 order by 1`,
    })
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("phases"))
      .fillOpacity(30),
  )
  .withPanel(
    panel("timeseries", {
      title: "Latency, p50, p95, p99",
      at: [12, 9, 12, 9],
      unit: "ms",
      query: `select time, latency_percentile(buckets, counts, 0.5) as "p50", latency_percentile(buckets, counts, 0.95) as "p95",
       latency_percentile(buckets, counts, 0.99) as "p99"
from grafana_hour where seq = $target and $__timeFilter(time) order by time`,
    }),
  )
  .withPanel(
    panel("heatmap", {
      title: "Latency, all checks",
      at: [0, 18, 12, 9],
      query: `select r.time, round(power(2, (b.bucket + 1) / 4.0)::numeric, 1)::text as metric, b.n as value
from grafana_hour as r, unnest(r.buckets, r.counts) as b(bucket, n)
where r.seq = $target and $__timeFilter(r.time) order by r.time, b.bucket`,
    }),
  )
  .withPanel(
    panel("timeseries", {
      title: "Availability",
      at: [12, 18, 12, 9],
      unit: "percent",
      query: `select date_trunc('hour', time) as time, 100.0 * sum(up_s + degraded_s) / nullif(sum(up_s + degraded_s + down_s), 0)::double precision as "Available"
from grafana_availability_hour where seq = $target and $__timeFilter(time) group by 1 order by 1`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "Incidents",
      at: [0, 27, 24, 8],
      query: `select severity as "Severity", started_at as "Began", ended_at as "Ended", duration_s as "Seconds", detection_s as "Seen after, s", coalesce(error_class, '') as "Class", coalesce(error, '') as "Error"
from grafana_incident where seq = $target and detected_at <= $__timeTo() and coalesce(ended_at, now()) >= $__timeFrom() order by started_at desc limit 100`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "Checks that failed",
      at: [0, 35, 24, 8],
      query: `select time as "At", status as "Status", http_status as "HTTP", attempts as "Attempts", coalesce(error_class, '') as "Class", coalesce(error, '') as "Error"
from grafana_check where seq = $target and $__timeFilter(time) and status_code > 1 order by time desc limit 100`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "What other regions saw",
      description: "Asked before it was held for down, and as often as its `from` says.",
      at: [0, 43, 12, 9],
      query: `select time as "At", region as "From", status as "Status", http_status as "HTTP", latency_ms as "Latency, ms", coalesce(error, '') as "Reason"
from grafana_opinion where seq = $target and $__timeFilter(time) order by time desc, region limit 100`,
    }),
  )
  .withPanel(
    panel("timeseries", {
      title: "Latency from other regions",
      description: "Of checks that were up there: of the places that the target's `from` names, and of second opinions.",
      at: [12, 43, 12, 9],
      unit: "ms",
      query: `select time, region as metric, latency_ms as value
from grafana_opinion where seq = $target and $__timeFilter(time) and status <> 'down' and latency_ms is not null order by time, region limit 20000`,
    }),
  )
  .build();
