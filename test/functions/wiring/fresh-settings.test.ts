import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as z from "zod";
import { freshSettings, SECRETS_LAST_MS } from "../../../functions/wiring/fresh-settings.ts";
import type { Clock } from "../../../shared/time/clock.ts";

const schema = z.object({ API_KEY: z.string().min(5, "must have at least 5 characters") });

/** A function of which time is at `now`, and whose secret store answers by `answer`. */
async function startFunction(answer: () => Promise<Record<string, string>>) {
  const world = { now: 1_000_000, answer, readings: 0, reports: [] as string[], builds: 0 };
  const clock: Clock = { now: () => world.now, sleep: async () => undefined };
  const settings = await freshSettings(
    schema,
    [
      async () => {
        world.readings += 1;
        return world.answer();
      },
    ],
    ({ API_KEY }) => {
      world.builds += 1;
      return { key: API_KEY };
    },
    { clock, warn: (message) => world.reports.push(message) },
  );
  return Object.assign(world, { settings });
}

beforeEach(() => void vi.stubEnv("SECRETS_PATH", "/server-tracker/test"));
afterEach(() => void vi.unstubAllEnvs());

it("reads secrets again after five minutes, not before, and builds anew only what changed", async () => {
  const started = await startFunction(async () => ({ API_KEY: "first" }));
  const first = await started.settings.current();
  started.answer = async () => ({ API_KEY: "second" });
  started.now += SECRETS_LAST_MS - 1;
  expect(await started.settings.current()).toBe(first);
  expect(started.readings).toBe(1);

  started.now += 1;
  // A burst of calls reads once.
  await Promise.all([1, 2, 3].map(() => started.settings.current()));
  await vi.waitFor(async () => expect(await started.settings.current()).toEqual({ key: "second" }));
  started.now += SECRETS_LAST_MS;
  await started.settings.current();
  await vi.waitFor(() => expect(started.readings).toBe(3));
  expect([started.builds, started.reports]).toEqual([2, []]);
});

it.each([
  ["does not answer rightly", async () => Promise.reject(new Error("AccessDenied")), "AccessDenied"],
  ["holds one that does not fit", async () => ({ API_KEY: "no" }), "API_KEY must have at least 5 characters"],
])("goes on with what it has while the store %s, says so, and tries again soon", async (_, answer, said) => {
  const started = await startFunction(async () => ({ API_KEY: "first" }));
  started.now += SECRETS_LAST_MS;
  started.answer = answer;
  await started.settings.current();
  await vi.waitFor(() => expect(started.reports).toEqual([expect.stringContaining(said)]));
  expect(await started.settings.current()).toEqual({ key: "first" });
  started.answer = async () => ({ API_KEY: "second" });
  started.now += 30_000;
  await vi.waitFor(async () => expect(await started.settings.current()).toEqual({ key: "second" }));
});

it("does not wait for a store that hangs, nor ask it twice", async () => {
  const started = await startFunction(async () => ({ API_KEY: "first" }));
  started.now += SECRETS_LAST_MS;
  started.answer = () => new Promise(() => undefined);
  for (let call = 0; call < 3; call += 1) expect(await started.settings.current()).toEqual({ key: "first" });
  expect(started.readings).toBe(2);
});

it("reads once where secrets stand in the environment, which does not change", async () => {
  vi.stubEnv("SECRETS_PATH", undefined);
  const started = await startFunction(async () => ({ API_KEY: "first" }));
  started.now += 10 * SECRETS_LAST_MS;
  await started.settings.current();
  expect(started.readings).toBe(1);
});
