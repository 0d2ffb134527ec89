import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDevIssuer, DEV_ISSUER } from "../../../local/stand-ins/dev-issuer.ts";
import { listen } from "../../../local/stand-ins/listen.ts";
import { jwtAuthenticator } from "../../../shared/access/jwt-authenticator.ts";

const API_KEY = "the-key";
const PAGE = "http://127.0.0.1:8000/sign-in";
const VERIFIER = "a-verifier-of-forty-three-characters-or-more";
let folder: string;
let server: Awaited<ReturnType<typeof createDevIssuer>>;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dev-issuer-"));
  server = await createDevIssuer({ folder, apiKey: API_KEY });
  url = await listen(server);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const asked = {
  client_id: "server-tracker-local",
  response_type: "code",
  redirect_uri: PAGE,
  state: "s1",
  code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
  code_challenge_method: "S256",
};
const post = (path: string, form: Record<string, string>) =>
  fetch(url + path, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
const codeOf = async (role = "editor") => {
  const answer = await post("/authorize", { ...asked, api_key: API_KEY, role });
  return new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
};
const exchange = async (code: string, changed: Record<string, string> = {}) => {
  const answer = await post("/token", { grant_type: "authorization_code", code, code_verifier: VERIFIER, redirect_uri: PAGE, ...changed });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
};
const roleOf = (token = "") =>
  jwtAuthenticator(
    { issuer: DEV_ISSUER, audiences: ["server-tracker-local"], jwksUri: `${url}/.well-known/jwks.json`, rolesClaim: "cognito:groups" },
    { warn: () => undefined },
  )(token);

it("gives a page tokens for a code, once, and only to who asked for it", async () => {
  const code = await codeOf();
  const { status, body } = await exchange(code);
  expect(status).toBe(200);
  expect(await roleOf(body["access_token"])).toEqual({ id: "user:developer", role: "editor" });
  // What tells the page who signed in, and what renews, open nothing.
  expect(await roleOf(body["id_token"])).toBeUndefined();
  expect(await roleOf(body["refresh_token"])).toBeUndefined();
  expect(await exchange(code)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  expect(await exchange(await codeOf(), { code_verifier: "another" })).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  expect(await exchange(await codeOf(), { redirect_uri: "http://127.0.0.1:1/" })).toMatchObject({ status: 400 });
});

it("goes on with a session by its refresh token alone", async () => {
  const { body } = await exchange(await codeOf("viewer"));
  const refresh = async (token = "") => (await post("/token", { grant_type: "refresh_token", refresh_token: token })).json();
  const renewed = (await refresh(body["refresh_token"])) as Record<string, string>;
  expect(await roleOf(renewed["access_token"])).toEqual({ id: "user:developer", role: "viewer" });
  for (const wrong of [body["access_token"], body["id_token"], "made-up", ""]) {
    expect(await refresh(wrong)).toMatchObject({ error: "invalid_grant" });
  }
});

it.each([
  ["to another machine", { redirect_uri: "https://evil.example/sign-in" }],
  ["to what only looks like this one", { redirect_uri: "http://127.0.0.1.evil.example/" }],
  ["to a script", { redirect_uri: "javascript:alert(1)" }],
  ["without PKCE", { code_challenge_method: "plain" }],
  ["for another client", { client_id: "somebody" }],
])("leads nobody back %s", async (_, changed) => {
  const query = new URLSearchParams({ ...asked, ...changed });
  expect((await fetch(`${url}/authorize?${query}`)).status).toBe(400);
  const answer = await post("/authorize", { ...asked, ...changed, api_key: API_KEY, role: "admin" });
  expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
});

it("shows what it was asked as text, and takes the API key alone", async () => {
  const hostile = `"><script>alert(1)</script>`;
  const page = await (await fetch(`${url}/authorize?${new URLSearchParams({ ...asked, state: hostile })}`)).text();
  expect(page).not.toContain("<script>alert");
  const refused = await post("/authorize", { ...asked, api_key: "guess", role: "admin" });
  expect([refused.status, refused.headers.get("location")]).toEqual([403, null]);
});
