import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startLocalMonitor } from "./local-monitor.ts";
import { printTable, type Row } from "./report.ts";

const TARGETS = 20;
const ROUNDS_A_DAY = 2_880;
const SAMPLES = 8;

/** An accelerated day: every round of it, one after the other, with the maintenance in between. Does memory stay flat? */
export async function benchDay(): Promise<void> {
  const monitor = await startLocalMonitor(5_000);
  await monitor.register(TARGETS);
  const rows: (Row & { rssMb: number })[] = [];
  for (let round = 1; round <= ROUNDS_A_DAY; round++) {
    const { checked } = await monitor.round();
    if (checked !== TARGETS) throw new Error(`checked ${checked} of ${TARGETS}`);
    if (round % 10 === 0) await monitor.maintain();
    if (round % (ROUNDS_A_DAY / SAMPLES) !== 0) continue;
    const { stdout } = await promisify(execFile)("du", ["-sm", monitor.folder]);
    const rssMb = process.memoryUsage().rss / 1e6;
    const heapMb = process.memoryUsage().heapUsed / 1e6;
    rows.push({
      what: `after ${(round / 120).toFixed(0)} h`,
      rssMb,
      figures: { "RSS MB": rssMb, "heap MB": heapMb, "disk MB": Number(stdout.split("\t")[0]) },
    });
  }
  const half = rows[SAMPLES / 2 - 1]?.rssMb ?? Number.NaN;
  const last = rows.at(-1)?.rssMb ?? Number.NaN;
  printTable(`A day of ${ROUNDS_A_DAY.toLocaleString("en")} rounds of ${TARGETS} targets, accelerated`, rows, [
    { aim: "memory after a day within 10 % of after half a day", met: last <= half * 1.1 },
  ]);
  await monitor.close();
}
