import { randomUUID } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { createApiClient } from "../../local/api-client.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { failToStart, PATIENCE_MS, type StartedProcess, startProcess } from "../support/process.ts";

let folder: string;
let running: StartedProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "server-tracker-"));
  running = await startProcess({ DATA_DIR: folder });
});
afterAll(async () => {
  running.child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

const lines = (output: string) => output.trim().split("\n");

it("watches itself at first, and keeps what it holds from others", async () => {
  const api = createApiClient(running.url, running.apiKey, PATIENCE_MS);
  await expect.poll(() => running.output(), { timeout: 90_000 }).toMatch(/round {2}checked 1 {2}up 1 {2}degraded 0 {2}down 0/);
  expect(await api.call("GET", "/targets")).toMatchObject({ items: [{ name: "Server Tracker itself", status: "up" }] });
  expect((await stat(folder)).mode & 0o077).toBe(0);
});

it("prints a curl line that works when pasted", async () => {
  const curl = /curl -X POST .*/.exec(running.output())?.[0] ?? "";
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const { stdout } = await promisify(execFile)("bash", ["-c", curl]);
  expect(JSON.parse(stdout)).toMatchObject({ name: "Google Production", url: "https://google.com", status: "pending" });
});

it("starts where its own settings refuse itself as first target, and says so", async () => {
  const own = join(folder, "closed");
  const closed = await startProcess({ DATA_DIR: own, ALLOWED_PRIVATE_RANGES: "10.0.0.0/8" });
  onTestFinished(() => void closed.child.kill("SIGKILL"));
  expect(closed.output()).toMatch(/does not watch itself: .*127\.0\.0\.1/);
  const api = createApiClient(closed.url, closed.apiKey, PATIENCE_MS);
  expect(await api.call("GET", "/targets")).toMatchObject({ items: [] });
});

it("refuses a data folder that another process has, in one line", async () => {
  const { code, output } = await failToStart({ DATA_DIR: folder });
  expect(code).toBe(1);
  expect(lines(output)).toEqual([expect.stringContaining(`in use by another Server Tracker (process ${running.child.pid})`)]);
});

it("refuses a port that is taken, in one line", async () => {
  const server = createServer();
  const { port } = new URL(await listen(server));
  onTestFinished(() => void server.close());
  const { code, output } = await failToStart({ PORT: port, DATA_DIR: join(folder, "other") });
  expect(code).toBe(1);
  expect(lines(output)).toEqual([expect.stringContaining(`port ${port} is taken`)]);
});

it.each([
  [{ ROUND_SECONDS: "7" }, "ROUND_SECONDS must be one of 10, 15, 20, 30, 60"],
  [{ PORT: "http" }, "PORT must be a port"],
  [{ ALLOWED_PRIVATE_RANGES: "10.0.0.0" }, 'ALLOWED_PRIVATE_RANGES "10.0.0.0" is not a CIDR range'],
  [{ API_KEY: "short" }, "API_KEY must have at least 20 characters"],
  [{ DATABASE_URL: "mysql://x" }, "DATABASE_URL must be a URL such as postgres://"],
  [{ DISCORD_WEBHOOK_URL: "secret-nonsense" }, "channel discord: webhookUrl must be the URL of a Discord webhook"],
  [{ TELEGRAM_BOT_TOKEN: "123:abc" }, "channel telegram: chatId"],
  [{ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, "the log's schema could not be made"],
])("refuses %j in one line that names it", async (settings, text) => {
  const { code, output } = await failToStart({ DATA_DIR: join(folder, randomUUID()), ...settings });
  expect(code).toBe(1);
  expect(lines(output)).toEqual([expect.stringContaining(text)]);
  expect(output).not.toContain("secret-nonsense");
});

it("stops by itself at Ctrl-C, before it would be ended, and starts again with what it had", async () => {
  // Ended by its own hard limit, it would say 1.
  const { code } = await running.kill("SIGINT");
  expect(code).toBe(0);
  running = await startProcess({ DATA_DIR: folder });
  const { items } = (await createApiClient(running.url, running.apiKey, PATIENCE_MS).call("GET", "/targets")) as {
    items: { name: string }[];
  };
  expect(items.map(({ name }) => name).sort()).toEqual(["Google Production", "Server Tracker itself"]);
});

it("ends with the npm that started it", async () => {
  const byNpm = await startProcess({ DATA_DIR: join(folder, "by-npm") }, ["npm", "start"]);
  await byNpm.kill("SIGTERM");
  const answers = () =>
    fetch(`${byNpm.url}/health`).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 30_000 }).toBe(false);
});

it("starts without its database when it was there before, and goes on without", async () => {
  await running.kill("SIGINT");
  running = await startProcess({ DATA_DIR: folder, DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
  expect(running.output()).toContain("opening the log (rows wait until it answers) failed");
  await expect.poll(() => running.output(), { timeout: 90_000 }).toMatch(/round {2}checked 2 .*log batches spooled/);
  const health = await fetch(`${running.url}/health`);
  expect([health.status, ((await health.json()) as { status: string }).status]).toEqual([200, "degraded"]);
});
