import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../functions/api/route.ts";
import { routes } from "../../functions/api/routes/index.ts";
import type { Role } from "../../shared/access/authorize.ts";
import { createDynamoTokenStore } from "../../shared/access/dynamo-token-store.ts";
import { createTokenSecret, hashToken, looksLikeToken } from "../../shared/access/token.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { inParallel } from "../../shared/time/in-parallel.ts";
import { AUDIENCE, startIssuer, type TestIssuer } from "../support/issuer.ts";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await startIssuer();
  monitor = await startMonitor({ OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: `another,${AUDIENCE}` });
});
afterAll(async () => {
  await monitor.close();
  issuer.close();
});

const NOBODY = "00000000-0000-4000-8000-000000000000";
/** A call of each route that gets past access, and what it is answered then. A route that is missing here fails. */
const CALLS: Readonly<Record<string, { path: string; body?: unknown; status: number }>> = {
  createTarget: { path: "/targets", body: {}, status: 400 },
  listTargets: { path: "/targets", status: 200 },
  getTarget: { path: `/targets/${NOBODY}`, status: 404 },
  updateTarget: { path: `/targets/${NOBODY}`, body: {}, status: 404 },
  deleteTarget: { path: `/targets/${NOBODY}`, status: 404 },
  checkTarget: { path: `/targets/${NOBODY}/check`, status: 404 },
  checkConfig: { path: "/check", body: {}, status: 400 },
  listChecks: { path: `/targets/${NOBODY}/checks`, status: 404 },
  listOpinions: { path: `/targets/${NOBODY}/opinions`, status: 404 },
  getSeries: { path: `/targets/${NOBODY}/series`, status: 404 },
  listAlerts: { path: `/targets/${NOBODY}/alerts`, status: 404 },
  getOverview: { path: "/overview", status: 200 },
  getMe: { path: "/me", status: 200 },
  createMaintenance: { path: "/maintenance", body: {}, status: 400 },
  listMaintenance: { path: "/maintenance", status: 200 },
  maintenanceCalendar: { path: "/maintenance/calendar?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z", status: 200 },
  updateMaintenance: { path: `/maintenance/${NOBODY}`, body: {}, status: 404 },
  deleteMaintenance: { path: `/maintenance/${NOBODY}`, status: 404 },
  silenceTarget: { path: `/targets/${NOBODY}/silence`, body: { until: "2100-01-01T00:00:00Z" }, status: 404 },
  getMetrics: { path: "/metrics", status: 200 },
  postDigests: { path: "/digests", body: { texts: ["a"] }, status: 200 },
  getSummary: { path: `/targets/${NOBODY}/summary`, status: 404 },
  recentChecks: { path: "/checks/recent", status: 200 },
  listIncidents: { path: "/incidents", status: 200 },
  openIncident: { path: "/incidents", body: {}, status: 400 },
  getIncident: { path: `/incidents/${NOBODY}`, status: 404 },
  deleteIncident: { path: `/incidents/${NOBODY}`, status: 404 },
  acknowledgeIncident: { path: `/incidents/${NOBODY}.1/acknowledge`, body: {}, status: 404 },
  unacknowledgeIncident: { path: `/incidents/${NOBODY}.1/acknowledge`, status: 404 },
  commentIncident: { path: `/incidents/${NOBODY}.1/comment`, body: { text: "a" }, status: 404 },
  resolveIncident: { path: `/incidents/${NOBODY}.1/resolve`, body: {}, status: 404 },
  updateIncident: { path: `/incidents/${NOBODY}/updates`, body: { status: "identified", text: "a" }, status: 404 },
  showAcknowledge: { path: "/acknowledge/none", status: 404 },
  acknowledgeByLink: { path: "/acknowledge/none", status: 404 },
  uptimeReport: { path: "/reports/uptime", status: 200 },
  postReports: { path: "/reports", body: [], status: 400 },
  ...Object.fromEntries(
    ["get", "head", "post", "put", "patch", "delete", "options"].flatMap((method) => [
      [`${method}Heartbeat`, { path: "/heartbeat/none", status: 404 }],
      [`${method}HeartbeatSignal`, { path: "/heartbeat/none/fail", status: 404 }],
      [`${method}HealthchecksPing`, { path: "/ping/none", status: 404 }],
      [`${method}HealthchecksSignal`, { path: "/ping/none/start", status: 404 }],
      [`${method}HealthchecksSlugSignal`, { path: "/ping/none/of/start", status: 404 }],
      [`${method}KumaPush`, { path: "/api/push/none?status=up", status: 404 }],
      [`${method}GatusExternal`, { path: "/api/v1/endpoints/none/external?success=true", status: 404 }],
    ]),
  ),
  renewHeartbeatKey: { path: `/targets/${NOBODY}/heartbeat-key`, status: 404 },
  createToken: { path: "/tokens", body: {}, status: 400 },
  listTokens: { path: "/tokens", status: 200 },
  revokeToken: { path: "/tokens/none", status: 404 },
  listAudit: { path: "/audit", status: 200 },
  listStatusPages: { path: "/status-pages", status: 200 },
  createStatusPage: { path: "/status-pages", body: {}, status: 400 },
  previewStatusPage: { path: "/status-page-preview", body: {}, status: 400 },
  getStatusPage: { path: "/status-pages/none", status: 404 },
  updateStatusPage: { path: "/status-pages/none", body: {}, status: 404 },
  deleteStatusPage: { path: "/status-pages/none", status: 404 },
  listChannels: { path: "/channels", status: 200 },
  createChannel: { path: "/channels", body: {}, status: 400 },
  updateChannel: { path: "/channels/none", body: {}, status: 404 },
  deleteChannel: { path: "/channels/none", status: 404 },
  testChannel: { path: "/channels/none/test", status: 404 },
  getHealth: { path: "/health", status: 200 },
  getOpenApi: { path: "/openapi.json", status: 200 },
  getDocs: { path: "/docs", status: 200 },
  getDocsFile: { path: "/docs/start.js", status: 200 },
};

const tokens = () => createDynamoTokenStore(monitor.state.client, TABLE_NAME, systemClock);
async function token(role: Role, expiresAt?: string): Promise<string> {
  const secret = createTokenSecret();
  await tokens().create(hashToken(secret), { name: role, role, ...(expiresAt !== undefined && { expiresAt }) });
  return secret;
}
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = (groups: string[] = []) => ({ sub: "somebody", token_use: "access", "cognito:groups": groups });
const soon = () => Math.floor(Date.now() / 1_000) + 300;

/** Who calls, by what they send, and the role that this gets them: `undefined` for a caller who is nobody. */
type Caller = readonly [name: string, headers: () => Promise<Record<string, string>>, role: Role | "none" | undefined];
const bearer = (make: () => Promise<string> | string) => async () => ({ authorization: `Bearer ${await make()}` });

const CALLERS: readonly Caller[] = [
  ["nobody", async () => ({}), undefined],
  ["an empty key", async () => ({ "x-api-key": "" }), undefined],
  ["a wrong key", async () => ({ "x-api-key": `${API_KEY}x` }), undefined],
  ["a user name and password", async () => ({ authorization: `Basic ${Buffer.from(`admin:${API_KEY}`).toString("base64")}` }), undefined],
  ["a token that was never made", bearer(createTokenSecret), undefined],
  ["an expired token", bearer(() => token("admin", new Date(Date.now() - 1).toISOString())), undefined],
  [
    "a revoked token",
    bearer(async () => {
      const secret = await token("admin");
      await tokens().revoke(hashToken(secret).slice(0, 20));
      return secret;
    }),
    undefined,
  ],
  ["an expired JWT", bearer(() => issuer.sign(claims(["admin"]), { expiresIn: Math.floor(Date.now() / 1_000) - 60 })), undefined],
  ["a JWT that never expires", bearer(() => issuer.sign(claims(["admin"]), { expiresIn: null })), undefined],
  ["a JWT that is not valid yet", bearer(() => issuer.sign({ ...claims(["admin"]), nbf: soon() })), undefined],
  ["a JWT for somebody else", bearer(() => issuer.sign(claims(["admin"]), { audience: "somebody-else" })), undefined],
  ["a JWT of another issuer", bearer(() => issuer.sign(claims(["admin"]), { issuer: "https://evil.example" })), undefined],
  ["an ID token", bearer(() => issuer.sign({ ...claims(["admin"]), token_use: "id" })), undefined],
  ["a JWT by a key that is not published", bearer(() => issuer.sign(claims(["admin"]), { kid: "unknown" })), undefined],
  ["a JWT by an algorithm that is not on the list", bearer(() => issuer.sign(claims(["admin"]), { algorithm: "ES384" })), undefined],
  [
    "a JWT with alg none",
    bearer(
      () =>
        `${base64url({ alg: "none", kid: "RS256" })}.${base64url({ ...claims(["admin"]), iss: issuer.url, aud: AUDIENCE, exp: soon() })}.`,
    ),
    undefined,
  ],
  [
    "a JWT signed by HS256 with the public key",
    bearer(() => {
      const body = `${base64url({ alg: "HS256", kid: "RS256" })}.${base64url({ ...claims(["admin"]), iss: issuer.url, aud: AUDIENCE, exp: soon() })}`;
      return `${body}.${createHmac("sha256", issuer.publicPem).update(body).digest("base64url")}`;
    }),
    undefined,
  ],
  [
    "a JWT whose role was changed",
    bearer(async () => {
      const [head = "", , signature = ""] = (await issuer.sign(claims(["viewer"]))).split(".");
      return `${head}.${base64url({ ...claims(["admin"]), iss: issuer.url, aud: AUDIENCE, exp: soon() })}.${signature}`;
    }),
    undefined,
  ],
  [
    "a JWT of the same client for another API",
    bearer(() => issuer.sign({ ...claims(["admin"]), client_id: AUDIENCE }, { audience: "another-api" })),
    undefined,
  ],
  ["an ID token that does not say so", bearer(() => issuer.sign({ sub: "s", nonce: "n", "cognito:groups": ["admin"] })), undefined],
  ["a JWT whose role is within a list", bearer(() => issuer.sign({ ...claims(), "cognito:groups": [["admin"]] })), "none"],
  ["a JWT without a role", bearer(() => issuer.sign(claims(["accounting"]))), "none"],
  ["a viewer's token", bearer(() => token("viewer")), "viewer"],
  ["an editor's token, as a key", async () => ({ "x-api-key": await token("editor") }), "editor"],
  ["an admin's token", bearer(() => token("admin", new Date(Date.now() + 60_000).toISOString())), "admin"],
  ["a viewer's JWT, RS256", bearer(() => issuer.sign(claims(["viewer"]))), "viewer"],
  ["an editor's JWT, ES256", bearer(() => issuer.sign(claims(["viewer", "editor"]), { algorithm: "ES256" })), "editor"],
  ["an admin's JWT, EdDSA", bearer(() => issuer.sign(claims(["admin"]), { algorithm: "EdDSA" })), "admin"],
  [
    "a machine's JWT by scope and client_id",
    bearer(() => issuer.sign({ sub: "m", client_id: AUDIENCE, token_use: "access", scope: "server-tracker/editor" }, { audience: null })),
    "editor",
  ],
  ["the API key", async () => ({ "x-api-key": API_KEY }), "admin"],
];

const RANK = { none: 0, viewer: 1, editor: 2, admin: 3 } as const;

function expected(route: Route, role: Role | "none" | undefined, status: number): number {
  if (route.access === "public") return status;
  if (role === undefined) return 401;
  return RANK[role] >= RANK[route.access] ? status : 403;
}

it("has a call for every route", () => {
  expect(Object.keys(CALLS).sort()).toEqual(routes.map(({ id }) => id).sort());
});

/** What anybody may call is asked by nobody in particular, but once by each method that a ping may have. */
const isTried = (route: Route, caller: string) => route.access !== "public" || route.method === "GET" || caller === "nobody";

describe.each(CALLERS)("%s", (caller, headersOf, role) => {
  it(`gets what ${role ?? "nobody"} may have, of every route`, async () => {
    const headers = await headersOf();
    // All at once, a busy machine would not answer within the time that stores have.
    const answers = await inParallel(
      routes.filter((route) => isTried(route, caller)),
      6,
      async (route) => {
        const { path = "/", body, status = 0 } = CALLS[route.id] ?? {};
        const init =
          body === undefined ? { headers } : { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
        const answer = await monitor.request(route.method, path, init);
        if (answer.status === 401) expect(answer.headers.get("www-authenticate")).toContain("Bearer");
        return [`${route.method} ${path}`, answer.status, expected(route, role, status)];
      },
    );
    expect(answers.filter(([, got, wanted]) => got !== wanted)).toEqual([]);
  });
});

it("says the same to all whom it does not know", async () => {
  const strangers = CALLERS.filter(([, , role]) => role === undefined);
  const answers = await Promise.all(
    strangers.map(async ([, headers]) => (await monitor.request("GET", "/targets", { headers: await headers() })).text),
  );
  expect(new Set(answers).size).toBe(1);
});

it("takes a key that the issuer has just begun to use", async () => {
  const kid = await issuer.rotate();
  const jwt = await issuer.sign(claims(["viewer"]), { kid });
  // Keys are fetched again at most every 10 s, so that made-up key ids cannot make us flood the issuer.
  const status = async () => (await monitor.request("GET", "/targets", { headers: { authorization: `Bearer ${jwt}` } })).status;
  await expect.poll(status, { timeout: 90_000, interval: 1_000 }).toBe(200);
});

describe("API tokens", () => {
  const admin = { "x-api-key": API_KEY, "content-type": "application/json" };
  const send = (method: string, path: string, body?: unknown) =>
    monitor.request(method, path, { headers: admin, ...(body !== undefined && { body: JSON.stringify(body) }) });

  it("are shown once, work at once, show their last use, and end when revoked", async () => {
    const { status, json } = await send("POST", "/tokens", {
      name: "CI",
      role: "editor",
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect(status).toBe(201);
    const { id, token: secret } = json as { id: string; token: string };
    expect(looksLikeToken(secret)).toBe(true);
    expect((await monitor.request("GET", "/targets", { headers: { "x-api-key": secret } })).status).toBe(200);
    const listed = (await send("GET", "/tokens")).text;
    expect(listed).not.toContain(secret);
    expect((JSON.parse(listed) as { items: { id: string }[] }).items.find((item) => item.id === id)).toMatchObject({
      name: "CI",
      role: "editor",
      lastUsedAt: expect.any(String),
    });
    expect((await send("DELETE", `/tokens/${id}`)).status).toBe(204);
    expect((await send("DELETE", `/tokens/${id}`)).status).toBe(404);
    const { items } = (await send("GET", "/tokens")).json as { items: { id: string }[] };
    expect(items.map((item) => item.id)).not.toContain(id);
  });

  it.each([
    [{ role: "editor" }, "name"],
    [{ name: "x", role: "owner" }, "role"],
    [{ name: "x", role: "viewer", expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt"],
    [{ name: "x", role: "viewer", scope: "all" }, "scope"],
  ])("are not made of %j", async (body, field) => {
    expect(await send("POST", "/tokens", body)).toMatchObject({ status: 400, json: { errors: [{ field }] } });
  });
});

describe("the audit", () => {
  it("tells who changed what, from what to what, without secrets", async () => {
    const editor = { "x-api-key": await token("editor"), "content-type": "application/json" };
    const send = (method: string, path: string, body?: unknown) =>
      monitor.request(method, path, { headers: editor, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const { id } = (await send("POST", "/targets", { name: "Audited", url: "http://127.0.0.1:1/", headers: { authorization: "s3cret" } }))
      .json as { id: string };
    await send("PATCH", `/targets/${id}`, { name: "Renamed" });
    await send("DELETE", `/targets/${id}`);
    const { json, text } = await monitor.request("GET", "/audit?limit=3", { headers: { "x-api-key": API_KEY } });
    expect(text).not.toContain("s3cret");
    const { items, next } = json as { items: Record<string, unknown>[]; next: string };
    expect(items).toMatchObject([
      { action: "deleteTarget", what: `target:${id}`, before: { name: "Renamed" }, after: null },
      {
        action: "updateTarget",
        what: `target:${id}`,
        before: { name: "Audited" },
        after: { name: "Renamed", secretsChanged: [] },
      },
      { action: "createTarget", what: `target:${id}`, before: null, after: { name: "Audited" } },
    ]);
    for (const { who } of items) expect(who).toMatch(/^token:[0-9a-f]{20}$/);
    // Of this one alone, whatever else was changed meanwhile, page by page.
    await send("POST", "/targets", { name: "Another", url: "http://127.0.0.1:1/" });
    const admin = { headers: { "x-api-key": API_KEY } };
    const own = `/audit?what=${encodeURIComponent(`target:${id}`)}&limit=2`;
    const first = (await monitor.request("GET", own, admin)).json as typeof json & { items: object[]; next: string };
    expect(first).toMatchObject({ items: [{ action: "deleteTarget" }, { action: "updateTarget" }], next: expect.any(String) });
    const second = await monitor.request("GET", `${own}&cursor=${first.next}`, admin);
    expect(second.json).toMatchObject({ items: [{ action: "createTarget", what: `target:${id}` }], next: null });
    expect((await monitor.request("GET", "/audit?what=nothing", admin)).json).toEqual({ items: [], next: null });
    const older = (await monitor.request("GET", `/audit?limit=3&cursor=${next}`, { headers: { "x-api-key": API_KEY } }))
      .json as typeof json;
    expect(JSON.stringify(older)).not.toContain(String(items[0]?.["id"]));
  });
});
