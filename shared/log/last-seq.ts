import * as z from "zod";
import type { SqlExecutor } from "./data-api.ts";

/** The highest number of a target that the log knows; 0 when it knows none. */
export async function lastLoggedSeq(sql: SqlExecutor): Promise<number> {
  const [row] = z.array(z.object({ seq: z.number() })).parse(await sql.execute("select coalesce(max(seq), 0) as seq from target"));
  return row?.seq ?? 0;
}
