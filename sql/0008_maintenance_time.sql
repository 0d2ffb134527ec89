-- Time in maintenance windows, as it came: a window that is changed or deleted later takes nothing of it back.
create table maintenance_time (
  target integer not null,
  window_id uuid not null,
  from_at timestamptz not null,
  -- Of one that goes on: how far it is known.
  to_at timestamptz not null,
  primary key (target, from_at, window_id)
);
-- next

-- What of [first, last) was maintenance of a target: in whole steps of 5 minutes, as roll-ups are, and what touches is one.
create function maintenance_spans(only_target integer, first timestamptz, last timestamptz)
returns table (at timestamptz, until timestamptz)
language sql stable
begin atomic
  select greatest(lower(span), first), least(upper(span), last)
  from (
    select unnest(range_agg(tstzrange(
             date_bin('5 minutes', m.from_at, timestamptz '2000-01-01 00:00:00+00'),
             date_bin('5 minutes', m.to_at + interval '299.999999 seconds', timestamptz '2000-01-01 00:00:00+00')))) as span
    from maintenance_time as m
    where m.target = only_target and m.from_at < last and m.to_at > first - interval '5 minutes'
  ) as merged
  where lower(span) < last and upper(span) > first;
end;
-- next

-- That time, and what checks found in it, which no report counts: one row.
create function maintenance_totals(only_target integer, first timestamptz, last timestamptz)
returns table (maintenance_s integer, up_s bigint, degraded_s bigint, down_s bigint)
language sql stable
begin atomic
  select coalesce(sum(extract(epoch from s.until - s.at)), 0)::integer, coalesce(sum(r.up_s), 0)::bigint,
         coalesce(sum(r.degraded_s), 0)::bigint, coalesce(sum(r.down_s), 0)::bigint
  from maintenance_spans(only_target, first, last) as s
  cross join lateral (
    select sum(t.up_s) as up_s, sum(t.degraded_s) as degraded_s, sum(t.down_s) as down_s from target_rollup(only_target, s.at, s.until) as t
  ) as r;
end;
-- next

-- Seconds of [first, last) that a target was paused, outside of maintenance.
create function paused_seconds(only_target integer, first timestamptz, last timestamptz)
returns double precision
language sql stable
begin atomic
  select coalesce(sum(extract(epoch from upper(pause) - lower(pause))), 0)::double precision
  from unnest(
    (select coalesce(range_agg(tstzrange(greatest(p.at, first), least(coalesce(p.ended, last), last))), '{}'::tstzmultirange)
     from (select t.at, t.to_status, lead(t.at) over (order by t.at) as ended from transition as t where t.target = only_target and t.kind = 1) as p
     where p.to_status = 5 and p.at < last and (p.ended is null or p.ended > first))
    - (select coalesce(range_agg(tstzrange(m.at, m.until)), '{}'::tstzmultirange) from maintenance_spans(only_target, first, last) as m)
  ) as pause;
end;
-- next

do $$
begin
  grant select on maintenance_time to log_writer;
exception when insufficient_privilege or undefined_object then
  raise notice 'no role log_writer: this user may not make roles';
end
$$;
