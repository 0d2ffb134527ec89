-- Maintenance in dashboards: its time is its own there, too, and in no availability.
create view grafana_maintenance as
select m.from_at as time, m.to_at as time_end, t.name as target, m.target as seq
from maintenance_time as m join target as t on t.seq = m.target;
-- next

-- For who may read these views alone.
create function grafana_maintenance_totals(only_target integer, first timestamptz, last timestamptz)
returns table (maintenance_s integer, up_s bigint, degraded_s bigint, down_s bigint)
language sql stable security definer
set search_path = public, pg_temp
as 'select * from maintenance_totals(only_target, first, last)';
-- next

-- Steps of roll-ups that maintenance touches.
create view maintenance_5m as
select distinct m.target, s.at from maintenance_time as m,
  generate_series(date_bin('5 minutes', m.from_at, timestamptz '2000-01-01 00:00:00+00'), m.to_at - interval '1 microsecond', interval '5 minutes') as s(at);
-- next
create view maintenance_hour as
select distinct m.target, s.at from maintenance_time as m,
  generate_series(date_trunc('hour', m.from_at, 'UTC'), m.to_at - interval '1 microsecond', interval '1 hour') as s(at);
-- next
create view maintenance_day as
select distinct m.target, s.at from maintenance_time as m,
  generate_series(date_trunc('day', m.from_at, 'UTC'), m.to_at - interval '1 microsecond', interval '24 hours') as s(at);
-- next

create or replace view grafana_5m as
select r.at as time, t.name as target, r.target as seq, (r.up_s - coalesce(m.up_s, 0))::integer as up_s,
       (r.degraded_s - coalesce(m.degraded_s, 0))::integer as degraded_s, (r.down_s - coalesce(m.down_s, 0))::integer as down_s,
       r.checks, r.retried, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts, coalesce(m.maintenance_s, 0) as maintenance_s
from rollup_5m as r join target as t on t.seq = r.target
left join maintenance_5m as k on k.target = r.target and k.at = r.at
left join lateral (select * from grafana_maintenance_totals(r.target, r.at, r.at + interval '5 minutes') where k.at is not null) as m on true;
-- next

create or replace view grafana_hour as
select r.at as time, t.name as target, r.target as seq, (r.up_s - coalesce(m.up_s, 0))::integer as up_s,
       (r.degraded_s - coalesce(m.degraded_s, 0))::integer as degraded_s, (r.down_s - coalesce(m.down_s, 0))::integer as down_s,
       r.checks, r.retried, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts, coalesce(m.maintenance_s, 0) as maintenance_s
from (
  select r.*, k.at is not null as is_touched, interval '1 hour' as step
  from rollup_hour as r left join maintenance_hour as k on k.target = r.target and k.at = r.at
  union all
  select r.*, k.at is not null, interval '5 minutes'
  from rollup_5m as r left join maintenance_5m as k on k.target = r.target and k.at = r.at
  where r.at >= (select date_trunc('hour', rolled_up_to, 'UTC') from rollup_state)
) as r join target as t on t.seq = r.target
left join lateral (select * from grafana_maintenance_totals(r.target, r.at, r.at + r.step) where r.is_touched) as m on true;
-- next

create or replace view grafana_day as
select r.at as time, t.name as target, r.target as seq, (r.up_s - coalesce(m.up_s, 0))::integer as up_s,
       (r.degraded_s - coalesce(m.degraded_s, 0))::integer as degraded_s, (r.down_s - coalesce(m.down_s, 0))::integer as down_s,
       r.checks, r.retried, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts, coalesce(m.maintenance_s, 0) as maintenance_s
from (
  select r.*, k.at is not null as is_touched, interval '24 hours' as step
  from rollup_day as r left join maintenance_day as k on k.target = r.target and k.at = r.at
  union all
  select r.*, k.at is not null, interval '1 hour'
  from rollup_hour as r left join maintenance_hour as k on k.target = r.target and k.at = r.at
  where r.at >= (select date_trunc('day', rolled_up_to, 'UTC') from rollup_state)
  union all
  select r.*, k.at is not null, interval '5 minutes'
  from rollup_5m as r left join maintenance_5m as k on k.target = r.target and k.at = r.at
  where r.at >= (select date_trunc('hour', rolled_up_to, 'UTC') from rollup_state)
) as r join target as t on t.seq = r.target
left join lateral (select * from grafana_maintenance_totals(r.target, r.at, r.at + r.step) where r.is_touched) as m on true;
-- next

do $$
begin
  grant select on grafana_maintenance to grafana_reader;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role grafana_reader: this user may not make roles';
end
$$;
