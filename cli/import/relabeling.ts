import { listOf, objectOf, textOf } from "./values.ts";

/** A relabeling, in the spelling of Prometheus or of its Operator. */
export interface Relabeling {
  /** Its source labels. */
  readonly from: readonly string[];
  /** The label that it sets. */
  readonly label: string;
  readonly separator: string;
  readonly replacement: string | undefined;
  readonly action: string | undefined;
  readonly regex: string | undefined;
}

type Labels = Readonly<Record<string, string>>;

export function relabelingOf(value: unknown): Relabeling {
  const fields = objectOf(value);
  return {
    from: listOf(fields["source_labels"] ?? fields["sourceLabels"]).map((label) => textOf(label) ?? ""),
    label: textOf(fields["target_label"] ?? fields["targetLabel"]) ?? "",
    separator: textOf(fields["separator"]) ?? ";",
    replacement: textOf(fields["replacement"]),
    action: textOf(fields["action"])?.toLowerCase(),
    regex: textOf(fields["regex"]),
  };
}

/**
 * The labels of a target once the relabelings that replace one are done, in their order.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
export function relabelled(given: Labels, relabelings: readonly Relabeling[]): Labels {
  const labels: Record<string, string> = { ...given };
  for (const { from, label, separator, replacement = "$1", action = "replace", regex = "(.*)" } of relabelings) {
    const source = from.map((name) => labels[name] ?? "").join(separator);
    const found = wholeOf(regex)?.exec(source);
    if (!found || action !== "replace" || label === "") continue;
    labels[label] = replacement.replace(/\$\$|\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? "";
      return whole === "$$" ? "$" : ((/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? "");
    });
  }
  return labels;
}

/** Prometheus' patterns are of the whole text. */
function wholeOf(regex: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${regex.replaceAll("(?P<", "(?<")})$`, "s");
  } catch {
    return undefined;
  }
}

/** Those by which the exporter is called: the target is a parameter, and named so. */
export function isUsual({ from, label, regex, action }: Relabeling): boolean {
  if (label === "__param_target") return isPlain({ regex, action });
  return label === "__address__" || (label === "instance" && from.every((name) => /^__(?:param_target|address__)/.test(name)));
}

export function isPlain({ regex, action }: Pick<Relabeling, "regex" | "action">): boolean {
  return regex === undefined && (action === undefined || action === "replace");
}
