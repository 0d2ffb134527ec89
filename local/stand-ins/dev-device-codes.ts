import { randomBytes, randomInt } from "node:crypto";

/** Seconds that a code is good for. */
const LIFETIME_SECONDS = 600;
/** Seconds between two questions of one who waits. */
const INTERVAL_SECONDS = 1;
/** Codes that wait; the oldest makes room. */
const MAX_CODES = 100;
/** No vowels, so that no word comes out, and nothing that looks like another (RFC 8628, 6.1). */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** Codes of people who sign in on a machine without a browser: device authorization (RFC 8628). */
export interface DeviceCodes<Person> {
  /** The answer to a device authorization request. @param page where codes are entered */
  start(page: string): Record<string, unknown>;
  /** @returns whether somebody waits with that code */
  approve(userCode: string, person: Person): boolean;
  /** @returns who has signed in, once; `waiting` until then; `undefined` for what is no code any more */
  take(deviceCode: string): Person | "waiting" | undefined;
}

export function createDeviceCodes<Person>(): DeviceCodes<Person> {
  const codes = new Map<string, { readonly userCode: string; readonly until: number; person?: Person }>();
  return {
    start(page) {
      const deviceCode = randomBytes(24).toString("base64url");
      const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
      const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
      codes.set(deviceCode, { userCode, until: Date.now() + LIFETIME_SECONDS * 1_000 });
      for (const oldest of [...codes.keys()].slice(0, Math.max(0, codes.size - MAX_CODES))) codes.delete(oldest);
      return {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${userCode}`,
        expires_in: LIFETIME_SECONDS,
        interval: INTERVAL_SECONDS,
      };
    },
    approve(userCode, person) {
      const waiting = [...codes.values()].find((code) => code.userCode === userCode.trim().toUpperCase() && code.until > Date.now());
      if (waiting !== undefined) waiting.person = person;
      return waiting !== undefined;
    },
    take(deviceCode) {
      const code = codes.get(deviceCode);
      if (code === undefined || code.until <= Date.now()) return undefined;
      if (code.person !== undefined) codes.delete(deviceCode);
      return code.person ?? "waiting";
    },
  };
}
