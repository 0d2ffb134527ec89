import { type ParseArgsConfig, parseArgs } from "node:util";
import { complain, say } from "../../local/terminal.ts";
import { messageOf } from "../../shared/errors.ts";
import { simulateScale } from "./scale/index.ts";
import { report, simulate } from "./simulate.ts";

/*
 * `npm run simulate -- --seeds 500 --rounds 200`: as many runs, half of them with functions that die. One seed alone
 * replays its run: `--seed 7 --rounds 200 --deaths 0.01`, with
 * `--rests` where the log sleeps. `--targets 100000 --rounds 20` is another: a large deployment in a model of AWS, with
 * `--down` percent of them down, `--width` shards at once of `--concurrency` instances.
 */
const { values } = argumentsOf({
  options: {
    seeds: { type: "string", default: "500" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    rounds: { type: "string", default: "200" },
    deaths: { type: "string" },
    rests: { type: "boolean" },
    targets: { type: "string" },
    concurrency: { type: "string", default: "1000" },
    width: { type: "string", default: "40" },
    shard: { type: "string", default: "250" },
    down: { type: "string", default: "0" },
  },
});
const WHOLE = ["seeds", "from", "seed", "rounds", "targets", "concurrency", "width", "shard"] as const;
const odd = WHOLE.find((name) => values[name] !== undefined && !/^[1-9]\d{0,8}$/.test(values[name]));
const share = (["deaths", "down"] as const).find((name) => values[name] !== undefined && !/^\d{1,3}(?:\.\d+)?$/.test(values[name]));
if (odd !== undefined) refuse(`--${odd} must be a whole number from 1`);
if (share !== undefined) refuse(`--${share} must be a number`);
if (values.targets !== undefined) {
  const isWhole = await simulateScale({
    targets: Number(values.targets),
    rounds: Number(values.rounds),
    roundSeconds: 30,
    shardSize: Number(values.shard),
    width: Number(values.width),
    concurrency: Number(values.concurrency),
    coldStartMs: 250,
    downShare: Number(values.down) / 100,
    latencyMs: 150,
    checksPerSecond: 500,
  });
  process.exit(isWhole ? 0 : 1);
}
const rounds = Number(values.rounds);
const first = Number(values.seed ?? values.from);
const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first;

const began = performance.now();
let told = began;
let failed = 0;
for (let seed = first; seed <= last; seed++) {
  for (const deathRate of values.deaths === undefined ? [0, 0.01] : [Number(values.deaths)]) {
    // Of every third, the log sleeps between its hours.
    const isResting = values.rests ?? (values.seed === undefined && seed % 3 === 0);
    const run = { seed, rounds, deathRate, isResting };
    const outcome = await simulate(run);
    if (outcome.problems.length > 0) {
      failed++;
      say(`${report(run, outcome)}\n`);
    }
  }
  if (performance.now() - told > 10_000) {
    told = performance.now();
    say(`${seed - first + 1} of ${last - first + 1} seeds, ${failed} runs failed`);
  }
}
const lived = (last - first + 1) * (values.deaths === undefined ? 2 : 1) * rounds;
say(`${lived} rounds in ${Math.round((performance.now() - began) / 1_000)} s, ${failed} runs failed.`);
process.exit(failed > 0 ? 1 : 0);

function argumentsOf<const Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    return refuse(messageOf(error));
  }
}

function refuse(why: string): never {
  complain(why);
  process.exit(1);
}
