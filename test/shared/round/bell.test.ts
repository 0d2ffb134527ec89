import { expect, it } from "vitest";
import { createBell, type Ring } from "../../../shared/round/bell.ts";

function belled(ring?: Ring) {
  const calls: Parameters<Ring>[0][] = [];
  const warnings: string[] = [];
  const bell = createBell(
    async (call) => {
      calls.push(call);
      await ring?.(call);
    },
    30,
    { warn: (message) => warnings.push(message) },
  );
  return { bell, calls, warnings };
}

it("rings once for all that changes within a moment", async () => {
  const { bell, calls } = belled();
  bell.changed("a");
  bell.changed("b");
  bell.changed("a");
  await expect.poll(() => calls).toEqual([{ round: 30, targets: ["a", "b"], earlier: [] }]);
  await bell.end(0);
  expect(calls).toHaveLength(1);
});

it("rings at the end of a shard that others may hold up, and not of one alone, after which the round ends", async () => {
  const [among, alone] = [belled(), belled()];
  for (const { bell } of [among, alone]) bell.changed("a");
  await Promise.all([among.bell.end(0), alone.bell.end(100)]);
  expect(among.calls).toEqual([{ round: 30, targets: ["a"], earlier: [] }]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(alone.calls).toEqual([]);
});

it("that nobody hears costs a line, and the shard nothing", async () => {
  const { bell, warnings } = belled(() => Promise.reject(new Error("throttled")));
  bell.changed("a");
  await bell.end(0);
  expect(warnings).toEqual(["alerts wait for the end of the round"]);
});

it("gathers a storm for longer once it has begun, and rings for what the end of the round would leave to the next", async () => {
  const { bell, calls } = belled();
  for (let index = 0; index < 20; index++) bell.changed(`first ${index}`);
  await expect.poll(() => calls.map(({ targets }) => targets.length)).toEqual([20]);
  for (let index = 0; index < 101; index++) bell.changed(`rest ${index}`);
  // As long as a single change would wait, and a bit: the storm is still gathered.
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(calls).toHaveLength(1);
  await bell.end(100);
  expect(calls.map(({ targets }) => targets.length)).toEqual([20, 101]);
});

it("tells which were heard: of those, the end of the round need not", async () => {
  let isDeaf = false;
  const { bell } = belled(() => (isDeaf ? Promise.reject(new Error("throttled")) : Promise.resolve()));
  bell.changed("heard");
  await new Promise((resolve) => setTimeout(resolve, 400));
  isDeaf = true;
  bell.changed("lost");
  expect(await bell.end(0)).toEqual(new Set(["heard"]));
});

it("waits longer with each time in a round, and names those that were told before: what trickles in is a storm, too", async () => {
  const { bell, calls } = belled();
  for (let index = 0; index < 24; index++) {
    bell.changed(String(index));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await bell.end(0);
  expect(calls.flatMap(({ targets }) => targets)).toHaveLength(24);
  // On a busy machine a pause may take longer; each waits for more than the one before all the same.
  expect(calls.length).toBeLessThan(12);
  for (const [index, { earlier }] of calls.entries()) expect(earlier).toEqual(calls.slice(0, index).flatMap(({ targets }) => targets));
});
