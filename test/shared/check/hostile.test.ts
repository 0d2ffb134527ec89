import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { runChecks } from "../../../shared/round/run-checks.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { startHostileServers } from "../../support/hostile-servers.ts";

/*
 * Each hostile server must end in the class of error that tells the truth, within the check's own deadline.
 * `npm run bench -- hostile` measures the memory of the checking process, with the servers in another.
 */
const TIMEOUT_MS = 6_000;

it("tells each hostile server for what it is, in its deadline", async () => {
  const servers = await startHostileServers();
  onTestFinished(() => {
    for (const server of servers) server.close();
  });
  expect(servers.length).toBeGreaterThanOrEqual(30);
  const jobs = servers.map(({ url }) => ({
    config: configOf({ url, retries: 0, timeoutMs: TIMEOUT_MS, verifyTls: false }),
    heartbeat: { awaitedSince: 0 },
  }));
  const { results } = await runChecks(jobs, testEngine());
  const outcomes = servers.map(({ what, ends }, index) => [what, results[index]?.error?.class ?? results[index]?.status, ends]);
  expect(outcomes.filter(([, got, wanted]) => got !== wanted)).toEqual([]);
  for (const result of results) expect(result?.error?.text ?? "").toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
});

it("is not kept by a server that takes no connection", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, resolve));
  const { port } = server.address() as import("node:net").AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { results } = await runChecks(
    [{ config: configOf({ url: `http://127.0.0.1:${port}/`, retries: 0, timeoutMs: 500 }), heartbeat: { awaitedSince: 0 } }],
    testEngine(),
  );
  expect(results[0]).toMatchObject({ status: "down", error: { class: "connect", text: "connection refused" } });
});
