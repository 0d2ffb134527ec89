import * as z from "zod";
import { type CheckOutcome, defineCheckType } from "./check-type.ts";
import { hostField, resolverReach, routed, routeFields } from "./fields.ts";

/** Up when a host answers an ICMP echo request. */
export const pingCheck = defineCheckType({
  type: "ping",
  shape: { type: z.literal("ping"), host: hostField, ...routeFields },
  label: ({ host }) => `ping ${host}`,
  reaches: ({ host, resolver }) => [{ host, hostField: "host" }, ...resolverReach(resolver)],
  run: async (config, context): Promise<CheckOutcome> => {
    // Loaded where it is needed.
    const { ping, PingError } = await import("../net/ping.ts");
    try {
      return { status: "up", latencyMs: await ping(config.host, routed(config, context)) };
    } catch (error) {
      if (!(error instanceof PingError)) throw error;
      return { status: "down", error: { class: "connect", ...(error.isOurOwn && { about: "way" }), text: error.message } };
    }
  },
});
