-- What people did about incidents: acknowledged, commented, resolved. What the monitor did stands in transition and delivery.
create table incident_event (
  target integer not null,
  -- When the target went down: with it, the incident's identity.
  incident_at timestamptz not null,
  at timestamptz not null,
  id uuid not null,
  -- 1 acknowledged, 2 commented, 3 unacknowledged, 4 resolved
  kind smallint not null,
  who text not null,
  text text,
  until timestamptz,
  primary key (target, incident_at, id)
);
-- next
create index delivery_attempted on delivery (attempted_at);
-- next
do $$
begin
  grant select, insert, update on incident_event to log_writer;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role log_writer: this user may not make roles';
end
$$;
