import fc from "fast-check";
import { expect, it } from "vitest";
import { type Histogram, latencyBucket, mergeHistograms, percentile } from "../../../shared/log/histogram.ts";

const latencies = fc.array(fc.double({ min: 0.02, max: 120_000, noNaN: true }), { minLength: 1, maxLength: 200 });

function histogramOf(values: readonly number[]): Histogram {
  return mergeHistograms(values.map((ms) => new Map([[latencyBucket(ms), 1]])));
}

it("merges to the histogram of all values, in any order and grouping", () => {
  fc.assert(
    fc.property(latencies, latencies, latencies, (a, b, c) => {
      const all = [...histogramOf([...a, ...b, ...c])].sort();
      const grouped = mergeHistograms([histogramOf(c), mergeHistograms([histogramOf(b), histogramOf(a)])]);
      expect([...grouped].sort()).toEqual(all);
    }),
  );
});

it("gives percentiles within a bucket's width of the exact ones", () => {
  fc.assert(
    fc.property(latencies, fc.constantFrom(0.5, 0.95, 0.99), (values, q) => {
      const exact = [...values].sort((x, y) => x - y)[Math.ceil(q * values.length) - 1] ?? 0;
      const estimate = percentile(histogramOf(values), q) ?? 0;
      expect(estimate / exact).toBeGreaterThan(1 / 1.19);
      expect(estimate / exact).toBeLessThan(1.19);
    }),
  );
});

it("has no percentile of nothing", () => {
  expect(percentile(new Map(), 0.95)).toBeNull();
});
