import * as z from "zod";
import { loadEnv } from "../shared/env/load-env.ts";
import { messageOf, SettingError } from "../shared/errors.ts";
import { databaseUrl, port } from "./settings.ts";
import { createDataApiServer } from "./stand-ins/data-api.ts";
import { openPglite } from "./stand-ins/engines/pglite-engine.ts";
import { openPostgres } from "./stand-ins/engines/postgres-engine.ts";
import { listen } from "./stand-ins/listen.ts";
import { complain, say } from "./terminal.ts";

/*
 * `npm run bridge`: the RDS Data API over a Postgres, by itself, for functions that run elsewhere, such as in
 * an emulator. Without DATABASE_URL, over a PGlite in memory.
 */
const bridgeEnv = z.object({ BRIDGE_PORT: port.default(8_001), BRIDGE_HOST: z.string().default("127.0.0.1"), DATABASE_URL: databaseUrl });

try {
  const env = loadEnv(bridgeEnv);
  const engine = env.DATABASE_URL === undefined ? await openPglite(undefined) : openPostgres(env.DATABASE_URL);
  const server = createDataApiServer(engine);
  const url = await listen(server, env.BRIDGE_PORT, env.BRIDGE_HOST);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      server.closeAllConnections();
      server.close();
      void engine.close().finally(() => process.exit(0));
    });
  }
  say(`The Data API answers at ${url}`);
} catch (error) {
  complain(`the bridge cannot start: ${error instanceof SettingError ? error.message : messageOf(error)}`);
  process.exit(1);
}
