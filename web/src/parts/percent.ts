const FORMAT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 });

/** A share of time, such as `99.9998 %`: what was not all is never shown as 100. */
export function percent(value: number | null): string {
  if (value === null) return "–";
  return `${FORMAT.format(value < 100 ? Math.min(value, 99.9999) : value)} %`;
}
