import { startLocalMonitor } from "./local-monitor.ts";
import { measured, printTable, type Row } from "./report.ts";

const SIZES = [1, 100, 1_000, 10_000];

/** Whole rounds through the state machine over the engines of `npm start`, at its pace. */
export async function benchRounds(): Promise<void> {
  const monitor = await startLocalMonitor(500);
  const rows: (Row & { wallMs: number; cpuMs: number; size: number })[] = [];
  for (const size of SIZES) {
    await monitor.register(size);
    // The first round changes every state from pending to up; small ones are soon done and need more to be warm.
    for (let warmUp = 0; warmUp < Math.max(1, 20 / size); warmUp++) await monitor.round();
    const steady = [await measured(monitor.round), await measured(monitor.round), await measured(monitor.round)].sort(
      (a, b) => a.wallMs - b.wallMs,
    )[1];
    if (steady === undefined || steady.result.checked !== size) throw new Error(`checked ${steady?.result.checked} of ${size}`);
    // Checks start at the pace; the last one starts when all others have.
    const pacedMs = ((size - 1) / 500) * 1_000;
    rows.push({
      what: `${size.toLocaleString("en")} targets`,
      size,
      wallMs: steady.wallMs,
      cpuMs: steady.cpuMs,
      figures: {
        "wall ms": steady.wallMs,
        "paced ms": pacedMs,
        "CPU ms": steady.cpuMs,
        "CPU ms/check": steady.cpuMs / size,
        "RSS MB": process.memoryUsage().rss / 1e6,
        "loop delay p99 ms": steady.result.loopDelayMs,
        late: steady.result.late,
      },
    });
  }
  const at = (size: number) => rows.find((row) => row.size === size) ?? { wallMs: Number.NaN, cpuMs: Number.NaN };
  printTable("A whole round, locally, at 500 starts a second (target server apart, engines in this process)", rows, [
    { aim: "under 20 ms fixed cost besides the checks (a round of one target)", met: at(1).wallMs < 20 },
    {
      aim: "linear: a check costs at most 1.5x as much CPU among 10,000 as among 1,000",
      met: at(10_000).cpuMs / 10_000 <= (1.5 * at(1_000).cpuMs) / 1_000,
    },
    { aim: "10,000 targets within a round of 30 s", met: at(10_000).wallMs < 30_000 },
  ]);
  await monitor.close();
}
