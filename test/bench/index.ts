import { spawnSync } from "node:child_process";
import { benchAlerts } from "./alerts.bench.ts";
import { benchBundles } from "./bundles.bench.ts";
import { benchCheckEngine } from "./check-engine.bench.ts";
import { benchDay } from "./day.bench.ts";
import { benchHostile } from "./hostile.bench.ts";
import { benchLog } from "./log.bench.ts";
import { benchMoments } from "./moments.bench.ts";
import { benchPage } from "./page.bench.ts";
import { benchPanels } from "./panels.bench.ts";
import { benchRounds } from "./rounds.bench.ts";
import { benchStorm } from "./storm.bench.ts";

/* `npm run bench`, or `npm run bench -- checks log` for some of them. Each in a process of its own. */
const benches: Record<string, () => Promise<void>> = {
  alerts: benchAlerts,
  checks: benchCheckEngine,
  rounds: benchRounds,
  log: benchLog,
  day: benchDay,
  bundles: benchBundles,
  moments: benchMoments,
  panels: benchPanels,
  page: benchPage,
  hostile: benchHostile,
  storm: benchStorm,
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
const unknown = wanted.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`);
  process.exit(1);
}
const [only] = wanted;
if (wanted.length === 1 && only !== undefined) {
  await benches[only]?.();
  process.exit(0);
}
for (const name of wanted) {
  const { status } = spawnSync(process.execPath, ["--require", "./local/preload.cjs", "test/bench/index.ts", name], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
