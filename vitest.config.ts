import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Functions read their settings from the process's environment, so a file has a process of its own.
    pool: "forks",
    // Most tests wait: for rounds, timeouts, processes. Vitest would run one file at a time on two cores.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
