-- Who writes and reads the log for rounds and API: every table's rows, and nothing of the schema. Partitions of days to
-- come are made for it by one function. It cannot sign in until it is given a password. Where we may not make roles,
-- rounds and API are the owner of the database.
alter function ensure_log_partitions(timestamptz, timestamptz) security definer set search_path = public, pg_temp;
-- next
do $$
declare
  table_name text;
begin
  begin
    create role log_writer nologin;
  exception when duplicate_object or unique_violation then null;
  end;
  grant usage on schema public to log_writer;
  for table_name in
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and not relispartition and relname <> 'schema_migration'
  loop
    execute format('grant select on %I to log_writer', table_name);
  end loop;
  for table_name in
    select unnest(array['check_result', 'transition', 'delivery', 'target', 'round', 'audit', 'rollup_state'])
  loop
    execute format('grant insert, update on %I to log_writer', table_name);
  end loop;
exception when insufficient_privilege then
  raise notice 'no role log_writer: this user may not make roles';
end
$$;
