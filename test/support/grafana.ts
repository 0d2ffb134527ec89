/** A panel as a dashboard's JSON has it. */
export interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets: { rawSql: string; format: string }[];
}

/** What a reader of a dashboard has chosen. */
export interface Choice {
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly intervalSeconds: number;
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Expands a query's macros and variables as Grafana does for PostgreSQL: several values are quoted and separated
 * by commas; "All" is the variable's own `allValue`, which for ours is `'$__all'`.
 * Source: pkg/tsdb/grafana-postgresql-datasource/macros.go
 */
export function expandMacros(rawSql: string, { from, to, intervalSeconds, variables }: Choice): string {
  const withVariables = Object.entries({ interval: `${intervalSeconds}s`, ...variables }).reduce((sql, [name, value]) => {
    const text = Array.isArray(value) ? value.map((one) => `'${one.replaceAll("'", "''")}'`).join(",") : String(value);
    return sql.replaceAll(new RegExp(`\\$${name}\\b`, "g"), () => text);
  }, rawSql);
  return withVariables
    .replace(/\$__timeFilter\(([^)]+)\)/g, (_, column: string) => `${column} BETWEEN '${from}' AND '${to}'`)
    .replace(/\$__timeFrom\(\)/g, `'${from}'`)
    .replace(/\$__timeTo\(\)/g, `'${to}'`)
    .replace(/\$__timeGroup\(([^,]+), *(\d+)([smhd])\)/g, (_, column: string, count: string, unit: string) => {
      const seconds = Number(count) * ({ s: 1, m: 60, h: 3_600, d: 86_400 }[unit] ?? 1);
      return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
    });
}

/** "All", as Grafana hands our variables over. */
export const ALL = "'$__all'";
