-- What dashboards may read: the contract between them and the tables. Names of columns are what panels use.

create view grafana_target as
select t.seq, t.id, t.name, t.type, t.label, coalesce(t.group_name, '') as group_name, t.tags, t.interval_s, t.created_at,
       coalesce(s.to_status, 4) as status_code,
       (array['up', 'degraded', 'down', 'pending', 'paused', 'deleted'])[coalesce(s.to_status, 4)] as status,
       coalesce(s.since, t.created_at) as since, s.error
from target as t
left join lateral (
  select to_status, since, error from transition where target = t.seq and kind = 1 order by at desc limit 1
) as s on true
where t.deleted_at is null;
-- next

-- Single checks: for hours, not for days.
create view grafana_check as
select c.at as time, t.name as target, c.target as seq, c.status as status_code, (array['up', 'degraded', 'down'])[c.status] as status,
       c.total_ms, c.dns_ms, c.connect_ms, c.tls_ms, c.ttfb_ms, c.transfer_ms, c.http_status, c.attempts,
       c.certificate_days, e.name as error_class, c.error
from check_result as c
join target as t on t.seq = c.target
left join error_class as e on e.code = c.error_class;
-- next

-- Changes of status, with what came before: state timelines.
create view grafana_status_change as
select c.at as time, t.name as target, c.target as seq, c.to_status as status_code,
       (array['up', 'degraded', 'down', 'pending', 'paused', 'deleted'])[c.to_status] as status, c.error
from transition as c join target as t on t.seq = c.target
where c.kind = 1;
-- next

-- Roll-ups in steps of 5 minutes: for days.
create view grafana_5m as
select r.at as time, t.name as target, r.target as seq, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried,
       r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
from rollup_5m as r join target as t on t.seq = r.target;
-- next

-- By the hour, and what is not rolled up to hours yet in steps of 5 minutes: for weeks.
create view grafana_hour as
select r.at as time, t.name as target, r.target as seq, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried,
       r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
from (
  select * from rollup_hour
  union all
  select * from rollup_5m where at >= (select date_trunc('hour', rolled_up_to, 'UTC') from rollup_state)
) as r join target as t on t.seq = r.target;
-- next

-- By the day, and what is not rolled up to days yet in finer steps: for months.
create view grafana_day as
select r.at as time, t.name as target, r.target as seq, r.up_s, r.degraded_s, r.down_s, r.checks, r.retried,
       r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
from (
  select * from rollup_day
  union all
  select * from rollup_hour where at >= (select date_trunc('day', rolled_up_to, 'UTC') from rollup_state)
  union all
  select * from rollup_5m where at >= (select date_trunc('hour', rolled_up_to, 'UTC') from rollup_state)
) as r join target as t on t.seq = r.target;
-- next

create view grafana_incident as
select t.name as target, i.target as seq, i.started_at, i.detected_at, i.ended_at, i.ended_detected_at,
       extract(epoch from coalesce(i.ended_at, now()) - i.started_at)::double precision as duration_s,
       extract(epoch from i.detected_at - i.started_at)::double precision as detection_s,
       i.ended_at is null as open, e.name as error_class, i.http_status, i.error
from incident as i
join target as t on t.seq = i.target
left join error_class as e on e.code = i.error_class;
-- next

create view grafana_delivery as
select d.at as time, d.attempted_at, t.name as target, d.target as seq, d.channel,
       (array['waiting', 'sent', 'failed', 'folded'])[d.outcome] as outcome, d.attempts, d.next_attempt_at, d.error
from delivery as d join target as t on t.seq = d.target;
-- next

create view grafana_round as
select at as time, planned, checked, up, degraded, down, late, failed_shards, transitions, spooled, took_ms, loop_delay_ms,
       case when planned = 0 then 100 else 100.0 * checked / planned end::double precision as coverage
from round;
-- next

-- Tables and their partitions: how the log grows.
create view grafana_table_size as
select coalesce(parent.relname, class.relname)::text as table_name, count(*)::integer as partitions,
       sum(pg_total_relation_size(class.oid))::bigint as bytes, sum(greatest(class.reltuples, 0))::bigint as rows_estimated
from pg_class as class
left join pg_inherits on inhrelid = class.oid
left join pg_class as parent on parent.oid = inhparent
where class.relkind = 'r' and class.relnamespace = 'public'::regnamespace
group by 1;
-- next

-- Who reads for dashboards: these views and nothing else, and no query for ever. It cannot sign in until it is given
-- a password. Where we may not make roles, the owner of the database grants the views to a role of theirs.
do $$
declare
  view_name text;
begin
  begin
    create role grafana_reader nologin;
    alter role grafana_reader set statement_timeout = '30s';
  exception when duplicate_object or unique_violation then null;
  end;
  grant usage on schema public to grafana_reader;
  for view_name in select viewname from pg_views where schemaname = 'public' and viewname like 'grafana\_%' loop
    execute format('grant select on %I to grafana_reader', view_name);
  end loop;
exception when insufficient_privilege then
  raise notice 'no role grafana_reader: this user may not make roles';
end
$$;
