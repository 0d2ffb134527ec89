import * as z from "zod";
import { dial } from "../net/dial.ts";
import { certificateProblem } from "./certificate-problem.ts";
import { defineCheckType } from "./check-type.ts";
import { hostField, portField } from "./fields.ts";

/** The certificate alone: down when it does not verify, degraded when it expires soon. */
export const tlsCheck = defineCheckType({
  type: "tls",
  shape: {
    type: z.literal("tls"),
    host: hostField,
    port: portField.default(443),
    /** Name to verify and to send as SNI, when it is not `host`. */
    servername: hostField.optional(),
    /** Degraded with fewer days left. */
    minDaysLeft: z.int().min(0).max(3_650).default(14),
  },
  label: ({ host, port }) => `${host}:${port}`,
  reaches: ({ host, port }) => [{ host, hostField: "host", port, portField: "port" }],
  run: async ({ host, port, servername, minDaysLeft }, context) => {
    const socket = await dial({ host, port, tls: { servername, verify: true } }, context);
    socket.destroy();
    const { certificate } = context.trace;
    const problem = certificate && certificateProblem(certificate, minDaysLeft);
    if (problem !== undefined) return { status: "degraded", error: problem };
    return { status: "up" };
  },
});
