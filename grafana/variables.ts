import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  IntervalVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATA_SOURCE } from "./panels.ts";

/**
 * What every dashboard of ours starts from: refresh, time zone, the data source variable.
 * @param uid stays for ever: links and pushes find the dashboard by it
 */
export function dashboard(title: string, uid: string, from: string): DashboardBuilder {
  return new DashboardBuilder(`Server Tracker: ${title}`)
    .uid(uid)
    .tags(["server-tracker"])
    .refresh("30s")
    .time({ from, to: "now" })
    .timezone("browser")
    .withVariable(new DatasourceVariableBuilder("source").label("Data source").type("grafana-postgresql-datasource"));
}

/** Steps of graphs: what fits the time shown, or one chosen by hand. */
export function intervalVariable(): IntervalVariableBuilder {
  return new IntervalVariableBuilder("interval").label("Step").values("1m,5m,15m,1h,6h,1d").auto(true).stepCount(100).minInterval("30s");
}

/** One target, by its name; its value is what tables know it by. */
export function targetVariable(): QueryVariableBuilder {
  return queryVariable("target", "Target", "select name as __text, seq as __value from grafana_target order by name");
}

/**
 * Several groups or all, and several tags or all. "All" is one value that the queries know, and not a list of
 * everything: a query with 10,000 names in it would be slow and long.
 */
export function filterVariables(): QueryVariableBuilder[] {
  return [
    manyOf(queryVariable("group", "Group", "select distinct group_name from grafana_target order by 1")),
    manyOf(queryVariable("tag", "Tag", "select distinct unnest(tags) from grafana_target order by 1")),
  ];
}

/** Targets that {@link filterVariables} leave, as a common table expression `chosen`. */
export const CHOSEN = `with chosen as (
  select seq, name, status, since, error from grafana_target
  where ('$__all' in ($group) or group_name in ($group)) and ('$__all' in ($tag) or tags && array[$tag])
)`;

function queryVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query({ rawSql: query, refId: name, format: "table" } as never) // a query of the SQL data source
    .refresh(VariableRefresh.OnTimeRangeChanged);
}

function manyOf(variable: QueryVariableBuilder): QueryVariableBuilder {
  return variable
    .multi(true)
    .includeAll(true)
    .allValue("'$__all'")
    .current({ text: "All", value: "$__all" } as never);
}
