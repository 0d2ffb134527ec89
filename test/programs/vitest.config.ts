import { defineConfig } from "vitest/config";

// `npm run test:programs`: not part of `npm test`, since each starts programs anew, many times over, and waits for them.
export default defineConfig({
  test: {
    include: ["test/programs/*.programs.ts"],
    pool: "forks",
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 90_000 } },
  },
});
