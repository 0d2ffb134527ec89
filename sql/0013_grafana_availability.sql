-- What checks found in maintenance, in the steps of roll-ups: what touches is one.
create view maintenance_rollup as
select distinct r.at, r.target, r.up_s, r.degraded_s, r.down_s
from maintenance_time as m
join rollup_5m as r on r.target = m.target and r.at > m.from_at - interval '5 minutes' and r.at < m.to_at;
-- next

-- Seconds that count, for sums: those of roll-ups, less those of maintenance, which is neither up nor down nor unknown.
create view grafana_availability_5m as
select time, target, seq, up_s, degraded_s, down_s from grafana_5m
union all
select m.at, t.name, m.target, -m.up_s, -m.degraded_s, -m.down_s from maintenance_rollup as m join target as t on t.seq = m.target;
-- next

create view grafana_availability_hour as
select time, target, seq, up_s, degraded_s, down_s from grafana_hour
union all
select m.at, t.name, m.target, -m.up_s, -m.degraded_s, -m.down_s from maintenance_rollup as m join target as t on t.seq = m.target;
-- next

create view grafana_availability_day as
select time, target, seq, up_s, degraded_s, down_s from grafana_day
union all
select m.at, t.name, m.target, -m.up_s, -m.degraded_s, -m.down_s from maintenance_rollup as m join target as t on t.seq = m.target;
-- next

do $$
begin
  grant select on grafana_availability_5m, grafana_availability_hour, grafana_availability_day to grafana_reader;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role grafana_reader: this user may not make roles';
end
$$;
