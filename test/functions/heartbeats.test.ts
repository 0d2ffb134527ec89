import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readPing } from "../../shared/targets/read-ping.ts";
import { type Monitor, marksFromNow, startMonitor } from "../support/monitor.ts";

let monitor: Monitor;
let key: string;
let id: string;
let made = 0;
const nextMark = marksFromNow();

beforeAll(async () => {
  monitor = await startMonitor();
});
afterAll(() => monitor.close());
beforeEach(async () => {
  const target = (await monitor.api("POST", "/targets", { name: `Job ${made++}`, type: "heartbeat" })) as {
    id: string;
    heartbeat: { key: string };
  };
  key = target.heartbeat.key;
  id = target.id;
});

/** The check of the next round. */
async function nextCheck(): Promise<
  { status: string; latencyMs: number | null; note: string | null; error: { text: string } | null } | undefined
> {
  await monitor.round(nextMark());
  const { items } = (await monitor.api("GET", `/targets/${id}/checks?to=2100-01-01`)) as { items: never[] };
  return items[0];
}
const ping = (method: string, path: string, body?: string, contentType?: string) =>
  fetch(`${monitor.url}${path.replace("KEY", key)}`, {
    method,
    ...(body !== undefined && { body }),
    headers: contentType === undefined ? {} : { "content-type": contentType },
  });

describe("a job that called another monitor needs only our host name", () => {
  const FORMER = { kuma: "Zw3kZ0n7aFq9", healthchecks: "4b1f6c60-3f0e-4f6c-9d4e-0a4f5d8f7a11", gatus: "jobs_nightly-backup:s3cret" };
  const register = async (formerKey: string) =>
    (await monitor.api("POST", "/targets", { name: `Job ${made++}`, type: "heartbeat", formerKey })) as { id: string; formerKey: string };
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it.each<[string, string, string, RequestInit?]>([
    ["Uptime Kuma", FORMER.kuma, `/api/push/${FORMER.kuma}?status=up&msg=OK&ping=`],
    ["Healthchecks", FORMER.healthchecks, `/ping/${FORMER.healthchecks}`],
    ["Healthchecks, an exit code", FORMER.healthchecks, `/ping/${FORMER.healthchecks}/0`],
    [
      "Gatus, with a token that looks like a key of ours",
      `jobs_importer:${"0123456789abcdef".repeat(4)}`,
      "/api/v1/endpoints/jobs_importer/external?success=true",
      { method: "POST", ...bearer("0123456789abcdef".repeat(4)) },
    ],
    ["Gatus", FORMER.gatus, "/api/v1/endpoints/jobs_nightly-backup/external?success=true", { method: "POST", ...bearer("s3cret") }],
  ])("%s", async (_, formerKey, path, init) => {
    const made = await register(formerKey);
    id = made.id;
    expect(made.formerKey).not.toContain(formerKey);
    expect((await fetch(`${monitor.url}${path}`, init)).status).toBe(202);
    expect(await nextCheck()).toMatchObject({ status: "up" });
    await monitor.api("DELETE", `/targets/${id}`);
    expect((await fetch(`${monitor.url}${path}`, init)).status).toBe(404);
  });

  it("and an endpoint of Gatus with another's token is none", async () => {
    const made = await register(FORMER.gatus);
    for (const [path, token] of [
      ["jobs_other", "s3cret"],
      ["jobs_nightly-backup", "wrong"],
      ["jobs_nightly-backup:s3cret", ""],
    ] as const) {
      const answer = await fetch(`${monitor.url}/api/v1/endpoints/${path}/external?success=true`, { method: "POST", ...bearer(token) });
      expect([path, token, answer.status]).toEqual([path, token, 404]);
    }
    await monitor.api("DELETE", `/targets/${made.id}`);
  });

  it("its own address works beside, and no two targets have one key", async () => {
    const first = await register(FORMER.kuma);
    expect((await ping("GET", "/heartbeat/KEY")).status).toBe(202);
    await expect(register(FORMER.kuma)).rejects.toThrow(
      'answered 400: {"type":"about:blank","title":"The request is not valid","status":400,"detail":"formerKey: is what jobs of another target call',
    );
    await monitor.api("DELETE", `/targets/${first.id}`);
  });

  it("a registration that fails keeps no key", async () => {
    const refused = monitor.api("POST", "/targets", { name: `Job ${made - 1}`, type: "heartbeat", formerKey: "kept-by-nobody" });
    await expect(refused).rejects.toThrow("answered 409");
    const first = await register("kept-by-nobody");
    await monitor.api("DELETE", `/targets/${first.id}`);
  });

  it("a change keeps, replaces or gives up the key, and the next may have it", async () => {
    const first = await register(FORMER.kuma);
    const answers = async (key: string) => (await fetch(`${monitor.url}/api/push/${key}`)).status;
    await monitor.api("PATCH", `/targets/${first.id}`, { formerKey: FORMER.kuma, tags: ["a"] });
    expect(await answers(FORMER.kuma)).toBe(202);
    await monitor.api("PATCH", `/targets/${first.id}`, { formerKey: first.formerKey, tags: ["b"] });
    expect(await answers(FORMER.kuma)).toBe(202);
    await monitor.api("PATCH", `/targets/${first.id}`, { formerKey: "another-key" });
    expect([await answers(FORMER.kuma), await answers("another-key")]).toEqual([404, 202]);
    const second = await register(FORMER.kuma);
    expect(await answers(FORMER.kuma)).toBe(202);
    await monitor.api("PATCH", `/targets/${first.id}`, { formerKey: null });
    expect(await answers("another-key")).toBe(404);
    for (const each of [first, second]) await monitor.api("DELETE", `/targets/${each.id}`);
  });
});

describe("every request to a live key is a ping", () => {
  it.each<[string, string, string?, string?]>([
    ["GET", "/heartbeat/KEY"],
    ["HEAD", "/heartbeat/KEY"],
    ["PUT", "/heartbeat/KEY", ""],
    ["PATCH", "/heartbeat/KEY", "a"],
    ["DELETE", "/ping/KEY"],
    ["OPTIONS", "/api/push/KEY"],
    ["POST", "/heartbeat/KEY"],
    ["POST", "/heartbeat/KEY", "line one\nline two\n", "application/x-www-form-urlencoded"],
    ["POST", "/heartbeat/KEY", "x".repeat(300_000), "text/plain"],
    ["POST", "/heartbeat/KEY", '{"status": "up", "latencyMs": "12"}', "application/json"],
    ["POST", "/heartbeat/KEY", '{"unfinished', "application/json"],
    ["POST", "/heartbeat/KEY", "[1,2]", "application/json"],
    ["POST", "/heartbeat/KEY?a=1&a=2"],
    ["GET", "/heartbeat/KEY/"],
    ["GET", "/ping/KEY"],
    ["GET", "/ping/KEY/0"],
    ["POST", "/heartbeat/KEY/whatever"],
    ["GET", "/api/push/KEY?status=up&msg=OK&ping="],
    ["POST", "/api/v1/endpoints/KEY/external?success=true&duration=1.5s"],
  ])("%s %s %s as %s", async (method, path, body, contentType) => {
    const response = await ping(method, path, body, contentType);
    expect(response.status).toBe(202);
    if (method === "HEAD") expect(await response.text()).toBe("");
    expect(await nextCheck()).toMatchObject({ status: "up" });
  });

  it("and one to a key that is none is not", async () => {
    for (const path of [
      "/heartbeat/nothing",
      "/ping/nothing",
      "/api/push/nothing",
      "/api/v1/endpoints/nothing/external",
      "/heartbeat/%ZZ",
    ]) {
      expect([path, (await ping("POST", path, "x".repeat(1_000))).status]).toEqual([path, 404]);
    }
  });
});

describe("what a ping says", () => {
  it.each<[string, string, string | undefined, Record<string, unknown>]>([
    ["POST", "/heartbeat/KEY/fail", "disk full\n", { status: "down", error: { text: "disk full" } }],
    ["GET", "/ping/KEY/3", undefined, { status: "down", error: { text: "exit code 3" } }],
    ["GET", "/api/push/KEY?status=down&msg=no%20backup", undefined, { status: "down", error: { text: "no backup" } }],
    ["POST", "/api/v1/endpoints/KEY/external?success=false&error=timeout", undefined, { status: "down", error: { text: "timeout" } }],
    ["GET", "/api/push/KEY?status=up&ping=42", undefined, { status: "up", latencyMs: 42 }],
    ["POST", "/heartbeat/KEY", "status=down&msg=disk full", { status: "down", error: { text: "disk full" } }],
    ["POST", "/api/v1/endpoints/KEY/external?success=true&duration=1m2.5s", undefined, { status: "up", latencyMs: 62_500 }],
    ["POST", "/heartbeat/KEY", "status=degraded&message=slow&latencyMs=7", { status: "degraded", latencyMs: 7, error: { text: "slow" } }],
    ["POST", "/heartbeat/KEY", "\u001b[31mtail\u202e of\na log", { status: "up", note: "[31mtail of a log" }],
    ["POST", "/heartbeat/KEY?status=sideways", undefined, { status: "up", note: 'status "sideways" is not known, taken as up' }],
  ])("%s %s %j", async (method, path, body, expected) => {
    await ping(method, path, body, body?.includes("=") ? "application/x-www-form-urlencoded" : "text/plain");
    expect(await nextCheck()).toMatchObject(expected);
  });

  it("in a form of several parts is read as in any other", async () => {
    const form = new FormData();
    form.set("status", "down");
    form.set("msg", "no backup");
    expect((await fetch(`${monitor.url}/heartbeat/${key}`, { method: "POST", body: form })).status).toBe(202);
    expect(await nextCheck()).toMatchObject({ status: "down", error: { text: "no backup" } });
  });

  it("on its way neither ends a run nor mends a failure", async () => {
    await ping("POST", "/heartbeat/KEY/fail", "disk full");
    await ping("POST", "/heartbeat/KEY/log", "line 1");
    expect(await nextCheck()).toMatchObject({ status: "down", error: { text: "disk full" } });
  });

  it("of its start is no sign of success, and tells how long it took", async () => {
    await ping("GET", "/heartbeat/KEY/start");
    await monitor.round(nextMark());
    expect(((await monitor.api("GET", `/targets/${id}`)) as { status: string }).status).toBe("pending");
    await new Promise((resolve) => setTimeout(resolve, 60));
    await ping("GET", "/heartbeat/KEY");
    const check = await nextCheck();
    expect(check?.status).toBe("up");
    expect(check?.latencyMs).toBeGreaterThanOrEqual(50);
  });

  it("is read without a mistake that could lose it", async () => {
    const read = (text: string, contentType = "", query = {}) => readPing({ query, contentType, text });
    expect(await read("")).toEqual({ starts: false, notes: false, status: "up" });
    expect(await read('{"status":"down","message":"a","latencyMs":12.5,"nested":{"x":1}}')).toEqual({
      starts: false,
      notes: false,
      status: "down",
      message: "a",
      latencyMs: 12.5,
    });
    expect((await read("a=b is not a form\nbut a log", "application/x-www-form-urlencoded")).message).toBe("a=b is not a form but a log");
    expect((await read("", "", { duration: "2m" })).latencyMs).toBe(120_000);
    expect(await read("", "", { ping: "-5" })).toMatchObject({ status: "up", message: 'duration "-5" is not understood' });
    // Names that an object has by itself are nobody's words.
    for (const word of ["constructor", "__proto__", "toString", "hasOwnProperty", "Valueof"]) {
      expect(await read("", "", { status: word })).toMatchObject({ status: "up", message: `status "${word}" is not known, taken as up` });
    }
    // Uptime Kuma reads a status of the address alone, and an empty one as none.
    const kuma = (text: string, query = {}) => readPing({ query, contentType: "application/json", text, unknownIs: "down" });
    expect(await kuma("", { status: "", msg: "OK", ping: "" })).toMatchObject({ status: "up", message: "OK" });
    expect(await kuma('{"status":"completed"}')).toMatchObject({ status: "up" });
    expect(await kuma("", { status: "completed" })).toMatchObject({ status: "down" });
    const ends = async (signal: string) => {
      const { status, message } = await readPing({ signal, query: {}, contentType: "", text: "" });
      return [status, message];
    };
    for (const signal of ["0", "00", "success"]) expect(await ends(signal)).toEqual(["up", undefined]);
    for (const code of ["1", "255", "256", "9009", "-1", "3221225477"]) expect(await ends(code)).toEqual(["down", `exit code ${code}`]);
    expect(await ends("FAIL")).toEqual(["down", undefined]);
    // What means nothing here is said.
    expect(await read("rows=5", "application/x-www-form-urlencoded")).toMatchObject({ status: "up", message: "rows=5" });
    expect(await read('{"exit":1}')).toMatchObject({ status: "up", message: '{"exit":1}' });
    expect([...((await read("e\u0301".repeat(400))).message ?? "")].length).toBeLessThanOrEqual(600);
  });
});

describe("keys of other monitors", () => {
  it("are found however they are written, with what the path says besides, and by ping key and slug", async () => {
    const uuid = "0B9A7E0C-7F0E-4B6A-9A57-0E5E8F0B1C2D";
    const job = (name: string, formerKey: string) => ({ name, type: "heartbeat", formerKey });
    const targets = await Promise.all(
      [job("By uuid", uuid), job("By slug", "fqOOd6-F4MMNuCEnzTU01w/db-backups"), job("Pushed", "Kuma-Token-1234")].map((body) =>
        monitor.api("POST", "/targets", body),
      ),
    );
    const [byUuid, bySlug, pushed] = targets.map((target) => (target as { id: string }).id);
    const call = async (path: string) => (await monitor.request("GET", path)).status;
    const said = async (id: string | undefined) => {
      await monitor.round(nextMark());
      const { items } = (await monitor.api("GET", `/targets/${id}/checks?limit=1`)) as {
        items: { status: string; error: { text: string } | null }[];
      };
      return [items[0]?.status, items[0]?.error?.text];
    };
    expect(await call(`/ping/${uuid.toLowerCase()}/256`)).toBe(202);
    expect(await said(byUuid)).toEqual(["down", "exit code 256"]);
    expect(await call("/ping/fqOOd6-F4MMNuCEnzTU01w/db-backups/fail")).toBe(202);
    expect((await said(bySlug))[0]).toBe("down");
    expect(await call("/ping/fqOOd6-F4MMNuCEnzTU01w/db-backups")).toBe(202);
    expect(await said(bySlug)).toEqual(["up", undefined]);
    expect(await call("/ping/fqOOd6-F4MMNuCEnzTU01w/other")).toBe(404);
    // Uptime Kuma takes all but up for down.
    expect(await call("/api/push/Kuma-Token-1234?status=Broken")).toBe(202);
    expect((await said(pushed))[0]).toBe("down");
    for (const word of ["constructor", "__proto__"]) expect(await call(`/api/push/Kuma-Token-1234?status=${word}`)).toBe(202);
    expect(await call(`/ping/${uuid}/%F0`)).toBe(202);
    expect(await said(byUuid)).toEqual(["up", undefined]);
    for (const id of [byUuid, bySlug, pushed]) expect((await monitor.request("DELETE", `/targets/${id}`)).status).toBe(204);
  });
});

describe("silence", () => {
  const silent = { name: "Silent", type: "heartbeat", periodSeconds: 10, graceSeconds: 0 };

  it("is counted from the end of a pause, though the last ping lies before it", async () => {
    const target = (await monitor.api("POST", "/targets", silent)) as { id: string; heartbeat: { key: string } };
    await fetch(`${monitor.url}/heartbeat/${target.heartbeat.key}`);
    // Long ago.
    const item = { pk: "target", sk: target.id };
    const { UpdateCommand } = await import("@aws-sdk/lib-dynamodb");
    await monitor.state.client.send(
      new UpdateCommand({
        TableName: "server-tracker",
        Key: item,
        UpdateExpression: "SET heartbeat.lastPingAt = :at",
        ExpressionAttributeValues: { ":at": Date.now() - 3_600_000 },
      }),
    );
    await monitor.api("PATCH", `/targets/${target.id}`, { paused: true });
    await monitor.api("PATCH", `/targets/${target.id}`, { paused: false });
    await monitor.round(nextMark());
    expect(await monitor.api("GET", `/targets/${target.id}`)).toMatchObject({ status: "up" });
  });
});
