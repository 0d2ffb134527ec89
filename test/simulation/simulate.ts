import { problemsOf } from "./invariants.ts";
import { type Run, World } from "./world.ts";

/** Lines of a trace that are shown. */
const TRACE_LINES = 40;

/** Lives one run. @returns what was wrong, with how it came to that */
export async function simulate(run: Run): Promise<{ readonly problems: readonly string[]; readonly world: World }> {
  const world = new World(run);
  try {
    await world.live();
  } catch (error) {
    return { problems: [`the run ended: ${error instanceof Error ? error.message : String(error)}`], world };
  }
  return { problems: problemsOf(world), world };
}

/** How a run that failed is told: it replays. */
export function report(run: Run, { problems, world }: Awaited<ReturnType<typeof simulate>>): string {
  return [
    `seed ${run.seed}, ${run.rounds} rounds, death rate ${run.deathRate ?? 0}: npm run simulate -- --seed ${run.seed} --rounds ${run.rounds} --deaths ${run.deathRate ?? 0}${run.isResting ? " --rests" : ""}`,
    ...problems.slice(0, 20),
    "…",
    ...world.scheduler.trace.slice(-TRACE_LINES),
  ].join("\n");
}
