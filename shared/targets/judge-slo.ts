import { messageOf } from "../errors.ts";
import type { LogBurns } from "../log/log-burns.ts";
import { BURN_LEVELS, BURN_RATES, type BurnLevel, burningAt, burnRate, type Slo } from "../status/slo.ts";
import type { Clock } from "../time/clock.ts";
import type { OwedAlert } from "./owed-alert.ts";
import type { Target } from "./target.ts";
import type { TargetRounds } from "./target-store.ts";

export interface JudgeSloDeps {
  readonly targets: Pick<TargetRounds, "commitState">;
  readonly burns: LogBurns;
  readonly clock: Clock;
  readonly logger: { error(message: string, details: Record<string, unknown>): void };
}

/**
 * Owes an alert for each target that spends its error budget too fast, once for each rate that it reaches, until it has
 * stopped. A target that somebody changes at the same moment is judged the next time.
 */
export async function judgeSlos(deps: JudgeSloDeps, targets: readonly Target[]): Promise<void> {
  const isJudged = (target: Target) => target.config.slo !== undefined && target.state.status !== "paused";
  const judged = targets.filter(isJudged);
  // Of what has no budget any more, or is not looked at, none is being spent.
  for (const target of targets) if (target.sloBurn !== undefined && !isJudged(target)) await note(deps, target, undefined, []);
  if (judged.length === 0) return;
  const downs = await deps.burns.downs(judged.map(({ seq }) => seq));
  for (const target of judged) await judge(deps, target, downs.get(target.seq) ?? new Map());
}

async function judge(deps: JudgeSloDeps, target: Target, downs: ReadonlyMap<number, number>): Promise<void> {
  const { slo } = target.config;
  if (slo === undefined) return;
  const { status, recent, runSince } = target.state;
  // By its checks, as roll-ups count: one that failed too seldom for an incident spends the budget, too.
  const goodForS = recent === "" || recent.endsWith("d") ? 0 : Math.max(0, deps.clock.now() / 1_000 - runSince);
  const level = burningAt(slo, downs, goodForS);
  if (level === target.sloBurn) return;
  const isWorse = level !== undefined && (target.sloBurn === undefined || BURN_LEVELS.indexOf(level) < BURN_LEVELS.indexOf(target.sloBurn));
  const now = deps.clock.now();
  const since = Math.floor(now / 1_000);
  // Beside what rounds owe, whose keys are whole seconds and the first milliseconds after.
  const alert = { at: since * 1_000 + 500, kind: "slo" as const, from: status, to: status, since, previousSince: since, deliveries: {} };
  const owed = isWorse ? [{ ...alert, error: { class: "assertion" as const, text: burnText(slo, level, downs) } }] : [];
  await note(deps, target, level, owed);
}

/** Keeps how fast a budget is spent, with what is owed of it. */
async function note(
  { targets, logger }: Pick<JudgeSloDeps, "targets" | "logger">,
  target: Target,
  level: BurnLevel | undefined,
  owed: readonly OwedAlert[],
): Promise<void> {
  const { state, certificateWarnings } = target;
  try {
    await targets.commitState(target, { state, owed, certificateWarnings, sloBurn: level ?? null });
  } catch (error) {
    logger.error("an error budget could not be judged: it is the next time", { target: target.id, reason: messageOf(error) });
  }
}

function burnText(slo: Slo, level: BurnLevel, downs: ReadonlyMap<number, number>): string {
  const { longS, words } = BURN_RATES[level];
  const rate = burnRate(slo, downs.get(longS) ?? 0, longS);
  const hours = (slo.windowDays * 24) / rate;
  const left = hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
  return `${Math.round(rate * 10) / 10} times faster than ${slo.objectivePercent} % in ${slo.windowDays} days allows, over ${words}: a whole budget lasts ${left} so`;
}
