import { randomBytes } from "node:crypto";
import * as z from "zod";
import { complain, say } from "../local/terminal.ts";
import { loadEnv } from "../shared/env/load-env.ts";
import { messageOf, SettingError } from "../shared/errors.ts";
import { httpUrl } from "../shared/net/http-url.ts";
import { deployToEmulator } from "./deploy-to-emulator.ts";

/*
 * `npm run deploy:emulator`: deploys the `local` stage into a running AWS emulator and prints the API's address.
 * Run by hand or by the deployers of `compose.yaml`.
 */
const emulatorEnv = z.object({
  EMULATOR_URL: httpUrl.default("http://127.0.0.1:4566"),
  /** Where the emulator is for whoever reads the output, when that is elsewhere. */
  EMULATOR_PUBLIC_URL: httpUrl.optional(),
  /** The bridge, as functions in the emulator see it. */
  DATA_API_URL: httpUrl.default("http://127.0.0.1:8001"),
  API_KEY: z.string().min(20, "must have at least 20 characters").optional(),
  DISCORD_WEBHOOK_URL: httpUrl.optional(),
  ALLOWED_PRIVATE_RANGES: z.string().default("127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"),
});

try {
  const env = loadEnv(emulatorEnv);
  const apiKey = env.API_KEY ?? randomBytes(24).toString("base64url");
  const { apiUrl } = await deployToEmulator({
    emulatorUrl: env.EMULATOR_URL,
    dataApiUrl: env.DATA_API_URL,
    secrets: { API_KEY: apiKey, ...(env.DISCORD_WEBHOOK_URL && { DISCORD_WEBHOOK_URL: env.DISCORD_WEBHOOK_URL }) },
    settings: { ST_ALLOWED_PRIVATE_RANGES: env.ALLOWED_PRIVATE_RANGES },
    onLine: say,
  });
  const shown = env.EMULATOR_PUBLIC_URL === undefined ? apiUrl : apiUrl.replace(env.EMULATOR_URL, env.EMULATOR_PUBLIC_URL);
  say(`\nServer Tracker is deployed.\n\n  API      ${shown}\n  docs     ${shown}/docs\n  API key  ${apiKey}\n`);
} catch (error) {
  complain(`the deploy failed: ${error instanceof SettingError ? error.message : messageOf(error)}`);
  process.exit(1);
}
