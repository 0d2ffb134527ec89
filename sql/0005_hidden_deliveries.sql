-- Alerts that maintenance hid: over before it ended, and never told.
create or replace view grafana_delivery as
select d.at as time, d.attempted_at, t.name as target, d.target as seq, d.channel,
       (array['waiting', 'sent', 'failed', 'folded', 'hidden'])[d.outcome] as outcome, d.attempts, d.next_attempt_at, d.error
from delivery as d join target as t on t.seq = d.target;
