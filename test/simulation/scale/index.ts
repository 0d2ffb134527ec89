import { say } from "../../../local/terminal.ts";
import { runAtScale, type ScaleOptions, type ScaleReport } from "./scale-run.ts";

/* `npm run simulate -- --targets 100000 --rounds 20`: what a large deployment meets. */

/** Limits that a round may run into, in bytes. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html and FACTS */
const LIMITS = { state: 262_144, answer: 6_291_456, request: 4_194_304 } as const;

/** @returns whether every check was made, and in time */
export async function simulateScale(options: ScaleOptions): Promise<boolean> {
  const began = performance.now();
  say(
    `${count(options.targets)} targets every ${options.roundSeconds} s, ${options.rounds} rounds, ${options.width} shards at once of ${options.concurrency} instances, ` +
      `${Math.round(options.downShare * 100)} % down from the second minute on …\n`,
  );
  const report = await runAtScale(options);
  for (const line of linesOf(options, report)) say(line);
  say(`\nin ${Math.round((performance.now() - began) / 1_000)} s here`);
  return isWhole(options, report);
}

function isWhole({ targets, roundSeconds }: ScaleOptions, { summaries, longestRoundMs, largestState }: ScaleReport): boolean {
  const isFull = summaries.every(({ checked, late, failedShards }) => checked === targets && late === 0 && failedShards === 0);
  return isFull && longestRoundMs < roundSeconds * 1_000 && largestState < LIMITS.state;
}

function linesOf({ targets }: ScaleOptions, report: ScaleReport): string[] {
  const { summaries, functions, table, dataApi, largestState, spooled, longestRoundMs } = report;
  const sum = (pick: (summary: ScaleReport["summaries"][number]) => number) =>
    summaries.reduce((total, summary) => total + pick(summary), 0);
  const checks = targets * summaries.length;
  const share = (bytes: number, limit: number) => `${count(bytes)} B, ${Math.round((100 * bytes) / limit)} % of ${count(limit)}`;
  return [
    `checked        ${((100 * sum(({ checked }) => checked)) / checks).toFixed(2)} % of ${count(checks)}, ${count(sum(({ late }) => late))} late, ${sum(({ failedShards }) => failedShards)} shards lost`,
    `longest round  ${(longestRoundMs / 1_000).toFixed(1)} s from its mark to its end`,
    `changes        ${count(sum(({ transitions }) => transitions))}`,
    `largest state  ${share(largestState, LIMITS.state)}`,
    `Data API       ${count(dataApi.calls)} calls, the largest ${share(dataApi.largestBytes, LIMITS.request)}; the database was busy for ${(dataApi.busyMs / 1_000).toFixed(0)} s; ${spooled} batches spooled`,
    `state table    ${count(Math.round(table.read))} read and ${count(table.write)} write units, the longest wait for its one partition ${(table.longestWaitMs / 1_000).toFixed(1)} s`,
    ...[...functions].map(
      ([name, use]) =>
        `${name.padEnd(15)}${count(use.calls)} calls, ${count(use.throttled)} throttled, ${use.coldStarts} cold, ${Math.round(use.billedMs / Math.max(1, use.calls))} ms each, the longest ${(use.longestMs / 1_000).toFixed(1)} s, payload ${share(use.largestBytes, LIMITS.answer)}`,
    ),
  ];
}

function count(value: number): string {
  return value.toLocaleString("en");
}
