import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";

/** The PostgreSQL data source that the dashboard's variable `source` names. */
export const DATA_SOURCE = { type: "grafana-postgresql-datasource", uid: "$source" };

/** A query as Grafana's SQL data sources keep it. */
export interface SqlQuery {
  readonly refId: string;
  readonly rawSql: string;
  readonly format: "table" | "time_series";
}

/** A panel's query. @param rawSql with Grafana's macros; reads `grafana_…` views alone */
export function sql(rawSql: string, format: SqlQuery["format"] = "table"): Builder<Dataquery> {
  const query = { refId: "A", rawSql, format, rawQuery: true, editorMode: "code", datasource: DATA_SOURCE };
  // The SDK has no builder of SQL queries; this is what its own builders make.
  return { build: () => ({ ...query, _implementsDataqueryVariant: () => {} }) as unknown as Dataquery };
}
