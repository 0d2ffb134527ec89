-- Every change through the API.
create table audit (
  id uuid primary key,
  at timestamptz not null,
  who text not null,
  action text not null,
  what text not null,
  before_json text,
  after_json text
);
-- next
create index audit_at on audit (at desc, id);
