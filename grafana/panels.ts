import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import type { MappingType } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as HeatmapPanel } from "@grafana/grafana-foundation-sdk/heatmap";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelinePanel } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesPanel } from "@grafana/grafana-foundation-sdk/timeseries";

/** The PostgreSQL data source that a dashboard's variable `source` names. */
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

/** Where a panel stands, on a grid 24 wide. */
export type Place = readonly [x: number, y: number, w: number, h: number];

const PANELS = {
  stat: () => new StatPanel(),
  table: () => new TablePanel(),
  timeseries: () => new TimeSeriesPanel(),
  timeline: () => new StateTimelinePanel(),
  heatmap: () => new HeatmapPanel(),
};

/** Codes of statuses, as `grafana_status_change` has them. */
const STATUS_COLOURS = [
  {
    type: "value" as MappingType.ValueToText,
    options: {
      "1": { text: "up", color: "green", index: 0 },
      "2": { text: "degraded", color: "yellow", index: 1 },
      "3": { text: "down", color: "red", index: 2 },
      "4": { text: "pending", color: "blue", index: 3 },
      "5": { text: "paused", color: "purple", index: 4 },
      "6": { text: "deleted", color: "gray", index: 5 },
    },
  },
];

/** What every panel of ours has. */
export interface PanelOptions {
  readonly title: string;
  readonly at: Place;
  readonly query: string;
  readonly unit?: string;
  readonly description?: string;
}

/** A panel on the dashboard's data source, with one query. */
export function panel<Kind extends keyof typeof PANELS>(
  kind: Kind,
  { title, at: [x, y, w, h], query, unit, description }: PanelOptions,
): ReturnType<(typeof PANELS)[Kind]> {
  const format = kind === "timeseries" || kind === "timeline" || kind === "heatmap" ? "time_series" : "table";
  const built = PANELS[kind]().title(title).datasource(DATA_SOURCE).gridPos({ x, y, w, h }).withTarget(sql(query, format));
  if (kind === "timeline") built.mappings(STATUS_COLOURS);
  if (unit !== undefined) built.unit(unit);
  if (description !== undefined) built.description(description);
  // Each kind's builder returns itself, which TypeScript loses over their union.
  return built as ReturnType<(typeof PANELS)[Kind]>;
}
