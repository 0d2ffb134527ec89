-- What dashboards may read: the contract between them and the tables. Names of columns are what panels show.

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

-- Single checks: for hours, not for days.
create view grafana_check as
select c.at as time, t.name as target, t.seq, c.status as status_code,
       (array['up', 'degraded', 'down'])[c.status] as status,
       c.total_ms, c.dns_ms, c.connect_ms, c.tls_ms, c.ttfb_ms, c.transfer_ms, c.http_status, c.attempts, e.name as error_class, c.error
from check_result as c
join target as t on t.seq = c.target
left join error_class as e on e.code = c.error_class;

create view grafana_5m as
select r.at as time, t.name as target, r.target as seq, r.up_s, r.degraded_s, r.down_s, r.checks, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
from rollup_5m as r join target as t on t.seq = r.target;

create view grafana_hour as
select r.at as time, t.name as target, r.target as seq, r.up_s, r.degraded_s, r.down_s, r.checks, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
from rollup_hour as r join target as t on t.seq = r.target;

create view grafana_incident as
select t.name as target, i.target as seq, i.started_at, i.detected_at, i.ended_at,
       extract(epoch from coalesce(i.ended_at, now()) - i.started_at)::double precision as duration_s,
       i.ended_at is null as open, e.name as error_class, i.http_status, i.error
from incident as i
join target as t on t.seq = i.target
left join error_class as e on e.code = i.error_class;

create view grafana_round as
select at as time, planned, checked, up, degraded, down, late, failed_shards, transitions, spooled, took_ms, loop_delay_ms,
       case when planned = 0 then 100 else 100.0 * checked / planned end::double precision as coverage
from round;
