import { SettingError } from "../errors.ts";
import type { SqlExecutor } from "./data-api.ts";

/**
 * The SQL roles that sign in beside the database's owner: `sql/` makes them and says what each may do.
 * `grafana_reader` is whom dashboards read by, `log_writer` whom rounds and API are.
 */
export const SQL_ROLES = ["grafana_reader", "log_writer"] as const;
export type SqlRole = (typeof SQL_ROLES)[number];

/**
 * Lets a role sign in. @param password letters and digits, since a role's password takes no parameter
 * @throws {SettingError} when it is anything else
 */
export async function letIn(sql: SqlExecutor, role: SqlRole, password: string): Promise<void> {
  if (!/^[A-Za-z0-9]{16,128}$/.test(password)) throw new SettingError(`the password of ${role} must have 16 letters and digits or more`);
  await sql.execute(`alter role ${role} login password '${password}'`);
}
