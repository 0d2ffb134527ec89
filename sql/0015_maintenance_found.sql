-- What checks found in maintenance, in the steps of roll-ups, and what touches is one. It is taken from sums of hours and
-- days for as long as there are any, and so outlives the steps of 5 minutes.
create table maintenance_found (
  target integer not null,
  at timestamptz not null,
  up_s integer not null,
  degraded_s integer not null,
  down_s integer not null,
  primary key (target, at)
);
-- next

insert into maintenance_found (target, at, up_s, degraded_s, down_s)
select target, at, up_s, degraded_s, down_s from maintenance_rollup;
-- next

-- Of maintenance that becomes known, or goes on: what is rolled up of it already.
create function find_maintenance() returns trigger
language plpgsql as $$
begin
  insert into maintenance_found (target, at, up_s, degraded_s, down_s)
  select r.target, r.at, r.up_s, r.degraded_s, r.down_s from rollup_5m as r
  where r.target = new.target and r.at < new.to_at
        and r.at > (case tg_op when 'UPDATE' then least(old.to_at, new.to_at) else new.from_at end) - interval '5 minutes'
  on conflict (target, at) do nothing;
  return null;
end
$$;
-- next

create trigger maintenance_is_found after insert or update on maintenance_time for each row execute function find_maintenance();
-- next

-- Writes anew what roll-ups of [first, last) say of maintenance that is known.
create function keep_maintenance_found(first timestamptz, last timestamptz) returns void
language sql
begin atomic
  insert into maintenance_found (target, at, up_s, degraded_s, down_s)
  select distinct r.target, r.at, r.up_s, r.degraded_s, r.down_s
  from maintenance_time as m
  join rollup_5m as r on r.target = m.target and r.at > m.from_at - interval '5 minutes' and r.at < m.to_at
  where m.to_at > first and m.from_at < last + interval '5 minutes' and r.at >= first and r.at < last
  on conflict (target, at) do update set up_s = excluded.up_s, degraded_s = excluded.degraded_s, down_s = excluded.down_s
    where (maintenance_found.up_s, maintenance_found.degraded_s, maintenance_found.down_s) is distinct from (excluded.up_s, excluded.degraded_s, excluded.down_s);
end;
-- next

-- That time, and what checks found in it, which no report counts: one row. Of an hour whose steps of 5 minutes are gone,
-- a part is in no sum, and so nothing of it is taken from one.
create or replace function maintenance_totals(only_target integer, first timestamptz, last timestamptz)
returns table (maintenance_s integer, up_s bigint, degraded_s bigint, down_s bigint)
language sql stable
begin atomic
  with span as materialized (
    select s.at, s.until from maintenance_spans(only_target, first, last) as s
  ), edge as (
    select e.at, exists (select from rollup_hour as h where h.target = only_target and h.at = e.hour)
                 and not exists (select from rollup_5m as r where r.target = only_target and r.at >= e.hour and r.at < e.hour + interval '1 hour') as is_lost,
           e.hour
    from (values (first, date_trunc('hour', first, 'UTC')), (last, date_trunc('hour', last, 'UTC'))) as e(at, hour)
    where e.at > e.hour
  ), bounds as (
    select coalesce((select rolled_up_to from rollup_state), '-infinity') as rolled,
           coalesce((select hour + interval '1 hour' from edge where edge.at = first and is_lost), date_bin('5 minutes', first, timestamptz '2000-01-01 00:00:00+00')) as f,
           coalesce((select hour from edge where edge.at = last and is_lost), last) as l
  ), part as (
    select m.up_s, m.degraded_s, m.down_s
    from bounds, span, maintenance_found as m
    where m.target = only_target and m.at >= date_bin('5 minutes', span.at, timestamptz '2000-01-01 00:00:00+00')
          and m.at < least(span.until, rolled) and m.at >= f and m.at < l
    union all
    select t.up_s, t.degraded_s, t.down_s
    from bounds, span cross join lateral target_rollup(only_target, greatest(span.at, rolled), span.until) as t
    where span.until > rolled
  )
  select (select coalesce(sum(extract(epoch from s.until - s.at)), 0)::integer from span as s), coalesce(sum(p.up_s), 0)::bigint,
         coalesce(sum(p.degraded_s), 0)::bigint, coalesce(sum(p.down_s), 0)::bigint
  from part as p;
end;
-- next

-- Coarser rows where there are any: of a time that is rolled up again, both are there.
create or replace view grafana_hour as
select r.at as time, t.name as target, r.target as seq, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried,
       r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
from (
  select * from rollup_hour
  union all
  select f.* from rollup_5m as f
  where f.at >= (select date_trunc('hour', rolled_up_to, 'UTC') from rollup_state)
        and not exists (select from rollup_hour as h where h.target = f.target and h.at = date_trunc('hour', f.at, 'UTC'))
) as r join target as t on t.seq = r.target;
-- next

create or replace view grafana_day as
select r.at as time, t.name as target, r.target as seq, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried,
       r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
from (
  select * from rollup_day
  union all
  select h.* from rollup_hour as h
  where h.at >= (select date_trunc('day', rolled_up_to, 'UTC') from rollup_state)
        and not exists (select from rollup_day as d where d.target = h.target and d.at = date_trunc('day', h.at, 'UTC'))
  union all
  select f.* from rollup_5m as f
  where f.at >= (select date_trunc('hour', rolled_up_to, 'UTC') from rollup_state)
        and not exists (select from rollup_hour as h where h.target = f.target and h.at = date_trunc('hour', f.at, 'UTC'))
        and not exists (select from rollup_day as d where d.target = f.target and d.at = date_trunc('day', f.at, 'UTC'))
) as r join target as t on t.seq = r.target;
-- next

-- What is taken away stands where it was added: at the row whose sum holds it, so that no window has one without the other.
create or replace view grafana_availability_5m as
select time, target, seq, up_s, degraded_s, down_s from grafana_5m
union all
select m.at, t.name, m.target, -m.up_s, -m.degraded_s, -m.down_s
from maintenance_found as m join target as t on t.seq = m.target
where exists (select from rollup_5m as r where r.target = m.target and r.at = m.at);
-- next

create or replace view grafana_availability_hour as
select time, target, seq, up_s, degraded_s, down_s from grafana_hour
union all
select coalesce(h.at, m.at), t.name, m.target, -m.up_s, -m.degraded_s, -m.down_s
from maintenance_found as m
join target as t on t.seq = m.target
left join rollup_hour as h on h.target = m.target and h.at = date_trunc('hour', m.at, 'UTC')
where h.at is not null or m.at >= (select date_trunc('hour', rolled_up_to, 'UTC') from rollup_state);
-- next

create or replace view grafana_availability_day as
select time, target, seq, up_s, degraded_s, down_s from grafana_day
union all
select coalesce(d.at, h.at, m.at), t.name, m.target, -m.up_s, -m.degraded_s, -m.down_s
from maintenance_found as m
join target as t on t.seq = m.target
left join rollup_day as d on d.target = m.target and d.at = date_trunc('day', m.at, 'UTC')
left join rollup_hour as h on h.target = m.target and h.at = date_trunc('hour', m.at, 'UTC')
where d.at is not null or m.at >= (select date_trunc('day', rolled_up_to, 'UTC') from rollup_state);
-- next

drop view maintenance_rollup;
-- next

-- Which incidents a report counts: times it was down that do not lie in maintenance as a whole.
create or replace view grafana_incident as
select t.name as target, i.target as seq, i.started_at, i.detected_at, i.ended_at, i.ended_detected_at,
       extract(epoch from coalesce(i.ended_at, now()) - i.started_at)::double precision as duration_s,
       extract(epoch from i.detected_at - i.started_at)::double precision as detection_s,
       i.ended_at is null as open, e.name as error_class, i.http_status, i.error,
       case i.status when 3 then 'down' else 'degraded' end as severity,
       i.ended_by in (1, 2) as recovered,
       i.status = 3 and not exists (
         select from maintenance_spans(i.target, i.started_at, coalesce(i.ended_at, now())) as m
         where m.at <= i.started_at and m.until >= coalesce(i.ended_at, now())
       ) as counts
from incident as i
join target as t on t.seq = i.target
left join error_class as e on e.code = i.error_class;
-- next

do $$
begin
  grant select on maintenance_found to log_writer;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role log_writer: this user may not make roles';
end
$$;
