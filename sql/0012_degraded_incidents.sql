-- Where a target says so, the time it is degraded is an incident, too.
alter table target add column degraded_is_incident boolean not null default false;
-- next

create or replace view incident as
select t.target, t.at as detected_at, t.since as started_at, t.error_class, t.http_status, t.error,
       n.at as ended_detected_at, case when n.to_status <= 3 then n.since else n.at end as ended_at, n.to_status as ended_by,
       t.to_status as status
from transition as t
left join lateral (
  select at, since, to_status from transition as n
  where n.target = t.target and n.at > t.at and n.kind = 1
  order by n.at limit 1
) as n on true
where t.kind = 1 and (t.to_status = 3 or (t.to_status = 2 and t.target in (select seq from target where degraded_is_incident)));
-- next

create or replace view grafana_incident as
select t.name as target, i.target as seq, i.started_at, i.detected_at, i.ended_at, i.ended_detected_at,
       extract(epoch from coalesce(i.ended_at, now()) - i.started_at)::double precision as duration_s,
       extract(epoch from i.detected_at - i.started_at)::double precision as detection_s,
       i.ended_at is null as open, e.name as error_class, i.http_status, i.error,
       case i.status when 3 then 'down' else 'degraded' end as severity
from incident as i
join target as t on t.seq = i.target
left join error_class as e on e.code = i.error_class;
