import * as z from "zod";
import type { SqlExecutor, SqlValue } from "./data-api.ts";
import type { LogKeeper } from "./log-keeper.ts";
import { iso } from "./select.ts";

export function createDataApiLogKeeper(sql: SqlExecutor): LogKeeper {
  return {
    async recordMaintenance(times) {
      for (let start = 0; start < times.length; start += TIMES_AT_ONCE) {
        await sql.execute(
          `insert into maintenance_time (target, window_id, from_at, to_at)
           select coalesce(t.seq, target.seq), t."window", t."from", t."to"
           from jsonb_to_recordset(:times::jsonb) as t(seq integer, id uuid, "window" uuid, "from" timestamptz, "to" timestamptz)
           left join target on target.id = t.id
           where coalesce(t.seq, target.seq) is not null
           on conflict (target, from_at, window_id) do update set to_at = excluded.to_at where maintenance_time.to_at < excluded.to_at`,
          { times: JSON.stringify(times.slice(start, start + TIMES_AT_ONCE)) },
        );
      }
    },

    async maintain(now, { rawDays, fiveMinuteDays, hourDays }) {
      const at = (ms: number) => new Date(ms).toISOString();
      const daysAgo = (days: number) => at(now - days * 86_400_000);
      const one = async (statement: string, parameters: Record<string, SqlValue>) => {
        const [row] = z
          .array(z.object({ value: z.union([z.string(), z.number()]) }))
          .parse(await sql.execute(statement, parameters, { timeoutMs: 50_000 }));
        return row?.value ?? 0;
      };
      const made = await one("select ensure_log_partitions(:first::timestamptz, :last::timestamptz) as value", {
        first: daysAgo(1),
        last: at(now + 3 * 86_400_000),
      });
      // A round may still be writing the last two minutes.
      const until = at(now - 120_000);
      const settled = new Date(Math.floor(Date.parse(until) / 300_000) * 300_000).toISOString();
      const rolledBefore = await one(
        `select ${iso("coalesce((select rolled_up_to from rollup_state), timestamptz '2000-01-01 00:00:00+00')")} as value`,
        {},
      );
      let rolledUpTo = "";
      const stopAt = performance.now() + ROLL_UP_BUDGET_MS;
      do {
        rolledUpTo = String(await one(`select ${iso("roll_up(:until::timestamptz)")} as value`, { until }));
      } while (rolledUpTo < settled && performance.now() < stopAt);

      await sql.execute("select keep_maintenance_found(:first::timestamptz, :last::timestamptz)", {
        first: rolledBefore,
        last: rolledUpTo,
      });

      let dropped = 0;
      const drops = [
        ["check_result", "day", rawDays],
        ["rollup_5m", "month", fiveMinuteDays],
        ["rollup_hour", "month", hourDays],
      ] as const;
      for (const [table, unit, days] of drops) {
        // Nothing that is not rolled up yet may go.
        const oldest = daysAgo(days) < rolledUpTo ? daysAgo(days) : rolledUpTo;
        dropped += Number(await one("select drop_partitions(:table, :unit, :oldest::timestamptz) as value", { table, unit, oldest }));
      }
      await sql.execute(
        `delete from check_opinion where (target, at, region) in
           (select target, at, region from check_opinion where at < :oldest::timestamptz order by at limit ${DELETED_AT_ONCE})`,
        { oldest: daysAgo(rawDays) },
      );
      return { rolledUpTo, partitionsMade: Number(made), partitionsDropped: dropped };
    },
  };
}

/** Of one statement: a time has some 130 bytes as JSON, and a request 4 MiB. */
const TIMES_AT_ONCE = 5_000;

/** Of second opinions that are as old as checks may be: the next maintenance goes on. */
const DELETED_AT_ONCE = 10_000;

/** How long one maintenance may go on catching up before it leaves the rest to the next, in ms. */
const ROLL_UP_BUDGET_MS = 120_000;
