-- What was seen of a target elsewhere, when it was down here: asked before it is held for down.
create table check_opinion (
  at timestamptz not null,
  target integer not null,
  region text not null,
  -- As in check_result; null where nobody there could be asked.
  status smallint,
  error_class smallint,
  http_status smallint,
  total_ms real,
  dns_ms real,
  connect_ms real,
  tls_ms real,
  ttfb_ms real,
  transfer_ms real,
  address inet,
  error text,
  primary key (target, at, region)
);
-- next
create index check_opinion_at on check_opinion (at);
-- next
create view grafana_opinion as
  select at as time, target as seq, region,
         case status when 1 then 'up' when 2 then 'degraded' when 3 then 'down' else 'not asked' end as status,
         http_status, total_ms as latency_ms, error
  from check_opinion;
-- next
do $$
begin
  grant select, insert, delete on check_opinion to log_writer;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role log_writer: this user may not make roles';
end
$$;
-- next
do $$
begin
  grant select on grafana_opinion to grafana_reader;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role grafana_reader: this user may not make roles';
end
$$;
