-- Maintenance in dashboards, to shade it.
create view grafana_maintenance as
select m.from_at as time, m.to_at as time_end, t.name as target, m.target as seq
from maintenance_time as m join target as t on t.seq = m.target;
-- next

do $$
begin
  grant select on grafana_maintenance to grafana_reader;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role grafana_reader: this user may not make roles';
end
$$;
