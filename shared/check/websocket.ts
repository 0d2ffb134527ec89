import * as z from "zod";
import { type CheckContext, type CheckOutcome, defineCheckType } from "./check-type.ts";
import { certificateWarningDaysField, patternField, resolverReach, routed, routeFields, urlReach } from "./fields.ts";
import { headersField, lowerCased } from "./http-headers.ts";
import { loadPatterns, matchesPattern } from "./pattern.ts";

const shape = {
  type: z.literal("websocket"),
  url: z
    .string()
    .trim()
    .max(2_048, "must have at most 2048 characters")
    .refine(isWebSocketUrl, 'must be a ws or wss URL without a user name, such as "wss://example.com/live"'),
  headers: headersField.default({}),
  send: z.string().min(1).max(4_096, "must have at most 4096 characters").optional().meta({ description: "A text message to send." }),
  answer: patternField.optional().meta({
    description: "A pattern (RE2) that must occur in one of the first messages from the server; waited for until the timeout.",
  }),
  verifyTls: z.boolean().default(true).meta({ description: "False accepts any certificate." }),
  certificateWarningDays: certificateWarningDaysField,
  ...routeFields,
};

/** Messages in which an answer is looked for. */
const MAX_MESSAGES = 20;

/** Up when the server takes a WebSocket, and says what it should. */
export const websocketCheck = defineCheckType({
  type: "websocket",
  shape,
  label: ({ url }) => url,
  reaches: ({ url, resolver }) => [urlReach(url, "url"), ...resolverReach(resolver)],
  secrets: ["headers", "send"],
  patterns: ({ answer }) => (answer === undefined ? [] : [["answer", answer]]),
  secretsGoTo: ({ url, verifyTls, resolver }) =>
    [
      new URL(url).origin,
      new URL(url).host,
      ...(resolver === undefined ? [] : [resolver]),
      ...(verifyTls ? [] : ["with any certificate"]),
    ].join(", "),
  run: async (config, given) => {
    const context = routed(config, given);
    // Loaded where it is needed.
    const { openWebSocket, WebSocketError } = await import("../net/web-socket.ts");
    try {
      const headers = { "user-agent": context.userAgent, ...lowerCased(config.headers) };
      const connection = await openWebSocket({ url: new URL(config.url), headers, verifyTls: config.verifyTls }, context);
      if (config.send !== undefined) connection.send(config.send);
      const outcome =
        config.answer === undefined ? ({ status: "up" } as const) : await awaitAnswer(connection.receive, config.answer, context);
      connection.close();
      return outcome;
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      const { message: text, httpStatus } = error;
      return {
        status: "down",
        error: { class: httpStatus === undefined ? "body" : "status", text },
        ...(httpStatus !== undefined && { httpStatus }),
      };
    }
  },
});

async function awaitAnswer(receive: () => Promise<string>, answer: string, { trace }: CheckContext): Promise<CheckOutcome> {
  await loadPatterns();
  let said = "";
  for (let messages = 0; messages < MAX_MESSAGES; messages++) {
    said = await receive();
    trace.said = said;
    if (matchesPattern(said, answer)) return { status: "up" };
  }
  return {
    status: "down",
    error: { class: "assertion", text: `the server said "${said.slice(0, 100).toWellFormed()}", expected ${answer}` },
  };
}

function isWebSocketUrl(text: string): boolean {
  const url = /[\s\p{Cc}]/u.test(text) ? null : URL.parse(text);
  return (
    url !== null && /^wss?:$/.test(url.protocol) && url.hostname !== "" && url.port !== "0" && url.username === "" && url.password === ""
  );
}
