import { expect, it } from "vitest";
import { askLog } from "../../functions/api/ask-log.ts";

it("answers without the log while it is away, and leaves why in our own logs", async () => {
  const warnings: unknown[] = [];
  const deps = { logger: { warn: (message: string, details: Record<string, unknown>) => void warnings.push([message, details]) } };
  expect(await askLog(deps, async () => "strips")).toBe("strips");
  expect(warnings).toEqual([]);
  expect(await askLog(deps, () => Promise.reject(new Error("the log is waking up")))).toBeUndefined();
  expect(warnings).toEqual([[expect.stringContaining("does not answer"), { reason: "the log is waking up" }]]);
});
