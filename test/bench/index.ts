import { benchCheckEngine } from "./check-engine.bench.ts";

const benches: Record<string, () => Promise<void>> = { checks: benchCheckEngine };
const wanted = process.argv.slice(2);
for (const [name, run] of Object.entries(benches)) if (wanted.length === 0 || wanted.includes(name)) await run();
process.exit(0);
