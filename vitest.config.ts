import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Functions read their settings from the process's environment, so a file has a process of its own.
    pool: "forks",
    // Most tests wait: for rounds, timeouts, processes. Vitest would run one file at a time on two cores.
    maxWorkers: 3,
    // Limits that only a hang reaches, on a machine that does other things besides.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // No wait for a state that comes within a few rounds is a measurement either.
    expect: { poll: { timeout: 90_000 } },
  },
});
