import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDevIssuer, DEV_ISSUER, devSignIn } from "../../local/stand-ins/dev-issuer.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import type { Authenticator } from "../../shared/access/authorize.ts";
import { jwtAuthenticator } from "../../shared/access/jwt-authenticator.ts";
import { CLI_SIGN_IN_URL, SIGN_IN_FILE, type SignInSettings } from "../../web/serving.ts";
import { buildCommand, type Command } from "../support/command.ts";

/* Signing in with an account by the bundled command, at the development issuer. */
const API_KEY = "the-key-of-this-installation";

let command: Command;
let issuerFolder: string;
let issuer: Awaited<ReturnType<typeof createDevIssuer>>;
let issuerUrl: string;
/** What the deployment says of signing in; nothing where it has API tokens alone. */
let offered: SignInSettings | undefined;
let roleOf: Authenticator;
const deployment = createServer((request, response) => {
  const json = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.url === SIGN_IN_FILE) return void json(200, offered ?? {});
  Promise.resolve(roleOf((request.headers.authorization ?? "").replace("Bearer ", "")))
    .then((caller) =>
      caller === undefined ? json(401, { detail: "the token is not valid" }) : json(200, { items: [], next: null, ...caller }),
    )
    .catch(() => response.destroy());
});
let api: string;

beforeAll(async () => {
  issuerFolder = await mkdtemp(join(tmpdir(), "login-issuer-"));
  issuer = await createDevIssuer({ folder: issuerFolder, apiKey: API_KEY });
  let origin: string;
  [command, issuerUrl, origin] = await Promise.all([buildCommand(), listen(issuer), listen(deployment)]);
  // As the page's address has it in AWS.
  api = `${origin}/api`;
  roleOf = jwtAuthenticator(
    {
      issuer: DEV_ISSUER,
      audiences: [devSignIn(issuerUrl).clientId],
      jwksUri: `${issuerUrl}/.well-known/jwks.json`,
      rolesClaim: "cognito:groups",
    },
    { warn: () => undefined },
  );
});
afterAll(async () => {
  issuer.close();
  deployment.close();
  await command.remove();
  await rm(issuerFolder, { recursive: true, force: true });
});

const post = (path: string, form: Record<string, string>) =>
  fetch(issuerUrl + path, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
const configFile = () => join(command.folder, "server-tracker", "config.json");
type Kept = { profiles: { default: { token: string; account: { refreshToken?: string; expiresAt: number } } } };
const kept = async () => (JSON.parse(await readFile(configFile(), "utf8")) as Kept).profiles.default;
async function change(account: Record<string, unknown>): Promise<void> {
  const profile = await kept();
  await writeFile(configFile(), JSON.stringify({ profiles: { default: { ...profile, account: { ...profile.account, ...account } } } }));
}

async function logInByDevice(role: string): Promise<{ code: number; out: string; err: string }> {
  offered = devSignIn(issuerUrl);
  const login = command.start(["login", "--account", "--api", api]);
  const [, url = "", code = ""] = await login.says(/Open (\S+) on any machine, and enter (\S+)/);
  expect(url).toBe(`${issuerUrl}/device`);
  expect(await (await fetch(`${url}?user_code=${code}`)).text()).toContain(`value="${code}"`);
  // A wrong key and a wrong code let nobody in, and do not end the waiting.
  expect((await post("/device", { user_code: code, api_key: "guess", role })).status).toBe(403);
  expect((await post("/device", { user_code: "BBBB-BBBB", api_key: API_KEY, role })).status).toBe(400);
  expect((await post("/device", { user_code: code.toLowerCase(), api_key: API_KEY, role })).status).toBe(200);
  return login.ended;
}

describe("login --account", () => {
  it("signs in by a code entered on any machine, and goes on when the token ends", async () => {
    expect(await logInByDevice("editor")).toMatchObject({
      code: 0,
      out: "",
      err: expect.stringContaining(`Signed in to ${api} as editor.`),
    });
    const { token, account } = await kept();
    expect(account.expiresAt).toBeGreaterThan(Date.now() / 1_000 + 3_000);
    const list = () => command.run(["targets", "list", "-o", "json"]);
    expect(await list()).toMatchObject({ code: 0, out: "[]\n" });
    expect((await kept()).token).toBe(token);

    await change({ expiresAt: Math.floor(Date.now() / 1_000) + 30 });
    expect(await list()).toMatchObject({ code: 0, out: "[]\n" });
    const renewed = await kept();
    expect(renewed.token).not.toBe(token);
    expect(renewed.account.expiresAt).toBeGreaterThan(Date.now() / 1_000 + 3_000);
  });

  it.each([
    ["is not good any more", { refreshToken: "made-up" }],
    ["was never given", { refreshToken: undefined }],
  ])("says what to do when what renews %s", async (_, account) => {
    await logInByDevice("viewer");
    await change({ ...account, expiresAt: 1 });
    expect(await command.run(["targets", "list"])).toEqual({
      code: 1,
      out: "",
      err: "Your session has ended: run `server-tracker login --account`.\n",
    });
  });

  it("is led back to this machine where the issuer knows no devices, and hears nobody else", async () => {
    const anyPort = { SERVER_TRACKER_LOGIN_PORT: "0" };
    const { endpoints, ...settings } = devSignIn(issuerUrl);
    offered = {
      ...settings,
      endpoints: { authorization_endpoint: `${issuerUrl}/authorize`, token_endpoint: endpoints?.token_endpoint ?? "" },
    };
    const login = command.start(["login", "--account", "--api", api], anyPort);
    const [, address = ""] = await login.says(/Open (\S+)/);
    const asked = Object.fromEntries(new URL(address).searchParams);
    const { redirect_uri: home = "" } = asked;
    expect(new URL(home)).toMatchObject({ hostname: "localhost", pathname: new URL(CLI_SIGN_IN_URL).pathname });
    expect((await fetch(`${home}?code=stolen&state=guessed`)).status).toBe(404);
    const { headers } = await post("/authorize", { ...asked, api_key: API_KEY, role: "admin" });
    expect(await (await fetch(headers.get("location") ?? "")).text()).toContain("Go back to the terminal");
    expect(await login.ended).toMatchObject({ code: 0, err: expect.stringContaining("as admin.") });

    const refused = command.start(["login", "--account", "--api", api], anyPort);
    const [, again = ""] = await refused.says(/Open (\S+)/);
    const { state = "", redirect_uri: back = "" } = Object.fromEntries(new URL(again).searchParams);
    await fetch(`${back}?${new URLSearchParams({ error: "access_denied", error_description: "not\u001b[2J today", state })}`);
    const { code, err } = await refused.ended;
    expect([code, err.split("\n").at(-2)]).toEqual([1, expect.stringMatching(/refuses: not\S* ?\[?\S* today$/)]);
    expect(err).not.toContain("\u001b");
  });

  it("names the way for a deployment without accounts", async () => {
    offered = undefined;
    const { code, err } = await command.run(["login", "--account", "--api", api]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/sign-in\.json names no issuer: --api must be .* log in with an API token\.\n$/),
    ]);
  });
});
