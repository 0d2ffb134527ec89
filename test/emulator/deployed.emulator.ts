import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deployToEmulator, emulatorEnvironment } from "../../cli/deploy-to-emulator.ts";
import { type ApiClient, createApiClient } from "../../local/api-client.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createWebhookSink, type ReceivedMessage } from "../../local/stand-ins/webhook-sink.ts";
import { startLog } from "../support/log-engine.ts";
import { untilTestEnds } from "../support/until-test-ends.ts";
import { startMinistack } from "./ministack.ts";
import { orSkipped } from "./python-emulator.ts";

/*
 * The CloudFormation of the `local` stage, deployed by plain `cdk` into an AWS emulator that we did not write,
 * and driven from outside: API Gateway and authorizer, rule, Step Functions, Lambda, DynamoDB, Parameter Store.
 */
const emulatorUrl = process.env["EMULATOR_URL"];
const emulator =
  emulatorUrl === undefined ? await orSkipped(startMinistack()) : { url: emulatorUrl, output: () => "", close: async () => {} };

const run = promisify(execFile);
const PROBE_REGION = "eu-west-1";
const apiKey = randomBytes(24).toString("base64url");
const closers: (() => Promise<unknown> | unknown)[] = [];
const discord: ReceivedMessage[] = [];
let siteStatus = 200;
let apiUrl = "";
let api: ApiClient;
let siteUrl = "";

beforeAll(async () => {
  if (emulator === undefined) return;
  closers.push(() => emulator.close());
  const log = await startLog({ migrated: false });
  closers.push(() => log.close());
  const site = createServer((_, response) => response.writeHead(siteStatus).end("hello"));
  siteUrl = await listen(site);
  const sink = createWebhookSink((message) => {
    discord.push(message);
    return undefined;
  });
  const sinkUrl = await listen(sink);
  closers.push(
    () => site.close(),
    () => sink.close(),
  );
  const deployed = await deployToEmulator({
    // By name, as Compose calls it: below a name, buckets are looked for as sub-domains.
    emulatorUrl: emulator.url.replace("//127.0.0.1:", "//localhost:"),
    dataApiUrl: process.env["DATA_API_URL"] ?? log.url,
    secrets: { API_KEY: apiKey, DISCORD_WEBHOOK_URL: `${sinkUrl}/api/webhooks/1/token` },
    settings: { ST_ROUND_SECONDS: "10", ST_ALLOWED_PRIVATE_RANGES: "127.0.0.0/8", ST_PROBE_REGIONS: PROBE_REGION },
  });
  apiUrl = deployed.apiUrl;
  api = createApiClient(apiUrl, apiKey);
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

interface TargetView {
  readonly id: string;
  readonly status: string;
}
const titles = () => discord.flatMap(({ body }) => (body as { embeds: { title: string }[] }).embeds.map(({ title }) => title));

it.skipIf(emulator === undefined)("lets only those in who have the key, and tells the public what is public", async () => {
  const get = (path: string, headers = {}) => fetch(`${apiUrl}${path}`, { headers });
  expect((await get("/health")).status).toBe(200);
  expect((await get("/openapi.json")).status).toBe(200);
  expect((await get("/docs")).headers.get("content-type")).toContain("text/html");
  expect((await get("/docs/swagger-ui.css")).status).toBe(200);
  expect((await get("/targets")).status).toBe(401);
  expect((await get("/targets", { "x-api-key": "wrong-wrong-wrong-wrong" })).status).toBe(401);
  expect((await get("/targets", { "x-api-key": apiKey })).status).toBe(200);
  expect((await get("/targets", { authorization: `Bearer ${apiKey}` })).status).toBe(200);
});

it.skipIf(emulator === undefined)("takes tokens that `npm run token` made with AWS credentials", async () => {
  const { stdout } = await run(
    process.execPath,
    ["--require", "./local/preload.cjs", "cli/token.ts", "create", "--role", "viewer", "--stage", "local"],
    {
      env: { PATH: process.env["PATH"], ...emulatorEnvironment(emulator?.url ?? "") },
    },
  );
  const call = (method: string, body?: string) =>
    fetch(`${apiUrl}/targets`, {
      method,
      headers: { authorization: `Bearer ${stdout.trim()}`, "content-type": "application/json" },
      ...(body !== undefined && { body }),
    });
  expect((await call("GET")).status).toBe(200);
  expect((await call("POST", "{}")).status).toBe(403);
});

it.skipIf(emulator === undefined)("checks by its own clock, logs, and alerts once per change of status", async () => {
  const created = (await api.call("POST", "/targets", {
    name: "Shop",
    url: siteUrl,
    headers: { "x-secret": "kept" },
    retries: 0,
    timeoutMs: 2_000,
    from: [PROBE_REGION],
    fromEvery: 1,
  })) as TargetView;
  const status = async () => ((await api.call("GET", `/targets/${created.id}`)) as TargetView).status;
  const checks = async () => ((await api.call("GET", `/targets/${created.id}/checks`)) as { items: { status: string }[] }).items;
  const within = { timeout: 100_000, interval: 1_000 };

  await expect.poll(status, within).toBe("up");
  await expect.poll(async () => (await checks()).length, within).toBeGreaterThan(1);
  expect(titles()).toEqual([]);

  siteStatus = 500;
  await expect.poll(status, within).toBe("down");
  await expect.poll(titles, within).toEqual([expect.stringContaining("Shop")]);
  await expect.poll(async () => (await checks()).filter((check) => check.status === "down").length, within).toBeGreaterThan(2);
  expect(titles()).toHaveLength(1);

  siteStatus = 200;
  await expect.poll(status, within).toBe("up");
  await expect.poll(titles, within).toEqual([expect.stringMatching(/down/i), expect.stringMatching(/up|recovered/i)]);
  await expect.poll(async () => (await checks()).slice(0, 3).every((check) => check.status === "up"), within).toBe(true);
  expect(titles()).toHaveLength(2);

  // The function of another region was called, which may not reach this machine's networks.
  const { items: seen } = (await api.call("GET", `/targets/${created.id}/opinions`)) as { items: object[] };
  expect(seen.at(-1)).toMatchObject({ region: PROBE_REGION, error: "may not be reached from there" });

  const { items } = (await api.call("GET", "/incidents")) as { items: unknown[] };
  expect(items).toHaveLength(1);
});

it.skipIf(emulator === undefined)("fails a deploy whose migration fails, with the SQL error", async () => {
  const log = untilTestEnds(await startLog({ migrated: false }));
  await log.sql.execute("create table target (id integer)", {});
  const deployed = deployToEmulator({
    emulatorUrl: emulator?.url ?? "",
    dataApiUrl: log.url,
    secrets: {},
    settings: { ST_STAGE: "broken" },
  });
  await expect(deployed).rejects.toThrow(/relation "target" already exists/);
});
