import { useSyncExternalStore } from "react";

/** What the page calls the API with, for this tab alone: it is gone with it. */
const KEY = "server-tracker.credential";

const listeners = new Set<() => void>();
/** Whether the API refused what we have, so that somebody must sign in before the work goes on. */
let isRefused = false;

/** The credential, or an empty text. */
export function credential(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

/** Takes a credential, or none at sign-out. */
export function signIn(text: string): void {
  isRefused = false;
  if (text === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, text);
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
  readonly credential: string;
  readonly isRefused: boolean;
}

let last: Session = { credential: "", isRefused: false };

function snapshot(): Session {
  const now = credential();
  if (now !== last.credential || isRefused !== last.isRefused) last = { credential: now, isRefused };
  return last;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, snapshot);
}
