/**
 * Latencies counted in buckets that grow by 2^(1/4), about 19 %: bucket b holds [2^(b/4), 2^((b+1)/4)) ms.
 * Histograms merge by adding counts, so percentiles of any window come from roll-ups. The same as
 * `latency_bucket` and `latency_percentile` in `sql/0001_log.sql`.
 */
export type Histogram = ReadonlyMap<number, number>;

const STEPS_PER_DOUBLING = 4;

/** The bucket of a latency in ms. */
export function latencyBucket(ms: number): number {
  return Math.floor(STEPS_PER_DOUBLING * Math.log2(Math.max(ms, 0.01)));
}

/** Where a bucket ends, ms. */
export function upperBoundMs(bucket: number): number {
  return 2 ** ((bucket + 1) / STEPS_PER_DOUBLING);
}

export function mergeHistograms(histograms: Iterable<Histogram>): Histogram {
  const merged = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram) merged.set(bucket, (merged.get(bucket) ?? 0) + count);
  }
  return merged;
}

/**
 * The latency in ms below which the share `q` lies, exact to a bucket's width; `null` when nothing was counted.
 * @param q 0 to 1
 */
export function percentile(histogram: Histogram, q: number): number | null {
  const buckets = [...histogram].sort(([a], [b]) => a - b);
  const wanted = q * buckets.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of buckets) {
    if (below + count >= wanted) return 2 ** ((bucket + (wanted - below) / count) / STEPS_PER_DOUBLING);
    below += count;
  }
  return null;
}
