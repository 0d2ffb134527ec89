import { VERSION } from "../../shared/version.ts";

/** What checks and webhooks call themselves, so that owners of access logs know whom to ask. */
export function userAgent({ USER_AGENT_URL: url }: { USER_AGENT_URL?: string | undefined }): string {
  return `server-tracker/${VERSION}${url === undefined ? "" : ` (+${url})`}`;
}
