import * as z from "zod";
import { dial } from "../net/dial.ts";
import { defineCheckType } from "./check-type.ts";
import { hostField, portField } from "./fields.ts";

/** Up when a TCP connection opens. */
export const tcpCheck = defineCheckType({
  type: "tcp",
  shape: { type: z.literal("tcp"), host: hostField, port: portField },
  label: ({ host, port }) => `${host}:${port}`,
  reaches: ({ host, port }) => [{ host, hostField: "host", port, portField: "port" }],
  run: async ({ host, port }, context) => {
    const socket = await dial({ host, port }, context);
    socket.destroy();
    return { status: "up" };
  },
});
