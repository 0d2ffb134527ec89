import * as z from "zod";
import { dial } from "../net/dial.ts";
import { SocketReader } from "../net/socket-reader.ts";
import { type CheckContext, type CheckOutcome, defineCheckType } from "./check-type.ts";
import { hostField, patternField, portField, resolverReach, routed, routeFields } from "./fields.ts";
import { loadPatterns, matchesPattern } from "./pattern.ts";

const shape = {
  type: z.literal("tcp"),
  host: hostField,
  port: portField,
  send: z
    .string()
    .min(1)
    .max(4_096, "must have at most 4096 characters")
    .optional()
    .meta({ description: "Text to send once connected, such as a command with its line end." }),
  banner: patternField.optional().meta({
    description:
      "A pattern (RE2) that must occur in what the server sends, its greeting or its answer to `send`; waited for until the timeout, in the first 4 KiB.",
  }),
  ...routeFields,
};

/** Up when a TCP connection opens, and the server says what it should. */
export const tcpCheck = defineCheckType({
  type: "tcp",
  shape,
  label: ({ host, port }) => `${host}:${port}`,
  secrets: ["send"],
  secretsGoTo: ({ host, port }) => `${host}:${port}`,
  patterns: ({ banner }) => (banner === undefined ? [] : [["banner", banner]]),
  reaches: ({ host, port, resolver }) => [{ host, hostField: "host", port, portField: "port" }, ...resolverReach(resolver)],
  run: async (config, context) => {
    const { host, port, send, banner } = config;
    const socket = await dial({ host, port }, routed(config, context));
    try {
      if (send !== undefined) socket.write(send);
      return banner === undefined ? { status: "up" } : await awaitBanner(new SocketReader(socket), banner, context);
    } finally {
      socket.destroy();
    }
  },
});

/** Bytes in which a banner is looked for, and pieces after which it is looked for again: a match costs a microsecond a byte. */
const MAX_BANNER_BYTES = 4_096;
const MAX_PIECES = 500;

async function awaitBanner(reader: SocketReader, banner: string, { trace }: CheckContext): Promise<CheckOutcome> {
  await loadPatterns();
  const endTtfb = trace.begin("ttfbMs");
  let said = "";
  for (let pieces = 0; pieces < MAX_PIECES && said.length < MAX_BANNER_BYTES; pieces++) {
    try {
      await reader.more();
    } catch (error) {
      if (said === "") throw error;
      break;
    }
    said = reader.seen.toString("utf8", 0, MAX_BANNER_BYTES);
    trace.said = said;
    if (matchesPattern(said, banner)) {
      endTtfb();
      return { status: "up" };
    }
  }
  const within = reader.seen.length >= MAX_BANNER_BYTES ? ` within its first ${MAX_BANNER_BYTES / 1_024} KiB` : "";
  return {
    status: "down",
    error: { class: "assertion", text: `the server said "${said.slice(0, 100).toWellFormed()}", expected ${banner}${within}` },
  };
}
