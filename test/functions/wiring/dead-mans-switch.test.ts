import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { deadMansSwitch } from "../../../functions/wiring/dead-mans-switch.ts";
import { listen, unusedPort } from "../../../local/stand-ins/listen.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";

/** A watcher such as Healthchecks.io. */
async function startWatcher(status: number) {
  const calls: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url} ${request.headers["user-agent"]}`);
    if (status > 0) response.writeHead(status).end();
  });
  const url = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, calls };
}

function switchTo(url: string | undefined, ranges = ["127.0.0.0/8"]) {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) };
  return { tell: deadMansSwitch(url, { guard: createAddressGuard(ranges), userAgent: "server-tracker/test", logger }), warnings };
}

it("tells the watcher that a round ran", async () => {
  const watcher = await startWatcher(200);
  const { tell, warnings } = switchTo(`${watcher.url}/ping/secret-key`);
  await tell();
  expect(watcher.calls).toEqual(["GET /ping/secret-key server-tracker/test"]);
  expect(warnings).toEqual([]);
});

it("costs a round nothing but a line when the watcher refuses, is away, or may not be reached; and never names its address", async () => {
  const refusing = await startWatcher(404);
  const gone = `http://127.0.0.1:${await unusedPort()}/secret-key`;
  const said: string[] = [];
  for (const { tell, warnings } of [switchTo(`${refusing.url}/secret-key`), switchTo(gone), switchTo(`${refusing.url}/secret-key`, [])]) {
    await tell();
    said.push(...warnings);
  }
  expect(said).toEqual([
    "the dead-man's switch answered 404",
    expect.stringMatching(/^the dead-man's switch could not be told: .*ECONNREFUSED/),
    expect.stringMatching(/could not be told: 127\.0\.0\.1 is a loopback address/),
  ]);
  expect(said.join()).not.toContain("secret-key");
  expect(refusing.calls).toHaveLength(1);
});

it("gives a watcher up that never answers", async () => {
  const { url } = await startWatcher(0);
  const { tell, warnings } = switchTo(url);
  await tell();
  expect(warnings).toEqual([expect.stringMatching(/could not be told/)]);
});

it("is silent where there is none", async () => {
  const { tell, warnings } = switchTo(undefined);
  await tell();
  expect(warnings).toEqual([]);
});
