import { useSyncExternalStore } from "react";

/** What the page calls the API with, for this tab alone: it is gone with it. */
const KEY = "server-tracker.credential";

/** What `oidc-client-ts` keeps of who signed in at an issuer begins so. */
const ACCOUNT_KEY = "oidc.user:";

const listeners = new Set<() => void>();
const beginners = new Set<() => void>();
/** Counts sessions: what was read in one is not shown in the next. A token that is renewed begins none. */
let session = 0;
/** Whether the API refused what we have, so that somebody must sign in before the work goes on. */
let isRefused = false;

/** The credential, or an empty text. */
export function credential(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

/** Takes a key or token, or none at sign-out. */
export function signIn(text: string): void {
  for (const key of accountKeys()) sessionStorage.removeItem(key);
  begin(text);
}

/** Takes a JWT of the issuer: the first one of a session, or a later one that it goes on with. */
export function takeAccountToken(text: string): void {
  if (credential() === "" || personOf(text) !== personOf(credential())) begin(text);
  else take(text);
}

/** Calls back when another begins to use the page, before anything is drawn for them. */
export function onNewSession(call: () => void): void {
  beginners.add(call);
}

function begin(text: string): void {
  session++;
  take(text, beginners);
}

/** Whose a credential is: a JWT that is renewed is the same person's. */
function personOf(text: string): string {
  try {
    const { iss, sub } = JSON.parse(atob((text.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
    return typeof sub === "string" ? `${iss} ${sub}` : text;
  } catch {
    return text;
  }
}

/** Whether somebody signed in at an issuer, so that the session can be renewed. */
export function hasAccount(): boolean {
  return accountKeys().length > 0;
}

function accountKeys(): string[] {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(ACCOUNT_KEY));
}

function take(text: string, first: ReadonlySet<() => void> = new Set()): void {
  isRefused = false;
  if (text === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, text);
  for (const begin of first) begin();
  for (const listener of listeners) listener();
}

/** The API did not take what we have. */
export function refused(): void {
  if (isRefused) return;
  isRefused = true;
  for (const listener of listeners) listener();
}

/** A JWT goes as a bearer token, a key or token of ours in its own header. */
export function credentialHeaders(text: string = credential()): Record<string, string> {
  if (text === "") return {};
  return /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(text) ? { authorization: `Bearer ${text}` } : { "x-api-key": text };
}

/** Takes the credential of an address that signs in (`/#key=…`), and drops it from the bar and the history. */
export function takeFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given === null) return;
  signIn(given);
  history.replaceState(null, "", location.pathname + location.search);
}

export interface Session {
  readonly id: number;
  readonly isSignedIn: boolean;
  readonly isRefused: boolean;
}

let last: Session = { id: 0, isSignedIn: false, isRefused: false };

function snapshot(): Session {
  const now = { id: session, isSignedIn: credential() !== "", isRefused };
  if (now.id !== last.id || now.isSignedIn !== last.isSignedIn || now.isRefused !== last.isRefused) last = now;
  return last;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, snapshot);
}
