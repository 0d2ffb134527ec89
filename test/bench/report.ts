/** One line of the printed table. */
export interface Row {
  readonly what: string;
  readonly figures: Readonly<Record<string, string | number>>;
}

/** Prints a table, and whether each aim was met: noise here is large, so aims are ratios and are told, not enforced. */
export function printTable(
  title: string,
  rows: readonly Row[],
  aims: readonly { readonly aim: string; readonly met: boolean | undefined }[] = [],
): void {
  console.log(`\n## ${title}\n`);
  const columns = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const table = [["", ...columns], ...rows.map(({ what, figures }) => [what, ...columns.map((column) => shown(figures[column]))])];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const line of table)
    console.log(
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "),
    );
  for (const { aim, met } of aims) console.log(`${met === undefined ? "  not measured" : met ? "  met" : "  MISSED"}: ${aim}`);
}

function shown(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

/** The value below which the share `q` of `values` lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** CPU time of this process while `work` runs, in ms, and its wall time. */
export async function measured<T>(work: () => Promise<T>): Promise<{ result: T; cpuMs: number; wallMs: number }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, cpuMs: (user + system) / 1_000, wallMs: performance.now() - start };
}
