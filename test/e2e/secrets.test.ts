import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createApiClient } from "../../local/api-client.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createWebhookSink } from "../../local/stand-ins/webhook-sink.ts";
import { PATIENCE_MS, startProcess } from "../support/process.ts";

/*
 * The whole program with a mark in every place that holds a secret. No line it writes, no answer of its API, no
 * alert, and no byte of its stores may show one.
 */
const MARKS = {
  apiKey: "canary-api-key-0123456789",
  fieldKey: "canary-field-key-0123456789-0123456789",
  webhook: "canary-webhook-path",
  slack: "canary-slack-path",
  telegram: "1234567890:canary-telegram-token-abcdefghijk",
  webhookSecret: "canary-webhook-signature",
  header: "canary-target-header",
  body: "canary-target-body",
  changed: "canary-changed-header",
} as const;

it("shows no secret anywhere", async () => {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-secrets-"));
  let status = 200;
  const got: string[] = [];
  const site = createServer((request, response) => {
    got.push(String(request.headers["x-secret"]));
    // What a target answers may repeat what it was sent.
    response.writeHead(status, { "x-echo": String(request.headers["x-secret"]) }).end(`you sent ${request.headers["x-secret"]}`);
  });
  const alerts: string[] = [];
  const sink = createWebhookSink(({ text, path }) => {
    alerts.push(text);
    // One channel is gone, so that its failure is told.
    return path.includes(MARKS.slack) ? { status: 404 } : undefined;
  });
  const [siteUrl, sinkUrl] = [await listen(site), await listen(sink)];
  const running = await startProcess({
    DATA_DIR: folder,
    LOG_LEVEL: "DEBUG",
    API_KEY: MARKS.apiKey,
    FIELD_KEY: MARKS.fieldKey,
    DISCORD_WEBHOOK_URL: `${sinkUrl}/${MARKS.webhook}`,
    SLACK_WEBHOOK_URL: `${sinkUrl}/${MARKS.slack}`,
    TELEGRAM_BOT_TOKEN: MARKS.telegram,
    TELEGRAM_CHAT_ID: "1",
    TELEGRAM_API_URL: sinkUrl,
    WEBHOOK_URL: `${sinkUrl}/${MARKS.webhook}`,
    WEBHOOK_SECRET: MARKS.webhookSecret,
  });
  onTestFinished(async () => {
    running.child.kill("SIGKILL");
    for (const server of [site, sink]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  const answers: string[] = [];
  const api = createApiClient(running.url, MARKS.apiKey, PATIENCE_MS);
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await api.call(method, path, body).catch((error: unknown) => String(error));
    answers.push(JSON.stringify(answer) ?? "");
    return answer as { id: string; token: string };
  };
  const target = await call("POST", "/targets", {
    name: "Shop",
    url: siteUrl,
    method: "POST",
    headers: { "x-secret": MARKS.header },
    body: MARKS.body,
    retries: 0,
    assertions: [{ kind: "bodyContains", text: "you sent" }],
  });
  const { token } = await call("POST", "/tokens", { name: "canary", role: "editor" });
  answers.pop(); // shown this once, on purpose
  await createApiClient(running.url, token, PATIENCE_MS).call("GET", "/targets");
  await expect.poll(() => got, { timeout: 90_000 }).toContain(MARKS.header);
  await call("PATCH", `/targets/${target.id}`, { headers: { "x-secret": MARKS.changed } });
  status = 500;
  await expect.poll(() => got, { timeout: 90_000 }).toContain(MARKS.changed);
  await expect.poll(() => alerts.length, { timeout: 90_000 }).toBeGreaterThan(2);
  for (const path of [
    "/targets",
    `/targets/${target.id}`,
    `/targets/${target.id}/checks`,
    "/checks/recent",
    "/incidents",
    "/channels",
    "/audit",
    "/tokens",
    "/health",
    "/openapi.json",
  ]) {
    await call("GET", path);
  }
  await call("POST", "/targets", { name: "Wrong", url: siteUrl, headers: { "x-secret": MARKS.header, "bad header": MARKS.header } });
  const { code } = await running.kill("SIGTERM");
  expect(code).toBe(0);

  // Its own start says the API key, where it was asked to make one: here it was given.
  const said = running
    .output()
    .replaceAll(`API key    ${MARKS.apiKey}`, "")
    .replaceAll(`x-api-key: ${MARKS.apiKey}`, "")
    .replaceAll(`/#key=${MARKS.apiKey}`, "");

  const seen = { output: said, answers: answers.join("\n"), alerts: alerts.join("\n"), stores: await contents(folder) };
  for (const [where, text] of Object.entries(seen)) {
    expect([where, text.length > 0]).toEqual([where, true]);
    for (const [what, mark] of Object.entries({ ...MARKS, token }))
      expect([where, what, text.includes(mark)]).toEqual([where, what, false]);
  }
});

/** Every byte of the state and of the log. Compressed blocks would hide a mark: LevelDB's log files are not compressed. */
async function contents(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")));
  return texts.join("\n");
}
