import { SettingError } from "../errors.ts";
import type { SqlExecutor } from "./data-api.ts";

/** The SQL role that dashboards read by; `sql/0002_grafana_views.sql` makes it and says what it may read. */
export const GRAFANA_READER = "grafana_reader";

/**
 * Lets dashboards sign in. @param password letters and digits, since a role's password takes no parameter
 * @throws {SettingError} when it is anything else
 */
export async function letGrafanaIn(sql: SqlExecutor, password: string): Promise<void> {
  if (!/^[A-Za-z0-9]{16,128}$/.test(password))
    throw new SettingError("the password of Grafana's role must have 16 letters and digits or more");
  await sql.execute(`alter role ${GRAFANA_READER} login password '${password}'`);
}
