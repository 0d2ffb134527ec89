import * as z from "zod";
import { dashboards } from "../grafana/index.ts";
import { say } from "../local/terminal.ts";
import { loadEnv } from "../shared/env/load-env.ts";
import { messageOf } from "../shared/errors.ts";
import { runCommand } from "./options.ts";

/*
 * `npm run grafana:push -- --url https://grafana.example`: folder, data source and dashboards, through
 * Grafana's HTTP API. Repeatable: what is there is brought up to date, by its uid.
 * API: https://grafana.com/docs/grafana/latest/developers/http_api/
 */
const FOLDER = { uid: "server-tracker", title: "Server Tracker" };
const SOURCE_UID = "server-tracker";
const TIMEOUT_MS = 15_000;

const USAGE = `Brings folder, data source and dashboards into a Grafana.

  GRAFANA_TOKEN=<service account token, role Admin> npm run grafana:push -- --url https://grafana.example
    [--host database:5432 --database server_tracker --user grafana_reader]   makes the data source, too

GRAFANA_READER_PASSWORD is the data source's password. Both are read from the environment: arguments show in a machine's list of processes.`;

const optionsSchema = z.object({
  url: z.url({ protocol: /^https?$/, error: "must be Grafana's http or https address" }),
  host: z.string().optional(),
  database: z.string().default("server_tracker"),
  user: z.string().default("grafana_reader"),
  sslmode: z.enum(["disable", "require", "verify-ca", "verify-full"]).default("require"),
});
const secretsSchema = z.object({ GRAFANA_TOKEN: z.string(), GRAFANA_READER_PASSWORD: z.string().optional() });

await runCommand("npm run grafana:push", USAGE, optionsSchema, async ({ options }) => {
  const { GRAFANA_TOKEN: token, GRAFANA_READER_PASSWORD: password } = loadEnv(secretsSchema);
  await push({ ...options, token, password });
  say(`Pushed ${Object.keys(dashboards).length} dashboards into the folder "${FOLDER.title}" of ${options.url}.`);
});

interface Push extends z.output<typeof optionsSchema> {
  readonly token: string;
  readonly password: string | undefined;
}

async function push({ url, token, host, database, user, password, sslmode }: Push): Promise<void> {
  const call = async (method: string, path: string, body?: unknown, accepted: readonly number[] = [200]) => {
    const response = await fetch(`${url.replace(/\/$/, "")}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new Error(`${url} does not answer (${messageOf(cause)}): is that Grafana's address?`, { cause: error });
    });
    if (!accepted.includes(response.status))
      throw new Error(`${method} ${path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return response.status;
  };

  if ((await call("GET", `/api/folders/${FOLDER.uid}`, undefined, [200, 404])) === 404) await call("POST", "/api/folders", FOLDER);
  if (host !== undefined) {
    const source = {
      uid: SOURCE_UID,
      name: "Server Tracker",
      type: "grafana-postgresql-datasource",
      access: "proxy",
      url: host,
      user,
      jsonData: { database, sslmode, postgresVersion: 1700 },
      ...(password !== undefined && { secureJsonData: { password } }),
    };
    const there = await call("GET", `/api/datasources/uid/${SOURCE_UID}`, undefined, [200, 404]);
    await (there === 404 ? call("POST", "/api/datasources", source) : call("PUT", `/api/datasources/uid/${SOURCE_UID}`, source));
  }
  for (const dashboard of Object.values(dashboards)) {
    await call("POST", "/api/dashboards/db", {
      dashboard: { ...dashboard, id: null },
      folderUid: FOLDER.uid,
      overwrite: true,
      message: "npm run grafana:push",
    });
  }
}
