import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** They wait the longest, for processes and rounds: begun last, they would be waited for alone. */
const LONG = [
  "infra/infra",
  "e2e/rounds",
  "simulation/simulation",
  "functions/access",
  "cli/project-files",
  "functions/openapi",
  "e2e/secrets",
  "shared/log/known-time",
  "grafana/dashboards",
  "functions/overview",
  "shared/check/run-checks",
  "e2e/bell",
  "functions/living-messages",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONG.findIndex((name) => moduleId.includes(`/test/${name}.`));
      return index === -1 ? LONG.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/log-snapshots.setup.ts",
    // Functions read their settings from the process's environment, so a file has a process of its own.
    pool: "forks",
    // Most tests wait: for rounds, timeouts, processes. Vitest would run one file at a time on two cores.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    // Limits that only a hang reaches, on a machine that does other things besides.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // No wait for a state that comes within a few rounds is a measurement either.
    expect: { poll: { timeout: 90_000 } },
  },
});
