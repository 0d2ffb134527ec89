/** Labels of one series. */
export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

/** A metric family as OpenMetrics has it. Source: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
export interface Family {
  readonly name: string;
  readonly type: "gauge" | "histogram";
  readonly help: string;
  /** What stands behind the family's name, the labels and the value. */
  readonly samples: readonly (readonly [suffix: string, labels: Labels, value: number])[];
}

export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "gauge", help, samples: samples.map(([labels, value]) => ["", labels, value] as const) };
}

/** What was counted of one series. */
export interface Distribution {
  readonly labels: Labels;
  /** Upper bounds with how many lie below, ascending; the last is infinite. */
  readonly buckets: readonly (readonly [bound: number, count: number])[];
  readonly sum: number;
}

export function histogram(name: string, help: string, distributions: readonly Distribution[]): Family {
  const samples = distributions.flatMap(({ labels, buckets, sum }) => [
    ...buckets.map(
      ([bound, count]) => ["_bucket", { ...labels, le: bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound) }, count] as const,
    ),
    ["_count", labels, buckets.at(-1)?.[1] ?? 0] as const,
    ["_sum", labels, sum] as const,
  ]);
  return { name, type: "histogram", help, samples };
}

/** A family's lines. */
export function exposed({ name, type, help, samples }: Family): string {
  const lines = samples.map(([suffix, labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# TYPE ${name} ${type}\n# HELP ${name} ${help}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
