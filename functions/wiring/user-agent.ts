import { VERSION } from "../../shared/version.ts";

/** What checks and webhooks call themselves, so that owners of access logs know whom to ask. */
export function userAgent({ USER_AGENT_URL }: { USER_AGENT_URL: string }): string {
  return `server-tracker/${VERSION} (+${USER_AGENT_URL})`;
}
