import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { messageOf } from "../../shared/errors.ts";
import { own } from "../../shared/text/own.ts";
import type { KumaData, KumaMonitor } from "./kuma-data.ts";

/** Whether a file is a SQLite database. Source: its file format, 1.3. */
export function isKumaDatabase(bytes: Buffer): boolean {
  return bytes.subarray(0, 16).toString("latin1") === "SQLite format 3\0";
}

/** Columns that JSON names otherwise; the rest has the same name. */
const NAMES: Readonly<Record<string, string>> = {
  retry_interval: "retryInterval",
  ignore_tls: "ignoreTls",
  upside_down: "upsideDown",
  resend_interval: "resendInterval",
  expiry_notification: "expiryNotification",
  domain_expiry_notification: "domainExpiryNotification",
  proxy_id: "proxyId",
  auth_method: "authMethod",
  http_body_encoding: "httpBodyEncoding",
  invert_keyword: "invertKeyword",
  json_path: "jsonPath",
  json_path_operator: "jsonPathOperator",
  expected_value: "expectedValue",
  ip_family: "ipFamily",
  cache_bust: "cacheBust",
  expected_tls_alert: "expectedTlsAlert",
  tls_cert: "tlsCert",
  tls_key: "tlsKey",
  push_token: "pushToken",
};

/** Things that are not monitors, and are said to be left. */
const OTHER_TABLES = ["status_page", "docker_host", "remote_browser", "api_key"];

/**
 * Reads `kuma.db` of Uptime Kuma 1.x and 2.x, from a copy: what a running Kuma has not written into it yet stands in the
 * `-wal` beside it.
 * @throws {Error} in one line, naming the file
 */
export async function readKumaDatabase(path: string): Promise<KumaData> {
  const sqlite = await import("node:sqlite").catch(() => {
    throw new Error(`${path} needs Node 22.13 or newer to be read: run the importer with it, or export a JSON backup`);
  });
  const folder = await mkdtemp(join(tmpdir(), "kuma-"));
  try {
    const copy = join(folder, basename(path));
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`).catch(() => undefined);
    const database = new sqlite.DatabaseSync(copy);
    try {
      return readTables((sql) => database.prepare(sql).all() as KumaMonitor[]);
    } finally {
      database.close();
    }
  } catch (error) {
    throw new Error(`${path} is no database of Uptime Kuma that can be read: ${messageOf(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readTables(query: (sql: string) => KumaMonitor[]): KumaData {
  const tables = new Set(query("select name from sqlite_master where type = 'table'").map(({ name }) => String(name)));
  const all = (table: string) => (tables.has(table) ? query(`select * from [${table}] order by rowid`) : []);
  if (!tables.has("monitor")) throw new Error("it has no table of monitors");
  const tags = new Map(all("tag").map((tag) => [tag["id"], tag["name"]]));
  const group = <Value>(rows: KumaMonitor[], value: (row: KumaMonitor) => Value) => {
    const found = new Map<unknown, Value[]>();
    for (const row of rows) found.set(row["monitor_id"], [...(found.get(row["monitor_id"]) ?? []), value(row)]);
    return found;
  };
  const tagged = group(all("monitor_tag"), ({ tag_id: id, value }) => ({ name: tags.get(id), value }));
  const notified = group(all("monitor_notification"), ({ notification_id: id }) => String(id));
  return {
    monitors: all("monitor").map((row) => ({
      ...Object.fromEntries(Object.entries(row).map(([column, value]) => [own(NAMES, column) ?? column, value])),
      accepted_statuscodes: parsed(row["accepted_statuscodes_json"]),
      tags: tagged.get(row["id"]) ?? [],
      notificationIDList: Object.fromEntries((notified.get(row["id"]) ?? []).map((id) => [id, true])),
    })),
    notifications: all("notification"),
    proxies: all("proxy"),
    ignored: OTHER_TABLES.filter((table) => all(table).length > 0),
    maintained: all("monitor_maintenance").map(({ monitor_id: id }) => Number(id)),
  };
}

function parsed(json: unknown): unknown {
  try {
    return JSON.parse(String(json));
  } catch {
    return [];
  }
}
