import { useSyncExternalStore } from "react";

/** Where it is kept that times are shown in UTC. */
const KEPT = "times";
const listeners = new Set<() => void>();

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) === "UTC";
  } catch {
    return false; // a browser that keeps nothing
  }
}

let isUtc = kept();

/** Whether moments are shown in UTC, and not in the reader's zone. */
export function useIsUtc(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isUtc,
  );
}

/** Shows moments in UTC, or in the reader's zone again, here and the next time. */
export function showUtc(next: boolean): void {
  isUtc = next;
  try {
    if (next) localStorage.setItem(KEPT, "UTC");
    else localStorage.removeItem(KEPT);
  } catch {
    // It holds as long as the page is open.
  }
  for (const listener of listeners) listener();
}

/** A format in the reader's zone, and the same in UTC. */
export function zoned(options: Intl.DateTimeFormatOptions): (at: number, inUtc: boolean) => string {
  const own = new Intl.DateTimeFormat(undefined, options);
  const utc = new Intl.DateTimeFormat(undefined, { ...options, timeZone: "UTC" });
  return (at, inUtc) => (inUtc ? utc : own).format(at);
}
