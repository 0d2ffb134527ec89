import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import { SIGN_IN_FILE, SIGN_IN_PATH, type SignInSettings } from "../serving.ts";
import { takeAccountToken } from "./session.ts";

/*
 * Signing in at an OpenID Connect issuer: authorization code with PKCE. Loaded by who signs in so. What it keeps is kept
 * for this tab alone, as every credential.
 */

/** Milliseconds for the issuer's answers. */
const TIMEOUT_MS = 10_000;

let manager: Promise<UserManager | undefined> | undefined;

/** `undefined` where nobody signs in so. @throws {Error} when the page's server does not answer; it is asked again then */
function userManager(): Promise<UserManager | undefined> {
  manager ??= createManager().catch((error: unknown) => {
    manager = undefined;
    throw error;
  });
  return manager;
}

async function createManager(): Promise<UserManager | undefined> {
  const settings = await signInSettings();
  if (settings === undefined) return undefined;
  const { issuer, clientId, scope, endpoints } = settings;
  const forThisTab = new WebStorageStateStore({ store: sessionStorage });
  const made = new UserManager({
    authority: issuer,
    client_id: clientId,
    scope,
    redirect_uri: location.origin + SIGN_IN_PATH,
    post_logout_redirect_uri: `${location.origin}/`,
    stateStore: forThisTab,
    userStore: forThisTab,
    requestTimeoutInSeconds: TIMEOUT_MS / 1_000,
    automaticSilentRenew: true,
    monitorSession: false,
    revokeTokensOnSignout: true,
    ...(endpoints !== undefined && { metadata: { issuer, ...endpoints } }),
  });
  made.events.addUserLoaded((user) => takeAccountToken(user.access_token));
  return made;
}

/** How people sign in; `undefined` where API tokens are the only way. */
export async function signInSettings(): Promise<SignInSettings | undefined> {
  const response = await fetch(SIGN_IN_FILE, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  // Where nobody serves the file, nobody signs in so.
  if (!(response.headers.get("content-type") ?? "").includes("json")) return undefined;
  const settings = (await response.json()) as SignInSettings | Record<string, never>; // as our server says it
  return "issuer" in settings ? (settings as SignInSettings) : undefined;
}

/** Goes to the issuer, which leads back to {@link SIGN_IN_PATH}, and from there to where the user was. */
export async function leaveForIssuer(): Promise<void> {
  await (await userManager())?.signinRedirect({ state: location.pathname + location.search });
}

/** Signs in again in a window beside the work. @throws {Error} when the browser opens none, or the issuer refuses */
export async function signInBeside(): Promise<void> {
  await (await userManager())?.signinPopup();
}

/** At {@link SIGN_IN_PATH}: takes what the issuer says. @returns the path to go on at; `undefined` in a window that is done */
export async function comeBack(): Promise<string | undefined> {
  const users = await userManager();
  if (users === undefined) return "/";
  const state = new URLSearchParams(location.search).get("state") ?? "";
  // What this tab did not ask for, the tab that opened it did.
  if (sessionStorage.getItem(`oidc.${state}`) === null) {
    await users.signinPopupCallback();
    return undefined;
  }
  const user = await users.signinRedirectCallback();
  return typeof user.state === "string" ? user.state : "/";
}

/** Goes on with a session of this tab, before it ends. */
export async function keepSession(): Promise<void> {
  const users = await userManager();
  const user = await users?.getUser();
  if (!users || !user) return;
  // Without a refresh token the issuer would be asked in a frame, which no policy of ours lets in.
  if (user.refresh_token === undefined) return users.stopSilentRenew();
  if (user.expires_in !== undefined && user.expires_in < 60) await users.signinSilent();
}

/** Ends the session, here and at the issuer. */
export async function endSession(): Promise<void> {
  const users = await userManager();
  const user = await users?.getUser();
  if (!users || !user) return;
  const canLeave = (await users.metadataService.getEndSessionEndpoint().catch(() => undefined)) !== undefined;
  if (!canLeave) return users.removeUser();
  // Amazon Cognito wants its own two names for what the standard has.
  await users.signoutRedirect({ extraQueryParams: { client_id: users.settings.client_id, logout_uri: `${location.origin}/` } });
}
