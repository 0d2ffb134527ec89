import { parseArgs } from "node:util";
import * as z from "zod";
import { dashboards } from "./index.ts";

/*
 * `npm run grafana:push -- --url https://grafana.example --token …`: folder, data source and dashboards, through
 * Grafana's HTTP API. Repeatable: what is there is brought up to date, by its uid.
 * API: https://grafana.com/docs/grafana/latest/developers/http_api/
 */
const FOLDER = { uid: "server-tracker", title: "Server Tracker" };
const SOURCE_UID = "server-tracker";
const TIMEOUT_MS = 15_000;

const USAGE = `npm run grafana:push -- --url https://grafana.example --token <service account token, role Admin>
  [--host database:5432 --database server_tracker --user grafana_reader --password …]   makes the data source, too`;

const text = { type: "string" } as const;
const optionsSchema = z.object({
  url: z.url({ protocol: /^https?$/, error: "must be Grafana's http or https address" }),
  token: z.string("must be a service account's token").min(1, "must be a service account's token"),
  host: z.string().optional(),
  database: z.string().default("server_tracker"),
  user: z.string().default("grafana_reader"),
  password: z.string().optional(),
  sslmode: z.enum(["disable", "require", "verify-ca", "verify-full"]).default("require"),
});

try {
  const { values } = parseArgs({
    options: { url: text, token: text, host: text, database: text, user: text, password: text, sslmode: text },
  });
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success)
    throw new Error(`${parsed.error.issues.map(({ path, message }) => `--${path.join(".")} ${message}`).join("; ")}\n\n${USAGE}`);
  await push(parsed.data);
  process.stdout.write(`Pushed ${Object.keys(dashboards).length} dashboards into the folder "${FOLDER.title}" of ${parsed.data.url}.\n`);
} catch (error) {
  process.stderr.write(`npm run grafana:push: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function push({ url, token, host, database, user, password, sslmode }: z.output<typeof optionsSchema>): Promise<void> {
  const call = async (method: string, path: string, body?: unknown, accepted: readonly number[] = [200]) => {
    const response = await fetch(`${url.replace(/\/$/, "")}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
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
