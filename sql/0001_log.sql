-- The log: what people look at. What the monitor needs to go on working is in DynamoDB.
-- Codes: status 1 up, 2 degraded, 3 down, 4 pending, 5 paused, 6 deleted. Error classes: error_class.

create table error_class (
  code smallint primary key,
  name text not null unique
);
-- next

insert into error_class (code, name) values
  (1, 'dns'), (2, 'connect'), (3, 'tls'), (4, 'timeout'), (5, 'status'),
  (6, 'assertion'), (7, 'redirect'), (8, 'body'), (9, 'forbidden'), (10, 'heartbeat');
-- next

-- One row per target that ever was; seq stands for it everywhere else.
create table target (
  seq integer primary key,
  id uuid not null unique,
  name text not null,
  label text not null,
  type text not null,
  group_name text,
  tags text[] not null default '{}',
  interval_s integer not null,
  config_version integer not null,
  created_at timestamptz not null,
  deleted_at timestamptz
);
-- next

-- One row per check. `at` is the round's mark: a round done twice writes the same rows.
create table check_result (
  at timestamptz not null,
  target integer not null,
  interval_s integer not null,
  total_ms real,
  dns_ms real,
  connect_ms real,
  tls_ms real,
  ttfb_ms real,
  transfer_ms real,
  status smallint not null,
  attempts smallint not null,
  http_status smallint,
  error_class smallint,
  certificate_days smallint,
  address inet,
  error text,
  primary key (target, at)
) partition by range (at);
-- next

-- BRIN: checks of all targets are found by time at almost no cost in space. roll_up summarizes new pages.
create index check_result_at on check_result using brin (at) with (pages_per_range = 16);
-- next

-- Roll-ups. up_s, degraded_s and down_s are seconds of known time; the rest of a window is unknown.
-- Latencies of checks that were not down are counted in buckets: see latency_bucket.
create table rollup_5m (
  at timestamptz not null,
  target integer not null,
  up_s integer not null,
  degraded_s integer not null,
  down_s integer not null,
  checks integer not null,
  retried integer not null,
  latency_sum_ms double precision not null,
  latency_max_ms real,
  buckets smallint[] not null,
  counts integer[] not null,
  primary key (target, at)
) partition by range (at);
-- next
-- All targets have a row at the same times, which B-tree keeps in a few bytes a row.
create index rollup_5m_at on rollup_5m (at);
-- next

create table rollup_hour (like rollup_5m including all) partition by range (at);
-- next

create table rollup_day (like rollup_5m including all);
-- next

-- Everything before this mark is rolled up.
create table rollup_state (
  only_row boolean primary key default true check (only_row),
  rolled_up_to timestamptz not null
);
-- next

-- One row per change of status; incidents are read from it.
create table transition (
  target integer not null,
  at timestamptz not null,
  kind smallint not null, -- 1 status, 2 certificate
  from_status smallint not null,
  to_status smallint not null,
  since timestamptz not null,
  previous_since timestamptz not null,
  http_status smallint,
  error_class smallint,
  certificate_days smallint,
  latency_ms real,
  error text,
  primary key (target, at)
);
-- next
create index transition_at on transition (at);
-- next

-- One row per alert and channel: 1 waiting, 2 sent, 3 failed, 4 folded into a later message.
create table delivery (
  target integer not null,
  at timestamptz not null,
  channel text not null,
  outcome smallint not null,
  attempts integer not null,
  attempted_at timestamptz not null,
  next_attempt_at timestamptz,
  error text,
  primary key (target, at, channel)
);
-- next
create index delivery_open on delivery (attempted_at) where outcome in (1, 3);
-- next

-- One row per round that ran: a gap here is a gap in the monitor.
create table round (
  at timestamptz primary key,
  planned integer not null,
  checked integer not null,
  up integer not null,
  degraded integer not null,
  down integer not null,
  late integer not null,
  failed_shards integer not null,
  transitions integer not null,
  spooled integer not null,
  took_ms integer not null,
  loop_delay_ms real not null
);
-- next

-- Buckets grow by 2^(1/4), about 19 %: bucket b holds latencies of [2^(b/4), 2^((b+1)/4)) ms.
create function latency_bucket(ms real) returns smallint
language sql immutable parallel safe
return floor(4 * log(2.0, greatest(ms, 0.01)::numeric))::smallint;
-- next

-- The latency in ms below which the share q of a histogram lies; within a bucket, on the logarithm.
create function latency_percentile(buckets smallint[], counts integer[], q double precision) returns double precision
language sql immutable parallel safe
begin atomic
  select power(2, (bucket + (q * total - below) / n) / 4.0)
  from (
    select bucket, n,
           sum(n) over (order by bucket) - n as below,
           sum(n) over (order by bucket) as upto,
           sum(n) over () as total
    from (select b as bucket, sum(c)::double precision as n from unnest(buckets, counts) as h(b, c) group by b) as merged
  ) as cumulated
  where upto >= q * total
  order by bucket
  limit 1;
end;
-- next

-- Makes the partitions of `parent` that cover [first, last], one per `unit` ('day' or 'month').
create function ensure_partitions(parent text, unit text, first timestamptz, last timestamptz) returns integer
language plpgsql as $$
declare
  start timestamptz := date_trunc(unit, first, 'UTC');
  made integer := 0;
  part text;
begin
  while start <= last loop
    part := parent || '_' || to_char(start at time zone 'UTC', case unit when 'day' then 'YYYYMMDD' else 'YYYYMM' end);
    if to_regclass(part) is null then
      execute format('create table %I partition of %I for values from (%L) to (%L)',
        part, parent, start, (start at time zone 'UTC' + ('1 ' || unit)::interval) at time zone 'UTC');
      made := made + 1;
    end if;
    start := (start at time zone 'UTC' + ('1 ' || unit)::interval) at time zone 'UTC';
  end loop;
  return made;
end
$$;
-- next

-- Drops the partitions of `parent` that end before `oldest`.
create function drop_partitions(parent text, unit text, oldest timestamptz) returns integer
language plpgsql as $$
declare
  part record;
  dropped integer := 0;
begin
  for part in
    select child.relname as name,
           to_timestamp(substring(child.relname from '[0-9]+$'), case unit when 'day' then 'YYYYMMDD' else 'YYYYMM' end) as start
    from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent = parent::regclass
  loop
    if (part.start at time zone 'UTC' + ('1 ' || unit)::interval) at time zone 'UTC' <= oldest then
      execute format('drop table %I', part.name);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end
$$;
-- next

create function ensure_log_partitions(first timestamptz, last timestamptz) returns integer
language sql
begin atomic
  select ensure_partitions('check_result', 'day', first, last)
       + ensure_partitions('rollup_5m', 'month', first, last)
       + ensure_partitions('rollup_hour', 'month', first, last);
end;
-- next

-- Rolls raw checks of [first, last) up into 5-minute rows. Recomputes: doing it twice changes nothing.
create function roll_up_5m(first timestamptz, last timestamptz) returns void
language sql
begin atomic
  insert into rollup_5m (at, target, up_s, degraded_s, down_s, checks, retried, latency_sum_ms, latency_max_ms, buckets, counts)
  select s.at, s.target, s.up_s, s.degraded_s, s.down_s, s.checks, s.retried, s.latency_sum_ms, s.latency_max_ms,
         coalesce(h.buckets, '{}'), coalesce(h.counts, '{}')
  from (
    select date_bin('5 minutes', at, timestamptz '2000-01-01 00:00:00+00') as at, target,
           coalesce(sum(interval_s) filter (where status = 1), 0)::integer as up_s,
           coalesce(sum(interval_s) filter (where status = 2), 0)::integer as degraded_s,
           coalesce(sum(interval_s) filter (where status = 3), 0)::integer as down_s,
           count(*)::integer as checks,
           count(*) filter (where attempts > 1)::integer as retried,
           coalesce(sum(total_ms) filter (where status < 3), 0)::double precision as latency_sum_ms,
           max(total_ms) filter (where status < 3) as latency_max_ms
    from check_result where check_result.at >= first and check_result.at < last
    group by 1, 2
  ) as s
  left join (
    select at, target, array_agg(bucket order by bucket) as buckets, array_agg(n order by bucket) as counts
    from (
      select date_bin('5 minutes', at, timestamptz '2000-01-01 00:00:00+00') as at, target, latency_bucket(total_ms) as bucket, count(*)::integer as n
      from check_result
      where check_result.at >= first and check_result.at < last and status < 3 and total_ms is not null
      group by 1, 2, 3
    ) as b
    group by 1, 2
  ) as h using (at, target)
  on conflict (target, at) do update set
    up_s = excluded.up_s, degraded_s = excluded.degraded_s, down_s = excluded.down_s,
    checks = excluded.checks, retried = excluded.retried,
    latency_sum_ms = excluded.latency_sum_ms, latency_max_ms = excluded.latency_max_ms,
    buckets = excluded.buckets, counts = excluded.counts;
end;
-- next

-- Rolls finer roll-ups of [first, last) up into hours or days.
create function roll_up_coarser(finer text, coarser text, unit text, first timestamptz, last timestamptz) returns void
language plpgsql as $$
begin
  execute format($sql$
    insert into %2$I (at, target, up_s, degraded_s, down_s, checks, retried, latency_sum_ms, latency_max_ms, buckets, counts)
    select s.at, s.target, s.up_s, s.degraded_s, s.down_s, s.checks, s.retried, s.latency_sum_ms, s.latency_max_ms,
           coalesce(h.buckets, '{}'), coalesce(h.counts, '{}')
    from (
      select date_trunc(%3$L, at, 'UTC') as at, target, sum(up_s)::integer as up_s, sum(degraded_s)::integer as degraded_s,
             sum(down_s)::integer as down_s, sum(checks)::integer as checks, sum(retried)::integer as retried,
             sum(latency_sum_ms) as latency_sum_ms, max(latency_max_ms) as latency_max_ms
      from %1$I where at >= $1 and at < $2 group by 1, 2
    ) as s
    left join (
      select at, target, array_agg(bucket order by bucket) as buckets, array_agg(n order by bucket) as counts
      from (
        select date_trunc(%3$L, r.at, 'UTC') as at, r.target, b.bucket, sum(b.n)::integer as n
        from %1$I as r, unnest(r.buckets, r.counts) as b(bucket, n)
        where r.at >= $1 and r.at < $2 group by 1, 2, 3
      ) as merged
      group by 1, 2
    ) as h using (at, target)
    on conflict (target, at) do update set
      up_s = excluded.up_s, degraded_s = excluded.degraded_s, down_s = excluded.down_s,
      checks = excluded.checks, retried = excluded.retried,
      latency_sum_ms = excluded.latency_sum_ms, latency_max_ms = excluded.latency_max_ms,
      buckets = excluded.buckets, counts = excluded.counts
  $sql$, finer, coarser, unit) using first, last;
end
$$;
-- next

-- Rolls up the next stretch of at most an hour that is complete at `until`; returns how far all is rolled up now.
create function roll_up(until timestamptz) returns timestamptz
language plpgsql as $$
declare
  first timestamptz;
  last timestamptz;
begin
  if not exists (select from rollup_state) then
    insert into rollup_state (rolled_up_to)
      select date_bin('5 minutes', coalesce(min(at), until), timestamptz '2000-01-01 00:00:00+00') from check_result
      on conflict do nothing;
  end if;
  select rolled_up_to into strict first from rollup_state for update;
  last := least(date_bin('5 minutes', until, timestamptz '2000-01-01 00:00:00+00'), first + interval '1 hour');
  if last <= first then
    return first;
  end if;
  perform roll_up_5m(first, last);
  if date_trunc('hour', first, 'UTC') < date_trunc('hour', last, 'UTC') then
    perform roll_up_coarser('rollup_5m', 'rollup_hour', 'hour', date_trunc('hour', first, 'UTC'), date_trunc('hour', last, 'UTC'));
  end if;
  if date_trunc('day', first, 'UTC') < date_trunc('day', last, 'UTC') then
    perform roll_up_coarser('rollup_hour', 'rollup_day', 'day', date_trunc('day', first, 'UTC'), date_trunc('day', last, 'UTC'));
  end if;
  -- Pages that BRIN has not summarized yet are read by every search; here there may be no autovacuum to do it.
  perform brin_summarize_new_values(inhrelid) from pg_inherits
    where inhparent = 'check_result_at'::regclass
      and inhrelid::regclass::text in (
        select 'check_result_' || to_char(d at time zone 'UTC', 'YYYYMMDD') || '_at_idx' from unnest(array[first, last]) as d);
  update rollup_state set rolled_up_to = last;
  return last;
end
$$;
-- next

-- Sets the roll-up back to before `first`: rows from then on have changed and are rolled up anew.
create function roll_up_again_from(first timestamptz) returns void
language sql
begin atomic
  update rollup_state
    set rolled_up_to = date_bin('5 minutes', first, timestamptz '2000-01-01 00:00:00+00')
    where rolled_up_to > first;
end;
-- next

-- What one target's checks add up to in [first, last), from the coarsest rows that fit:
-- whole days, then hours, then 5 minutes, then raw rows that are not rolled up yet.
create function target_rollup(only_target integer, first timestamptz, last timestamptz)
returns table (at timestamptz, up_s integer, degraded_s integer, down_s integer, checks integer, retried integer,
               latency_sum_ms double precision, latency_max_ms real, buckets smallint[], counts integer[])
language sql stable
begin atomic
  with bounds as (
    select f, least(last, w) as w5,
           case when date_trunc('hour', f, 'UTC') = f then f else date_trunc('hour', f, 'UTC') + interval '1 hour' end as h0,
           date_trunc('hour', least(last, w), 'UTC') as h1,
           case when date_trunc('day', f, 'UTC') = f then f else date_trunc('day', f, 'UTC') + interval '1 day' end as d0,
           date_trunc('day', least(last, w), 'UTC') as d1
    from (select date_bin('5 minutes', first, timestamptz '2000-01-01 00:00:00+00') as f,
                 coalesce((select rolled_up_to from rollup_state), first) as w) as b
  )
  select r.at, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
  from bounds, rollup_day as r
  where r.target = only_target and r.at >= d0 and r.at < d1
  union all
  select r.at, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
  from bounds, rollup_hour as r
  where r.target = only_target and r.at >= h0 and r.at < h1 and not (r.at >= d0 and r.at < d1)
  union all
  select r.at, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
  from bounds, rollup_5m as r
  where r.target = only_target and r.at >= f and r.at < w5 and not (r.at >= h0 and r.at < h1)
  union all
  select c.at, case c.status when 1 then c.interval_s else 0 end, case c.status when 2 then c.interval_s else 0 end,
         case c.status when 3 then c.interval_s else 0 end, 1, (c.attempts > 1)::integer,
         case when c.status < 3 then coalesce(c.total_ms, 0) else 0 end,
         case when c.status < 3 then c.total_ms end,
         case when c.status < 3 and c.total_ms is not null then array[latency_bucket(c.total_ms)] else '{}' end,
         case when c.status < 3 and c.total_ms is not null then array[1] else '{}' end
  from bounds, check_result as c
  where c.target = only_target and c.at >= greatest(first, w5) and c.at < last;
end;
-- next

-- Times a target was down, with the change that ended it, if any did.
create view incident as
select t.target, t.at as detected_at, t.since as started_at, t.error_class, t.http_status, t.error,
       n.at as ended_detected_at, case n.to_status when 1 then n.since when 2 then n.since else n.at end as ended_at, n.to_status as ended_by
from transition as t
left join lateral (
  select at, since, to_status from transition as n
  where n.target = t.target and n.at > t.at and n.kind = 1
  order by n.at limit 1
) as n on true
where t.kind = 1 and t.to_status = 3;
