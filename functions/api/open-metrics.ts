/** Labels of one series. */
export type Labels = Readonly<Record<string, string>>;
/** `more`: labels besides, where many samples share the first. */
export type Sample = readonly [labels: Labels, value: number, more?: Labels | undefined];

/** A metric family as OpenMetrics has it. Source: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
export interface Family {
  readonly name: string;
  readonly type: "gauge" | "histogram";
  readonly help: string;
  /** What stands behind the family's name, the labels and the value. */
  readonly samples: readonly (readonly [suffix: string, labels: Labels, value: number, more?: Labels | undefined])[];
}

export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "gauge", help, samples: samples.map(([labels, value, more]) => ["", labels, value, more] as const) };
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
      ([bound, count]) => ["_bucket", labels, count, { le: bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound) }] as const,
    ),
    ["_count", labels, buckets.at(-1)?.[1] ?? 0] as const,
    ["_sum", labels, sum] as const,
  ]);
  return { name, type: "histogram", help, samples };
}

/** Families' lines. Labels that many samples share are written once: of 10,000 targets they are most of the work. */
export function exposed(families: readonly Family[]): string {
  const written = new Map<Labels, string>();
  const textOf = (labels: Labels): string => {
    const known = written.get(labels);
    if (known !== undefined) return known;
    const made = pairsOf(labels);
    written.set(labels, made);
    return made;
  };
  let text = "";
  for (const { name, type, help, samples } of families) {
    text += `# TYPE ${name} ${type}\n# HELP ${name} ${help}\n`;
    for (const [suffix, labels, value, more] of samples) {
      const pairs = more === undefined ? textOf(labels) : `${textOf(labels)},${pairsOf(more)}`;
      text += `${name}${suffix}${pairs === "" ? "" : `{${pairs}}`} ${value}\n`;
    }
  }
  return text;
}

function pairsOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([label, text]) => `${label}="${escaped(text)}"`)
    .join(",");
}

function escaped(text: string): string {
  // Most hold nothing of the kind.
  return /[\\"\n]/.test(text) ? text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n") : text;
}
