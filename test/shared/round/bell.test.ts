import { expect, it } from "vitest";
import { createBell, type Ring } from "../../../shared/round/bell.ts";

function belled(ring?: Ring) {
  const calls: { round: number; targets: readonly string[] }[] = [];
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
  await expect.poll(() => calls).toEqual([{ round: 30, targets: ["a", "b"] }]);
  await bell.end(false);
  expect(calls).toHaveLength(1);
});

it("rings at the end of a shard that others may hold up, and not of one alone, after which the round ends", async () => {
  const [among, alone] = [belled(), belled()];
  for (const { bell } of [among, alone]) bell.changed("a");
  await Promise.all([among.bell.end(false), alone.bell.end(true)]);
  expect(among.calls).toEqual([{ round: 30, targets: ["a"] }]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(alone.calls).toEqual([]);
});

it("that nobody hears costs a line, and the shard nothing", async () => {
  const { bell, warnings } = belled(() => Promise.reject(new Error("throttled")));
  bell.changed("a");
  await bell.end(false);
  expect(warnings).toEqual(["alerts wait for the end of the round"]);
});
