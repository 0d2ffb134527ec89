import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, it, onTestFinished } from "vitest";
import { STATE_TABLE } from "../../local/stand-ins/state-table.ts";
import { startProcess } from "../support/process.ts";

const run = promisify(execFile);

it("shows what the log refused, without its control characters, and gives it to the rounds again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-set-aside-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const command = async (...args: string[]) => {
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], DATA_DIR: folder };
    return (await run(process.execPath, ["--require", "./local/preload.cjs", "cli/set-aside.ts", ...args], { env })).stdout.trim();
  };
  const running = await startProcess({ DATA_DIR: folder });
  onTestFinished(() => void running.child.kill("SIGKILL"));
  expect(await command("list")).toBe("No row is set aside.");

  const { url, accessKeyId } = JSON.parse(await readFile(join(folder, "state-engine"), "utf8")) as { url: string; accessKeyId: string };
  const credentials = { accessKeyId, secretAccessKey: "local" };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: "local", endpoint: url, credentials }));
  const batch = gzipSync(JSON.stringify({ kind: "check", rows: [] }));
  const Item = { pk: "spool-rejected", sk: "2026-01-01#k", reason: "no \u001b[2Jspace", batch };
  await client.send(new PutCommand({ TableName: STATE_TABLE, Item }));
  const listed = await command("list");
  expect(listed).toMatch(/^2026-01-01#k .*space$/);
  expect(listed).not.toContain("\u001b");

  expect(await command("retry")).toMatch(/: 1\.$/);
  expect(await command("list")).toBe("No row is set aside.");
  await expect(command("forget")).rejects.toThrow(/say what to do: list or retry/);
});
