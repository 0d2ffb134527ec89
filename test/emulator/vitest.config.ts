import { defineConfig } from "vitest/config";

// `npm run test:emulator`: not part of `npm test`, since it needs Python and PyPI and takes minutes.
export default defineConfig({
  test: { include: ["test/emulator/*.emulator.ts"], pool: "forks", testTimeout: 300_000, hookTimeout: 420_000 },
});
