import { checkTypeOf } from "../check/check-config.ts";
import type { Target } from "../targets/target.ts";

/** The targets of a shard that depend on each other, while they are checked. */
export interface Dependents {
  /** A target's result is settled. */
  settled(id: string): void;
  /** Resolves when all that depend on a target are, those at one remove included; `undefined` where there are none. */
  allSettled(id: string): Promise<unknown> | undefined;
}

/** @param checked in this round: what calls us may have nothing to say, and is not waited for */
export function createDependents(checked: readonly Pick<Target, "id" | "config">[]): Dependents {
  const targets = checked.filter(({ config }) => checkTypeOf(config).callsUs !== true);
  const direct = new Map<string, string[]>();
  for (const { id, config } of targets) for (const on of config.dependsOn) direct.set(on, [...(direct.get(on) ?? []), id]);
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  for (const ids of direct.values()) for (const id of ids) if (!waiting.has(id)) waiting.set(id, Promise.withResolvers());
  const allBelow = (id: string): readonly string[] => {
    const found = new Set(direct.get(id));
    // Grows while it is gone through; each once, so that it ends.
    for (const each of found) for (const next of direct.get(each) ?? []) found.add(next);
    found.delete(id);
    return [...found];
  };
  return {
    settled: (id) => waiting.get(id)?.resolve(),
    allSettled(id) {
      const below = allBelow(id);
      return below.length === 0 ? undefined : Promise.all(below.map((each) => waiting.get(each)?.promise));
    },
  };
}
