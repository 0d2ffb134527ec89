import type { SourceFile } from "./importer.ts";
import { isKumaDatabase, readKumaDatabase } from "./kuma-database.ts";
import { objectOf } from "./values.ts";
import { parseJson } from "./yaml-file.ts";

/** A monitor's fields by the names of its JSON; the database's are made these. */
export type KumaMonitor = Readonly<Record<string, unknown>>;

/** What a backup, a database or the socket's lists hold. */
export interface KumaData {
  readonly monitors: readonly KumaMonitor[];
  readonly notifications: readonly KumaMonitor[];
  readonly proxies: readonly KumaMonitor[];
  /** Names of other things it has rows of, such as status pages. */
  readonly ignored: readonly string[];
  /** Ids of monitors with maintenance windows. */
  readonly maintained: readonly number[];
}

/** All that the files hold, as one. @throws {Error} naming the file that cannot be read */
export async function readKumaData(files: readonly SourceFile[]): Promise<KumaData> {
  const parts = await Promise.all(files.map(async (file) => (isKumaDatabase(file.bytes) ? readKumaDatabase(file.path) : fromJson(file))));
  return {
    monitors: parts.flatMap(({ monitors }) => monitors),
    notifications: parts.flatMap(({ notifications }) => notifications),
    proxies: parts.flatMap(({ proxies }) => proxies),
    ignored: parts.flatMap(({ ignored }) => ignored),
    maintained: parts.flatMap(({ maintained }) => maintained),
  };
}

function fromJson({ bytes, path }: SourceFile): KumaData {
  if (/\.sql(?:\.gz)?$/i.test(path))
    throw new Error(`${path} is a dump: only SQLite's own file and JSON are read. Of a MariaDB Kuma, send the socket's lists`);
  const json = parseJson(bytes, path);
  const values = (value: unknown) => (Array.isArray(value) ? value : Object.values(objectOf(value))).map(objectOf);
  const whole = objectOf(json);
  const nothing = { monitors: [], notifications: [], proxies: [], ignored: [], maintained: [] };
  if ("monitorList" in whole) {
    const ignored = ["statusPageList", "statusPage"].filter((name) => values(whole[name]).length > 0);
    return {
      ...nothing,
      monitors: values(whole["monitorList"]),
      notifications: values(whole["notificationList"]),
      proxies: values(whole["proxyList"]),
      ignored,
    };
  }
  const found = values(json);
  if (found.some((entry) => "config" in entry && !("interval" in entry))) return { ...nothing, notifications: found };
  return { ...nothing, monitors: found.filter((entry) => "type" in entry) };
}
