import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { startProcess } from "../support/process.ts";

const run = promisify(execFile);

it("makes tokens for an installation, running or not, and lets people in by JWT", async () => {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-tokens-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const token = (...args: string[]) =>
    run(process.execPath, ["--require", "./local/preload.cjs", "cli/token.ts", ...args], {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], DATA_DIR: folder },
    });
  const first = (await token("create", "--role", "admin", "--name", "before the start")).stdout.trim();
  expect(first).toMatch(/^st_/);

  const running = await startProcess({ DATA_DIR: folder });
  onTestFinished(() => void running.child.kill("SIGKILL"));
  const status = async (method: string, headers: Record<string, string>) =>
    (
      await fetch(`${running.url}/targets`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(method === "POST" && { body: "{}" }),
      })
    ).status;
  expect(await status("GET", { "x-api-key": first })).toBe(200);
  // A token made before makes the folder no older: the first start still has its first target.
  expect(await (await fetch(`${running.url}/targets`, { headers: { "x-api-key": first } })).json()).toMatchObject({
    items: [{ name: "Server Tracker itself" }],
  });

  const second = (await token("create", "--role", "viewer", "--days", "7")).stdout.trim();
  expect(await status("GET", { authorization: `Bearer ${second}` })).toBe(200);
  expect(await status("POST", { authorization: `Bearer ${second}` })).toBe(403);
  const { stdout } = await token("list");
  expect(stdout).toContain("before the start");
  expect(stdout).not.toContain(second);
  const id =
    stdout
      .split("\n")
      .find((line) => line.includes("viewer"))
      ?.split(" ")[0] ?? "";
  expect((await token("revoke", id)).stdout).toContain("is revoked");
  await expect(token("revoke", id)).rejects.toThrow(/there is no token/);
  await expect(token("create", "--role", "owner")).rejects.toThrow(/--role must be one of viewer, editor, admin/);

  // Checks, other users and web pages can reach loopback: the engines answer nobody who has not their key.
  const engine = JSON.parse(await readFile(join(folder, "state-engine"), "utf8")) as { url: string; accessKeyId: string };
  const scan = (headers: Record<string, string>) =>
    fetch(engine.url, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.ListTables", ...headers },
      body: "{}",
    });
  const signed = (key: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261123/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    "x-amz-date": "20261123T000000Z",
  });
  expect((await scan({})).status).toBe(403);
  expect((await scan(signed("guess"))).status).toBe(403);
  expect((await scan({ ...signed(engine.accessKeyId), origin: "https://evil.example" })).status).toBe(403);
  expect((await scan(signed(engine.accessKeyId))).status).toBe(200);

  const issuer = /curl (http:\S+)\/token/.exec(running.output())?.[1];
  const jwt = async (form: Record<string, string>) => {
    const response = await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(form) });
    return ((await response.json()) as { access_token?: string }).access_token;
  };
  expect(await jwt({ client_secret: "wrong", role: "admin" })).toBeUndefined();
  const editor = await jwt({ client_secret: running.apiKey, role: "editor" });
  expect(await status("POST", { authorization: `Bearer ${editor}` })).toBe(400);
  expect(await status("GET", { authorization: `Bearer ${editor?.slice(0, -4)}AAAA` })).toBe(401);
});
