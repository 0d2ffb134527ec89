import { RequestError } from "./errors.ts";

/**
 * Refuses a change of what is no longer as the caller saw it.
 * @param what such as `The channel` @param version that it has
 * @param versions that the caller takes; any when left out
 * @throws {RequestError} `precondition-failed`
 */
export function requireVersion(what: string, version: number, versions: readonly number[] | undefined): void {
  if (versions === undefined || versions.includes(version)) return;
  throw new RequestError("precondition-failed", `${what} is at version ${version}: read it again.`);
}
