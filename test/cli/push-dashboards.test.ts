import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";

const run = promisify(execFile);

/** Grafana's HTTP API, as far as it is called: what is put is kept by uid. */
async function startGrafana() {
  const kept = new Map<string, Record<string, unknown>>();
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> & { dashboard?: Record<string, unknown> };
    calls.push(`${request.method} ${request.url}`);
    const answer = (status: number, json: unknown = {}) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    if (request.headers.authorization !== "Bearer good") return void answer(401, { message: "invalid API key" });
    if (request.method === "GET") return void answer(kept.has(request.url ?? "") ? 200 : 404);
    if (request.url === "/api/folders") kept.set(`/api/folders/${body["uid"]}`, body);
    else if (request.url === "/api/dashboards/db") kept.set(`/dashboard/${body.dashboard?.["uid"]}`, body);
    else kept.set(`/api/datasources/uid/${body["uid"]}`, body);
    answer(200);
  });
  const url = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, kept, calls };
}

const push = (secrets: Record<string, string>, ...args: string[]) =>
  run(process.execPath, ["cli/push-dashboards.ts", ...args], { env: { PATH: process.env["PATH"], ...secrets } });

it("brings folder, data source and dashboards into any Grafana, and again", async () => {
  const { url, kept, calls } = await startGrafana();
  const args = ["--url", `${url}/`, "--host", "db:5432"];
  const secrets = { GRAFANA_TOKEN: "good", GRAFANA_READER_PASSWORD: "s3cret" };
  expect((await push(secrets, ...args)).stdout).toContain("Pushed 4 dashboards");
  const first = [...kept.keys()].sort();
  expect(first).toEqual([
    "/api/datasources/uid/server-tracker",
    "/api/folders/server-tracker",
    "/dashboard/server-tracker-health",
    "/dashboard/server-tracker-incidents",
    "/dashboard/server-tracker-overview",
    "/dashboard/server-tracker-target",
  ]);
  expect(kept.get("/dashboard/server-tracker-overview")).toMatchObject({
    folderUid: "server-tracker",
    overwrite: true,
    dashboard: { id: null },
  });
  calls.length = 0;
  await push(secrets, ...args);
  expect([...kept.keys()].sort()).toEqual(first);
  expect(calls).toContain("PUT /api/datasources/uid/server-tracker");
  expect(calls).not.toContain("POST /api/folders");
});

it("says what is wrong: the token, or what is missing", async () => {
  const { url } = await startGrafana();
  await expect(push({ GRAFANA_TOKEN: "bad" }, "--url", url)).rejects.toThrow(/answered 401: .*invalid API key/);
  await expect(push({}, "--url", url)).rejects.toThrow(/GRAFANA_TOKEN must be set/);
  await expect(push({ GRAFANA_TOKEN: "good" }, "--url", "grafana")).rejects.toThrow(/--url must be Grafana's http or https address/);
});
