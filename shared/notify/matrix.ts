import { createHash } from "node:crypto";
import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { defineNotifier } from "./notifier.ts";
import { postJson } from "./post-json.ts";
import { plainText, unlinked } from "./wording.ts";

/** An event may have 65,536 bytes, of which a character takes up to four. https://spec.matrix.org/latest/client-server-api/#size-limits */
const MAX_CHARACTERS = 12_000;
const SEPARATOR = "\n\n";

/** A Matrix room: plain text. A repeat of the same alerts is the same transaction, so that it is not shown twice. */
export const matrixNotifier = defineNotifier({
  type: "matrix",
  schema: z.strictObject({
    homeserver: httpUrl,
    roomId: z.string().regex(/^![^\s:]+(?::\S+)?$/, "must be a room's id, such as !abc:example.org"),
    accessToken: z.string().regex(/^[\x21-\x7e]{10,}$/, "must be the access token of the account that writes"),
  }),
  secrets: ["accessToken"],
  settings: ["MATRIX_HOMESERVER", "MATRIX_ROOM_ID", "MATRIX_ACCESS_TOKEN"],
  fromSettings: ({ MATRIX_HOMESERVER: homeserver, MATRIX_ROOM_ID: roomId, MATRIX_ACCESS_TOKEN: accessToken }) =>
    homeserver ? { homeserver, roomId, accessToken } : undefined,
  maxAlertsPerMessage: 10,
  send: async (alerts, { homeserver, roomId, accessToken }, context) => {
    const share = Math.floor(MAX_CHARACTERS / alerts.length) - SEPARATOR.length;
    const text = alerts.map((alert) => plainText(alert, share, inert)).join(SEPARATOR);
    // Without `m.mentions` clients look for names in the text.
    const body = JSON.stringify({ msgtype: "m.text", body: text, "m.mentions": {} });
    // Not by the text, in which a link is another each time.
    const ids = alerts.map(({ id, kind, missed }) => `${kind} ${id} ${missed.length}`).join("\n");
    const transaction = createHash("sha256").update(`${roomId}\n${ids}`).digest("hex").slice(0, 32);
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${transaction}`;
    const url = `${homeserver.replace(/\/+$/, "")}${path}`;
    await postJson("matrix", url, body, context, { authorization: `Bearer ${accessToken}` }, "PUT");
  },
});

// Clients make links of people, rooms and bare domains.
function inert(text: string): string {
  return unlinked(text).replace(/(?<=[\p{L}\p{N}])\.(?=\p{L}{2})|[@#!+](?=[\p{L}\p{N}])/gu, "$&\u200b");
}
