-- What has to be rebuilt, because the database had events before it had the rows that are made of them: noted with the
-- migration that makes a view's tables, and taken out with the rebuild that fills them.  A new view and a new revision of
-- one are alike in that.  Persons' names, which are kept in another database, are found from this release on.
create table rebuild_due (
  name text collate "C" primary key, revision integer, since timestamptz not null default clock_timestamp()
);
grant select, delete on rebuild_due to {rebuild};
grant select on rebuild_due to {app};

create function note_rebuild_due() returns trigger language plpgsql
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.name like 'views/%' and exists (select from event) then
    insert into rebuild_due (name, revision) values (split_part(new.name, '/', 2), split_part(new.name, '/', 3)::integer)
    on conflict (name) do update set revision = excluded.revision, since = excluded.since;
  end if;
  return new;
end $$;
revoke all on function note_rebuild_due() from public;
create trigger note_rebuild_due after insert on migration for each row execute function note_rebuild_due();

insert into rebuild_due (name) select 'person-names' where exists (select from event where type = 'kit.data-key-committed');
