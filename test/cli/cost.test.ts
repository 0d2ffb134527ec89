import { describe, expect, it } from "vitest";
import { type BillOptions, monthlyBill, type Standing } from "../../cli/cost/bill.ts";
import { emptyUsage } from "../../cli/cost/meter.ts";
import type { Metered, MeteredRound } from "../../cli/cost/metered-run.ts";
import { PEERS } from "../../cli/cost/prices.ts";
import { monthlyUsd } from "../../cli/server-tracker/monthly-cost.ts";
import { USD_PER_LOOK } from "../../shared/check/usd-per-check.ts";

/* Worked out by hand from the price list: 86,400 rounds and 8,640 maintenances are a month of 30 days. */
const nothing: MeteredRound = { ...emptyUsage(), walBytes: 0, calls: {}, roundMs: 0 };
const bill = (metered: Partial<Metered>, standing: Partial<Standing> = {}, options: Partial<BillOptions> = {}) =>
  new Map(
    monthlyBill(
      { round: nothing, maintenance: nothing, shards: 0, itemBytes: 0, ...metered },
      { memoryMb: {}, alarms: 0, dashboards: 0, keys: 0, secrets: 0, metrics: 0, auroraMinAcu: 0.5, ...standing },
      {
        targets: 0,
        intervalSeconds: 30,
        roundSeconds: 30,
        rawDays: 14,
        apiCallsPerDay: 0,
        maintenanceSeconds: 300,
        looksPerDay: 0,
        ...options,
      },
    ).map(({ service, usd }) => [service, usd]),
  );

describe("a month's bill", () => {
  it("has what stands there though nothing is called", () => {
    const lines = bill({}, { alarms: 20, dashboards: 1, metrics: 8, keys: 1, secrets: 2 });
    expect(lines.get("Aurora")).toBeCloseTo(0.5 * 720 * 0.12, 6);
    expect(lines.get("KMS, Secrets Manager")).toBeCloseTo(1 + 2 * 0.4, 6);
    expect(lines.get("CloudWatch")).toBeCloseTo(8 * 0.3 + 20 * 0.1 + 3 + (86_400 * 700 * 0.53) / 1e9, 6);
    expect(lines.get("Lambda")).toBe(0);
  });

  it("bills Lambda by memory and milliseconds, each call rounded up", () => {
    const round = { ...nothing, calls: { "check-shard": [999.2, 1_000] } };
    const lines = bill({ round }, { memoryMb: { "check-shard": 2_048 } });
    expect(lines.get("Lambda")).toBeCloseTo(2 * 2 * 86_400 * 0.0000133334 + 2 * 86_400 * 0.2e-6, 6);
  });

  it("bills Step Functions an execution a minute, until its last round has ended", () => {
    const lines = bill({ round: { ...nothing, roundMs: 950 } });
    expect(lines.get("Step Functions")).toBeCloseTo(43_200 * 1e-6 + 43_200 * 31 * (64 / 1_024) * 0.00001667, 6);
  });

  it("bills status pages: a look in each round, and the files of each five minutes", () => {
    const used = { ...emptyUsage(), gets: 1 };
    const pages = { idle: { ...used, ms: 10, puts: 0, readUnits: 1 }, renewal: { ...used, ms: 500, puts: 14, writeUnits: 2 } };
    const lines = bill({ pages }, { memoryMb: { "publish-pages": 512 } });
    expect(lines.get("S3")).toBeCloseTo(8_640 * 14 * 5e-6 + 86_400 * 0.4e-6, 6);
    expect(lines.get("Lambda")).toBeCloseTo((77_760 * 0.01 + 8_640 * 0.5) * 0.5 * 0.0000133334 + 86_400 * 0.2e-6, 6);
    expect(lines.get("DynamoDB")).toBeCloseTo(77_760 * 0.125e-6 + 8_640 * 2 * 0.625e-6, 6);
    expect(bill({}).has("S3")).toBe(false);
  });

  it("bills reads, writes and statements of rounds and of the maintenance", () => {
    const round = { ...nothing, readUnits: 100, writeUnits: 1, dataApiRequests: 5 };
    const maintenance = { ...nothing, readUnits: 200, dataApiRequests: 10 };
    const lines = bill({ round, maintenance });
    expect(lines.get("DynamoDB")).toBeCloseTo((100 * 86_400 + 200 * 8_640) * 0.125e-6 + 86_400 * 0.625e-6, 6);
    expect(lines.get("RDS Data API")).toBeCloseTo((5 * 86_400 + 10 * 8_640) * 0.35e-6, 6);
  });

  it("bills a log that sleeps for the time that it is awake: its hours, and whoever looks", () => {
    const maintenance = { ...nothing, roundMs: 5_000 };
    const lines = bill({ maintenance }, { auroraMinAcu: 0 }, { maintenanceSeconds: 3_600, looksPerDay: 2 });
    expect(lines.get("Aurora")).toBeCloseTo((0.5 * (720 * (15 + 5 + 300) + 60 * (15 + 120 + 300)) * 0.12) / 3_600, 6);
    // Never more than it would cost awake.
    expect(bill({ maintenance }, { auroraMinAcu: 0 }, { maintenanceSeconds: 300, looksPerDay: 1_000 }).get("Aurora")).toBeCloseTo(43.2, 6);
  });

  it("bills what checks send", () => {
    expect(bill({}, {}, { targets: 1_000 }).get("Data transfer")).toBeCloseTo((86_400 * 1_000 * 1_036 * 0.09) / 1e9, 6);
  });

  it("bills looks from other regions: the probes' time, the call and what they send", () => {
    const lines = bill({ round: { ...nothing, calls: { probe: [160, 160, 160] } } }, { memoryMb: { probe: 512 } });
    const looks = 3 * 86_400;
    expect(lines.get("Lambda")).toBeCloseTo(looks * (0.16 * 0.5 * 0.0000133334 + 0.2e-6), 6);
    expect(lines.get("Data transfer")).toBeCloseTo((looks * 2 * 1_036 * 0.09) / 1e9, 6);
    const target = { type: "http", intervalSeconds: 30 };
    // As often in a month, of one target.
    expect(monthlyUsd({ ...target, from: ["a", "b"], fromEvery: 5 }) - monthlyUsd(target)).toBeCloseTo(
      ((86_400 * 2) / 5) * USD_PER_LOOK,
      9,
    );
    expect(monthlyUsd({ ...target, from: ["a"], paused: true })).toBe(0);
  });

  it("asks for more of Aurora when statements keep it busy", () => {
    // 7.5 s of statements in 30 s are a quarter of a CPU, which an ACU has: twice that leaves room.
    expect(bill({ round: { ...nothing, dataApiMs: 7_500 } }).get("Aurora")).toBeCloseTo(2 * 720 * 0.12, 6);
  });
});

it("knows what others ask, and what they do not offer", () => {
  const monthly = (name: string, targets: number, interval: number) =>
    PEERS.find((peer) => peer.name.startsWith(name))?.monthly(targets, interval);
  expect(monthly("Route 53", 1_000, 30)).toBe(2_750);
  expect(monthly("Route 53", 1_000, 10)).toBeUndefined();
  expect(monthly("CloudWatch Synthetics", 1, 30)).toBeCloseTo(51.84, 6);
});
