import { openIncidents } from "./open-incidents.ts";
import { panel } from "./panels.ts";
import { CHOSEN, dashboard, filterVariables } from "./variables.ts";

/** Evaluated once a query, and not once a row. */
const once = (expression: string) => `(select ${expression})`;

/** Good and bad seconds since a moment, beside others of the same view. */
const since = (name: string, moment: string) =>
  `sum(up_s + degraded_s) filter (where time >= ${moment}) as ${name}_good,
         sum(down_s) filter (where time >= ${moment}) as ${name}_bad`;
/** Midnight in UTC, `days` days with today's: whole days come from one row each. */
const wholeDays = (days: number) => once(`date_trunc('day', now(), 'UTC') - interval '${days - 1} days'`);
const percent = (name: string) => `round(100.0 * ${name}_good / nullif(${name}_good + ${name}_bad, 0), 3)::double precision`;

/** How all targets do: what is down now, availability, latency. */
export const overview = filterVariables()
  .reduce((built, variable) => built.withVariable(variable), dashboard("overview", "server-tracker-overview", "now-6h"))
  .withPanel(
    panel("stat", {
      title: "Targets by status",
      at: [0, 0, 16, 5],
      query: `${CHOSEN}
select count(*) filter (where status = 'up') as "Up", count(*) filter (where status = 'degraded') as "Degraded",
       count(*) filter (where status = 'down') as "Down", count(*) filter (where status in ('pending', 'paused')) as "Not checked"
from chosen`,
    }),
  )
  .withPanel(
    panel("stat", {
      title: "Since the last round",
      description: "More than a minute: the monitor itself does not run, and nothing here is fresh.",
      at: [16, 0, 8, 5],
      unit: "s",
      query: `select extract(epoch from now() - max(time))::double precision as "Last round" from grafana_round where time > now() - interval '1 day'`,
    }),
  )
  .withPanel(openIncidents("Down now", [0, 5, 24, 7]))
  .withPanel(
    panel("timeline", {
      title: "Changes of status",
      description: "Targets that changed within the time shown, the latest first; a page of 25.",
      at: [0, 12, 24, 9],
      query: `${CHOSEN}, latest as (
  select seq from grafana_status_change join chosen using (seq) where $__timeFilter(time) group by seq order by max(time) desc limit 500
)
select time, target as metric, status_code as value from grafana_status_change
where $__timeFilter(time) and seq in (select seq from latest) order by time`,
    }).perPage(25),
  )
  .withPanel(
    panel("table", {
      title: "Availability",
      description:
        "24 hours to the hour; 7, 30 and 90 days are whole days in UTC, today's included. Time that is unknown, or in maintenance, does not count.",
      at: [0, 21, 14, 12],
      query: `${CHOSEN}
select c.name as "Target", ${percent("d1")} as "24 h, %", ${percent("d7")} as "7 d, %", ${percent("d30")} as "30 d, %", ${percent("d90")} as "90 d, %"
from chosen as c
left join (select seq, ${since("d1", once("now() - interval '1 day'"))}
  from grafana_availability_hour where time >= now() - interval '1 day' group by seq) as hours using (seq)
left join (select seq, ${since("d7", wholeDays(7))}, ${since("d30", wholeDays(30))}, ${since("d90", wholeDays(90))}
  from grafana_availability_day where time >= ${wholeDays(90)} group by seq) as days using (seq)
order by 2 nulls last, 5 nulls last, 1 limit 200`,
    }),
  )
  .withPanel(
    panel("table", {
      title: "Slowest, 24 h",
      at: [14, 21, 10, 12],
      query: `${CHOSEN}, slowest as (
  select seq from grafana_hour join chosen using (seq) where time >= now() - interval '1 day' group by seq
  order by sum(latency_sum_ms) / nullif(sum(checks), 0) desc nulls last limit 20
), merged as (
  select r.seq, b.bucket, sum(b.n)::integer as n from grafana_hour as r, unnest(r.buckets, r.counts) as b(bucket, n)
  where r.time >= now() - interval '1 day' and r.seq in (select seq from slowest) group by 1, 2
)
select c.name as "Target", latency_percentile(array_agg(bucket), array_agg(n), 0.5) as "p50, ms",
       latency_percentile(array_agg(bucket), array_agg(n), 0.95) as "p95, ms"
from merged join chosen as c using (seq) group by c.seq, c.name order by 3 desc`,
    }),
  )
  .build();
