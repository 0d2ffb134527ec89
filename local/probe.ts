import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import * as z from "zod";
import { loadEnv } from "../shared/env/load-env.ts";
import { probeEnv } from "../shared/env/probe-env.ts";
import { messageOf, SettingError } from "../shared/errors.ts";
import { port } from "./settings.ts";
import { requireKey } from "./stand-ins/engines/engine-key.ts";
import { createLambdaServer } from "./stand-ins/lambda-server.ts";
import { listen } from "./stand-ins/listen.ts";
import { complain, say } from "./terminal.ts";

/*
 * `npm run probe`: a second opinion from another machine, or from this one by other name servers (`DNS_SERVERS`). Who has
 * its key may have it check anything it may reach.
 */
const localProbeEnv = probeEnv.extend({
  PROBE_PORT: port.default(8_002),
  PROBE_HOST: z.string().default("127.0.0.1"),
  PROBE_NAME: z
    .string()
    .regex(/^[\w-]{1,40}$/, "must be 1 to 40 letters, digits, _ and -")
    .default("elsewhere"),
  PROBE_KEY: z
    .string()
    .regex(/^[\w-]{16,}$/, "must have 16 letters, digits, _ and - at least")
    .optional(),
});

try {
  const env = loadEnv(localProbeEnv);
  const key = env.PROBE_KEY ?? randomBytes(24).toString("base64url");
  const { handler } = await import("../functions/probe.ts");
  const server = requireKey(createLambdaServer(Promise.resolve({ probe: handler }), (error) => complain(messageOf(error))).server, key);
  const url = new URL(await listen(server, env.PROBE_PORT, env.PROBE_HOST));
  // Everywhere is nowhere that could be called.
  if (["0.0.0.0", "[::]"].includes(url.hostname)) url.hostname = hostname();
  url.username = key;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      server.closeAllConnections();
      server.close(() => process.exit(0));
    });
  }
  say(`A probe answers. For the monitor that asks it:\n\n  PROBES=${env.PROBE_NAME}=${url.href.replace(/\/$/, "")}\n`);
} catch (error) {
  complain(`the probe cannot start: ${error instanceof SettingError ? error.message : messageOf(error)}`);
  process.exit(1);
}
