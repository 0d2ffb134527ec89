import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Functions read their settings from the process's environment, so a file has a process of its own.
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
