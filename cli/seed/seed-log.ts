import type { SqlExecutor } from "../../shared/log/data-api.ts";

export interface SeedOptions {
  readonly targets: number;
  /** Days of history, to the last full 5 minutes before now. */
  readonly days: number;
  /** Days, the last ones, that have single checks; before them there are roll-ups alone. */
  readonly rawDays: number;
  /** Days, the last ones, that have roll-ups of 5 minutes. */
  readonly fineDays: number;
  /** Share of days on which a target has an outage, 0 to 1; some targets are worse. Default 0.06. */
  readonly outageShare?: number;
  /** Epoch ms. */
  readonly now: number;
  /** Told what is being written. */
  readonly onStep?: (what: string) => void;
}

/** What a history covers, ISO 8601. */
export interface SeededHistory {
  readonly from: string;
  readonly rawFrom: string;
  readonly to: string;
}

const DAY_MS = 86_400_000;
const STATEMENT_TIMEOUT_MS = 44_000;
const STRETCH_ROWS = 40_000;
/** The monitor itself stood still: no rows, for nobody. Hours before the end, and for how many minutes. */
const GAP = { hoursBefore: 20, minutes: 25 };

/** Says what is being done, and each tenth of it. */
function progressOf(what: string, say: (text: string) => void): (share: number) => void {
  let said = -1;
  return (share) => {
    const tenths = Math.floor(share * 10);
    if (tenths <= said) return;
    said = tenths;
    say(tenths === 0 ? what : `${what}, ${tenths * 10} %`);
  };
}

/** Pseudo-random in [0, 1), the same for the same text: a history can be made again. */
const random = (text: string) => `((hashtext(${text}) & 2147483647) / 2147483648.0)`;

/** A target's mean latency at a time: its own, slower by day. */
const latency = (seq: string, at: string) =>
  `((20 + 180 * ${random(`${seq}::text || 'base'`)}) * (1 + 0.4 * sin(extract(epoch from ${at}) / 13751.0))::double precision)`;

/**
 * Fills an empty log with a believable history: targets in groups with tags, outages, a gap in which the monitor
 * stood still, a paused and a deleted target, alerts. By statements that make their rows in the database, so that
 * months take seconds.
 */
export async function seedLog(sql: SqlExecutor, options: SeedOptions): Promise<SeededHistory> {
  const { targets, days, rawDays, fineDays, outageShare = 0.06, now, onStep = () => undefined } = options;
  const end = Math.floor(now / 300_000) * 300_000;
  const midnight = Math.floor(end / DAY_MS) * DAY_MS;
  const iso = (ms: number) => new Date(ms).toISOString();
  const [from, rawFrom, fineFrom, to] = [
    iso(midnight - days * DAY_MS),
    iso(midnight - Math.min(rawDays, days) * DAY_MS),
    iso(midnight - Math.min(fineDays, days) * DAY_MS),
    iso(end),
  ];
  const run = (statement: string) => sql.execute(statement, {}, { timeoutMs: STATEMENT_TIMEOUT_MS });
  const step = async (what: string, ...statements: string[]) => {
    onStep(what);
    for (const statement of statements) await run(statement);
  };
  /** In stretches of some 40,000 rows, 5 s of an idle machine, so that on a busy one no statement runs into the Data API's 45 s. */
  const stretchOf = (rowsIn5Minutes: number) =>
    Math.min(DAY_MS, Math.max(1, Math.floor(STRETCH_ROWS / targets / rowsIn5Minutes)) * 300_000);
  const stretchMs = stretchOf(10);
  const inStretches = async (what: string, first: string, statement: (start: string, stop: string) => string) => {
    const begin = Date.parse(first);
    const progress = progressOf(what, onStep);
    for (let start = begin; start < end; start += stretchMs) {
      progress((start - begin) / (end - begin));
      await run(statement(iso(start), iso(Math.min(start + stretchMs, end))));
    }
  };
  const gap = { from: iso(end - GAP.hoursBefore * 3_600_000), to: iso(end - GAP.hoursBefore * 3_600_000 + GAP.minutes * 60_000) };

  await step(
    "partitions and targets",
    `select ensure_log_partitions('${from}', '${to}') as made`,
    `insert into target (seq, id, name, label, type, group_name, tags, interval_s, config_version, created_at, deleted_at)
     select n, gen_random_uuid(), 'Target ' || lpad(n::text, 4, '0'), 'https://target-' || n || '.example/', 'http',
            (array['shop', 'api', 'docs', 'internal'])[1 + n % 4], case when n % 3 = 0 then array['production', 'eu'] else array['staging'] end,
            30, 1, '${from}'::timestamptz, case when n = ${targets} and ${targets} > 3 then '${iso(end - 12 * 3_600_000)}'::timestamptz end
     from generate_series(1, ${targets}) as n`,
    "create table seed_outage (target integer not null, began timestamptz not null, ended timestamptz not null)",
    // Whole rounds; at most one a day and target, so that they do not overlap.
    `insert into seed_outage (target, began, ended)
     select n, began, least(began + ceil(2 + 200 * power(${random("n::text || day::text || 'length'")}, 4)) * interval '30 seconds', '${to}'::timestamptz)
     from (select n, day, date_bin('30 seconds', day + ${random("n::text || day::text || 'begin'")} * interval '20 hours', timestamptz '2000-01-01 00:00:00+00') as began
           from generate_series(1, ${targets}) as n, generate_series('${from}'::timestamptz, '${iso(midnight)}', interval '1 day') as day
           where ${random("n::text || day::text")} < ${outageShare} * (1 + 4 * power(${random("n::text || 'bad'")}, 8))) as o
     where began > '${from}'::timestamptz and began < '${to}'::timestamptz - interval '2 minutes'`,
  );
  await run("create index on seed_outage (target, began)");
  await run("analyze seed_outage");
  // What was not watched: the monitor's gap for all, the second target's maintenance, and a deleted target's rest.
  const watched = (seq: string, at: string) =>
    `not (${at} >= '${gap.from}' and ${at} < '${gap.to}')
     and not (${seq} = 2 and ${at} >= '${iso(end - 6 * 3_600_000)}' and ${at} < '${iso(end - 5 * 3_600_000)}')
     and not (${seq} = ${targets} and ${targets} > 3 and ${at} >= '${iso(end - 12 * 3_600_000)}')`;
  const outageAt = (seq: string, at: string) =>
    `exists (select from seed_outage as o where o.target = ${seq} and o.began <= ${at} and o.ended > ${at})`;

  await inStretches(
    "single checks",
    rawFrom,
    (
      start,
      stop,
    ) => `insert into check_result (at, target, interval_s, total_ms, dns_ms, connect_ms, tls_ms, ttfb_ms, transfer_ms, status, attempts, http_status, error_class, error, certificate_days)
     select at, n, 30, case when down then null else ms end, case when not down then ms * 0.1 end, case when not down then ms * 0.2 end,
            case when not down then ms * 0.25 end, case when not down then ms * 0.4 end, case when not down then ms * 0.05 end,
            case when down then 3 when ms > 320 then 2 else 1 end, case when down then 2 else 1 end,
            case when not down then 200 end, case when down then 4 end, case when down then 'timeout after 10 s, waiting for the first byte' end, 40 + n % 50
     from (select at, n, ${outageAt("n", "at")} as down,
                  (${latency("n", "at")} * (0.7 + 0.6 * ${random("n::text || at::text")}))::real as ms
           from generate_series('${start}'::timestamptz, '${stop}'::timestamptz - interval '30 seconds', interval '30 seconds') as at,
                generate_series(1, ${targets}) as n
           where ${watched("n", "at")}) as c
     on conflict do nothing`,
  );
  await inStretches("roll-ups of single checks", rawFrom, (start, stop) => `select 1 as done from roll_up_5m('${start}', '${stop}')`);
  const synthesized = (table: string, unit: string, start: string, stop: string) => `
    insert into ${table} (at, target, up_s, degraded_s, down_s, checks, retried, latency_sum_ms, latency_max_ms, buckets, counts)
    select at, n, seconds - down, 0, down, seconds / 30, 0, (seconds - down) / 30 * ms, ms * 1.3,
           array[latency_bucket((ms * 0.75)::real), latency_bucket((ms * 0.95)::real), latency_bucket((ms * 1.2)::real)],
           array[(seconds - down) / 120, (seconds - down) / 60, (seconds - down) / 120]
    from (select at, n, extract(epoch from interval '${unit}')::integer as seconds, ${latency("n", "at")} as ms,
                 coalesce((select sum(extract(epoch from least(o.ended, at + interval '${unit}') - greatest(o.began, at)))
                           from seed_outage as o where o.target = n and o.began < at + interval '${unit}' and o.ended > at), 0)::integer as down
          from generate_series('${start}'::timestamptz, '${stop}'::timestamptz - interval '1 second', interval '${unit}') as at,
               generate_series(1, ${targets}) as n) as r
    on conflict do nothing`;
  const older = progressOf("older roll-ups", onStep);
  for (let start = Date.parse(from); start < Date.parse(rawFrom); start += DAY_MS) {
    const stop = start + DAY_MS;
    older((start - Date.parse(from)) / (Date.parse(rawFrom) - Date.parse(from)));
    if (start >= Date.parse(fineFrom)) {
      const fine = stretchOf(1);
      for (let part = start; part < stop; part += fine)
        await run(synthesized("rollup_5m", "5 minutes", iso(part), iso(Math.min(part + fine, stop))));
    }
    await run(synthesized("rollup_hour", "1 hour", iso(start), iso(stop)));
  }
  const hour = iso(Math.floor(end / 3_600_000) * 3_600_000);
  onStep("roll-ups of hours and days");
  if (rawFrom < hour) await run(`select 1 as done from roll_up_coarser('rollup_5m', 'rollup_hour', 'hour', '${rawFrom}', '${hour}')`);
  for (let start = Date.parse(from); start < midnight; start += 10 * DAY_MS) {
    const stop = iso(Math.min(start + 10 * DAY_MS, midnight));
    await run(`select 1 as done from roll_up_coarser('rollup_hour', 'rollup_day', 'day', '${iso(start)}', '${stop}')`);
  }
  await step(
    "changes, alerts, rounds",
    `insert into rollup_state (rolled_up_to) values ('${to}') on conflict (only_row) do update set rolled_up_to = excluded.rolled_up_to`,
    `insert into transition (target, at, kind, from_status, to_status, since, previous_since)
     select n, '${from}'::timestamptz, 1, 4, 1, '${from}'::timestamptz, '${from}'::timestamptz from generate_series(1, ${targets}) as n`,
    `insert into transition (target, at, kind, from_status, to_status, since, previous_since, error_class, error)
     select target, began, 1, 1, 3, began, '${from}'::timestamptz, 4, 'timeout after 10 s, waiting for the first byte' from seed_outage on conflict do nothing`,
    `insert into transition (target, at, kind, from_status, to_status, since, previous_since)
     select target, ended, 1, 3, 1, ended, began from seed_outage where ended < '${to}'::timestamptz on conflict do nothing`,
    `insert into delivery (target, at, channel, outcome, attempts, attempted_at, error)
     select target, at, 'discord', case when ${random("target::text || at::text || 'sent'")} < 0.99 then 2 else 3 end, 1, at + interval '2 seconds', null
     from transition where kind = 1 and from_status in (1, 3) on conflict do nothing`,
    `insert into round (at, planned, checked, up, degraded, down, late, failed_shards, transitions, spooled, took_ms, loop_delay_ms)
     select at, ${targets}, ${targets}, ${targets}, 0, 0, 0, 0, 0, 0, 800 + (200 * ${random("at::text")})::integer, 1.5
     from generate_series('${rawFrom}'::timestamptz, '${to}'::timestamptz - interval '30 seconds', interval '30 seconds') as at
     where not (at >= '${gap.from}' and at < '${gap.to}') on conflict do nothing`,
    "drop table seed_outage",
    "analyze",
  );
  return { from, rawFrom, to };
}
