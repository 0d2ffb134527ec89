/** What the API shows of a target besides its configuration: read back, and never a change. */
export const SHOWN_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "label",
  "status",
  "statusSince",
  "lastPingAt",
  "version",
  "createdAt",
  "updatedAt",
  "secretsDigest",
]);
