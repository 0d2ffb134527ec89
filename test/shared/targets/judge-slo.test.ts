import { expect, it } from "vitest";
import { BURN_WINDOWS_S } from "../../../shared/status/slo.ts";
import { judgeSlos } from "../../../shared/targets/judge-slo.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";

const NOW = 1_795_400_000;

it("tells of no outage that has ended, though roll-ups are minutes behind; one that goes on below its threshold is told", async () => {
  const slo = { objectivePercent: 99.9, windowDays: 30 };
  const told = async (recent: string, runSince: number) => {
    const config = configOf({ name: "Shop", url: "http://example.com/", slo });
    const target = { ...targetOf(1, { config }), state: { status: "up" as const, since: NOW - 9_000, round: NOW, recent, runSince } };
    const owed: string[] = [];
    await judgeSlos(
      {
        // What the last roll-up knew: all of the five minutes before it.
        burns: {
          downs: async () => new Map([[target.seq, new Map(BURN_WINDOWS_S.map((window) => [window, window === 300 ? 300 : 200]))]]),
        },
        targets: {
          commitState: async (_target, commit) => {
            owed.push(...commit.owed.map(({ error }) => error?.text ?? ""));
            return true;
          },
        },
        clock: { now: () => NOW * 1_000, sleep: async () => {} },
        logger: { error: () => {} },
      },
      [target],
    );
    return owed.join();
  };
  expect(await told("uuuu", NOW - 200)).toContain("over 1 h and 5 min");
  expect(await told("uuuu", NOW - 390)).toContain("over 6 h and 30 min");
  expect(await told("uuuu", NOW - 22_000)).toBe("");
  expect(await told("uuud", NOW - 390)).toContain("over 1 h and 5 min");
});
