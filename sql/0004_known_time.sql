-- A check accounts for the time until the next one, for its interval at most: not for what came after a pause or a
-- deletion, and nothing twice when the next check came early. Time no check accounts for is unknown.

-- What the checks of a target say of [first, last): one row per check that reaches into it. [at, until) is the time the
-- check accounts for and [at, ends) the time it would have, both in whole seconds and cut to the window, which does not
-- begin before the target was made.
create function target_spans(only_target integer, first timestamptz, last timestamptz)
returns table (at timestamptz, until timestamptz, ends timestamptz, status smallint)
language sql stable
begin atomic
  with event as (
    -- The check before the window may reach into it: intervals are a day at most.
    (select c.at, c.interval_s, c.status from check_result as c
     where c.target = only_target and c.at < first and c.at >= first - interval '1 day' order by c.at desc limit 1)
    union all
    select c.at, c.interval_s, c.status from check_result as c
    where c.target = only_target and c.at >= first and c.at < last
    union all
    -- Changes by hand: 5 paused, 6 deleted, and from 5: resumed.
    select date_trunc('second', t.at), null, t.to_status from transition as t
    where t.target = only_target and t.kind = 1 and (t.to_status in (5, 6) or t.from_status = 5)
      and t.at >= first - interval '1 day' and t.at < last
  ), span as (
    select e.at, e.interval_s, e.status, e.at + make_interval(secs => e.interval_s) as ends,
           lead(e.at) over following as next_at, lag(e.status) over following in (5, 6) as is_stopped
    from event as e
    window following as (order by e.at, e.interval_s nulls first)
  )
  select greatest(s.at, w.start),
         greatest(s.at, w.start, case when s.is_stopped then s.at else least(s.ends, s.next_at, last) end),
         greatest(s.at, w.start, least(s.ends, last)), s.status
  from span as s, (
    select greatest(first, (select date_trunc('second', created_at + interval '999999 microseconds') from target where seq = only_target))
  ) as w(start)
  where s.interval_s is not null and s.ends > first;
end;
-- next

-- Rolls raw checks of [first, last) up into 5-minute rows. Recomputes: doing it twice changes nothing. What a check no
-- longer accounts for, because a pause or a check came late into the log, is written as 0 and not left as it was.
create or replace function roll_up_5m(first timestamptz, last timestamptz) returns void
language sql
begin atomic
  insert into rollup_5m (at, target, up_s, degraded_s, down_s, checks, retried, latency_sum_ms, latency_max_ms, buckets, counts)
  -- Aggregated in two steps and never joined: a new partition has no statistics, and a join of thousands by a plan for one never ends.
  select at, target, coalesce(sum(seconds) filter (where status = 1), 0)::integer, coalesce(sum(seconds) filter (where status = 2), 0)::integer,
         coalesce(sum(seconds) filter (where status = 3), 0)::integer, sum(checks)::integer, sum(retried)::integer,
         coalesce(sum(latency_sum_ms), 0), max(latency_max_ms),
         coalesce(array_agg(bucket order by bucket) filter (where bucket is not null), '{}'),
         coalesce(array_agg(checks order by bucket) filter (where bucket is not null), '{}')
  from (
    select at, target, case when bucket is null then status end as status, bucket, sum(seconds)::integer as seconds,
           sum(checks)::integer as checks, sum(retried)::integer as retried,
           sum(total_ms)::double precision as latency_sum_ms, max(total_ms) as latency_max_ms
    from (
      select b.at, t.target, s.status, null::smallint as bucket,
             greatest(0, extract(epoch from least(s.until, b.at + interval '5 minutes') - greatest(s.at, b.at)))::integer as seconds,
             0 as checks, 0 as retried, null::real as total_ms
      from (
        select seq as target from target where deleted_at is null or deleted_at > first - interval '1 day'
        union
        select target from check_result where check_result.at >= first and check_result.at < last
      ) as t
      cross join lateral target_spans(t.target, first, last) as s
      cross join lateral generate_series(
        date_bin('5 minutes', s.at, timestamptz '2000-01-01 00:00:00+00'),
        greatest(s.at, s.ends - interval '1 second'), interval '5 minutes') as b(at)
      union all
      select date_bin('5 minutes', at, timestamptz '2000-01-01 00:00:00+00'), target, null,
             case when status < 3 and total_ms is not null then latency_bucket(total_ms) end, 0, 1, (attempts > 1)::integer,
             case when status < 3 then total_ms end
      from check_result where check_result.at >= first and check_result.at < last
    ) as piece
    group by 1, 2, 3, 4
  ) as part
  group by 1, 2
  on conflict (target, at) do update set
    up_s = excluded.up_s, degraded_s = excluded.degraded_s, down_s = excluded.down_s,
    checks = excluded.checks, retried = excluded.retried,
    latency_sum_ms = excluded.latency_sum_ms, latency_max_ms = excluded.latency_max_ms,
    buckets = excluded.buckets, counts = excluded.counts;
end;
-- next

-- What one target's checks add up to in [first, last), from the coarsest rows that fit: whole days, then hours, then
-- 5 minutes, then raw rows for what is not rolled up yet and for a part of 5 minutes at the end. The window begins with
-- the 5 minutes that `first` lies in.
create or replace function target_rollup(only_target integer, first timestamptz, last timestamptz)
returns table (at timestamptz, up_s integer, degraded_s integer, down_s integer, checks integer, retried integer,
               latency_sum_ms double precision, latency_max_ms real, buckets smallint[], counts integer[])
language sql stable
begin atomic
  with bounds as (
    select f, w5, case when date_trunc('hour', f, 'UTC') = f then f else date_trunc('hour', f, 'UTC') + interval '1 hour' end as h0,
           date_trunc('hour', w5, 'UTC') as h1,
           case when date_trunc('day', f, 'UTC') = f then f else date_trunc('day', f, 'UTC') + interval '1 day' end as d0,
           date_trunc('day', w5, 'UTC') as d1
    from (select date_bin('5 minutes', first, timestamptz '2000-01-01 00:00:00+00') as f,
                 date_bin('5 minutes', least(last, coalesce((select rolled_up_to from rollup_state), first)),
                          timestamptz '2000-01-01 00:00:00+00') as w5) as b
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
  select s.at, case s.status when 1 then s.seconds else 0 end, case s.status when 2 then s.seconds else 0 end,
         case s.status when 3 then s.seconds else 0 end, 0, 0, 0, null, '{}', '{}'
  from bounds cross join lateral (
    select t.at, t.status, floor(extract(epoch from t.until - t.at))::integer as seconds
    from target_spans(only_target, greatest(f, w5), last) as t
  ) as s
  union all
  select c.at, 0, 0, 0, 1, (c.attempts > 1)::integer,
         case when c.status < 3 then coalesce(c.total_ms, 0) else 0 end,
         case when c.status < 3 then c.total_ms end,
         case when c.status < 3 and c.total_ms is not null then array[latency_bucket(c.total_ms)] else '{}' end,
         case when c.status < 3 and c.total_ms is not null then array[1] else '{}' end
  from bounds, check_result as c
  where c.target = only_target and c.at >= greatest(f, w5) and c.at < last;
end;
