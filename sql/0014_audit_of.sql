-- All changes of one thing, such as `target:<id>`.
create index audit_what on audit (what, at desc, id);
