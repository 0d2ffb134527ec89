import { defineConfig } from "vitest/config";

// `npm run test:browser`: not part of `npm test`, since it needs a Chromium of the machine.
export default defineConfig({
  test: {
    include: ["test/browser/*.browser.ts"],
    pool: "forks",
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
