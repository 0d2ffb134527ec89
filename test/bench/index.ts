import { benchCheckEngine } from "./check-engine.bench.ts";
import { benchLog } from "./log.bench.ts";
import { benchRounds } from "./rounds.bench.ts";

/* `npm run bench`, or `npm run bench -- checks rounds log` for some of them. */
const benches: Record<string, () => Promise<void>> = { checks: benchCheckEngine, rounds: benchRounds, log: benchLog };
const wanted = process.argv.slice(2);
for (const [name, run] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await run();
process.exit(0);
