-- Read tables whose rows keep their versions.  A version says what a row was from `day_from` until before `day_to`, as it
-- was known from `rec_from` until before `rec_to`; an end that has not come is 'infinity'.  Nothing is ever deleted.
-- Of a table `t`: versions.t has all versions, and these show those of one moment under the same bare name, so that one
-- query is good for every moment and only the search path differs:
--   public.t    what is true now;
--   on_day.t    what is held to be true of the day `app.as_of`;
--   as_known.t  what was held, at the instant `app.known_at`, to be true of the day `app.as_of` (of the last one if unset).
create schema versions;
create schema on_day;
create schema as_known;
grant usage on schema versions, on_day, as_known to {app}, {rebuild};

create function as_of() returns date language sql stable parallel safe
  return coalesce(nullif(current_setting('app.as_of', true), '')::date, date '5874897-12-31');
create function known_at() returns timestamptz language sql stable parallel safe
  return current_setting('app.known_at')::timestamptz;

-- What is kept of each version besides the columns of its row.
create function kept_of_rows() returns text[] language sql immutable
  return '{tenant_id,day_from,day_to,rec_from,rec_to,row_stream,row_version}'::text[];

-- The three views of a table of versions, over the table `source`: they follow it when it is renamed.  The moment is
-- selected, that is worked out once a statement: in each row it would cost more than the row.
create function show_versions(name text, source text) returns void language plpgsql as $$
declare
  columns text := (
    select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
    where attrelid = format('versions.%I', source)::regclass and attnum > 0 and not attisdropped
      and attname <> all ('{day_from,day_to,rec_from,rec_to}'));
begin
  execute format('create or replace view public.%1$I with (security_invoker = true) as select %2$s from versions.%3$I
    where rec_to = ''infinity'' and day_to = ''infinity''', name, columns, source);
  execute format('create or replace view on_day.%1$I with (security_invoker = true) as select %2$s from versions.%3$I
    where rec_to = ''infinity'' and day_from <= (select public.as_of()) and (select public.as_of()) < day_to', name, columns, source);
  execute format('create or replace view as_known.%1$I with (security_invoker = true) as select %2$s from versions.%3$I
    where rec_from <= (select public.known_at()) and (select public.known_at()) < rec_to
      and day_from <= (select public.as_of()) and (select public.as_of()) < day_to', name, columns, source);
  execute format('grant select on public.%1$I, on_day.%1$I, as_known.%1$I to {app}, {rebuild}', name);
end $$;

-- Who reads a table of versions: the application by scope, whoever rebuilds all of it.  The application writes none itself,
-- or it could say that something was known when it was not: `versions.write_…` does, as the owner.
create function guard_versions(name text) returns void language plpgsql as $$
begin
  execute format('alter table versions.%I enable row level security', name);
  execute format('alter table versions.%I force row level security', name);
  execute format('create policy app_read on versions.%I for select to {app} using (tenant_id = any ((select app_reads())::text[]))', name);
  execute format('create policy own_read on versions.%I for select to current_user using (true)', name);
  execute format('create policy own_insert on versions.%I for insert to current_user with check (tenant_id = any ((select app_writes())::text[]))', name);
  execute format('create policy own_update on versions.%I for update to current_user using (tenant_id = any ((select app_writes())::text[]))', name);
  execute format('create policy rebuild_all on versions.%I to {rebuild} using (true) with check (true)', name);
  execute format('grant select on versions.%I to {app}', name);
  execute format('grant select, insert, update, delete on versions.%I to {rebuild}', name);
end $$;

-- Makes of a table that was just created one of versions: its rights, indexes and views, and `versions.write_…`, which
-- ends and makes spans of the rows of one stream, and answers 0 if it found exactly those that were to be ended.  `keys`
-- tell its rows apart, `indexes` are lists of columns by which live rows are looked for.  42501 unless the stream's last event
-- is of this transaction and of that stamp: what was known before stays as it was.
create function keep_versions(name text, keys text[], indexes text[]) returns void language plpgsql as $$
declare
  columns text;
  typed text;
  key text;
  same text;
  list text;
begin
  perform guard_versions(name);
  execute format('create unique index on versions.%I (%s) where rec_to = ''infinity''', name,
    (select string_agg(quote_ident(k), ', ') from unnest(array['tenant_id'] || keys || array['day_from']) as u (k)));
  execute format('create index on versions.%I (tenant_id, rec_from)', name);
  foreach list in array indexes loop
    execute format('create index on versions.%I (%s) where rec_to = ''infinity'' and day_to = ''infinity''', name, list);
  end loop;
  perform show_versions(name, name);
  select string_agg(quote_ident(attname) || ', ', '' order by attnum),
    string_agg(format('%I %s, ', attname, format_type(atttypid, atttypmod)), '' order by attnum),
    string_agg(case when attname = any (keys) then format('%I %s, ', attname, format_type(atttypid, atttypmod)) end, '' order by attnum),
    string_agg(case when attname = any (keys) then format(' and v.%1$I = e.%1$I', attname) end, '' order by attnum)
    into columns, typed, key, same
  from pg_attribute where attrelid = format('versions.%I', name)::regclass and attnum > 0 and not attisdropped
    and attname <> all (kept_of_rows());
  execute format($write$
    create function versions.%2$I(owner text, stamp timestamptz, holder text, ended jsonb, made jsonb) returns integer
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp
    set plan_cache_mode = force_generic_plan as $body$
    #variable_conflict use_column
    declare found integer := 0;
    begin
      if ($2, pg_current_xact_id_if_assigned()) is distinct from (
        select (e.recorded_at, e.tx) from event e where e.tenant_id = $1 and e.stream = $3 order by e.version desc limit 1
      ) then
        raise exception 'rows change with what was appended to their stream' using errcode = '42501';
      end if;
      if ended <> '[]' then
        update versions.%1$I as v set rec_to = $2
        from jsonb_to_recordset($4 || $5) as e (%5$s day_from date)
        where v.tenant_id = $1 and v.row_stream = $3 and v.day_from = e.day_from and v.rec_to = 'infinity'%6$s;
        get diagnostics found = row_count;
      end if;
      insert into versions.%1$I (tenant_id, %3$s day_from, day_to, rec_from, row_stream, row_version)
      select $1, %3$s day_from, coalesce(day_to, 'infinity'), $2, $3, row_version
      from jsonb_to_recordset($5) as m (%4$s day_from date, day_to date, row_version integer);
      return found - jsonb_array_length(ended);
    end $body$ $write$,
    name, 'write_' || name, coalesce(columns, ''), coalesce(typed, ''), coalesce(key, ''), coalesce(same, ''));
  execute format('revoke all on function versions.%I from public', 'write_' || name);
  execute format('grant execute on function versions.%I to {app}', 'write_' || name);
end $$;

-- Writes what a command changed of rows: the n-th elements belong together.  Answers the tables in which rows were not
-- as the streams say: they are older than this release, and have to be rebuilt.
create function write_rows(
  owners text[], holders text[], tables text[], ended jsonb[], made jsonb[], stamp timestamptz
) returns text[] language plpgsql as $$
declare
  differs integer;
  behind text[] := '{}';
begin
  for i in 1 .. cardinality(tables) loop
    execute format('select versions.%I($1, $2, $3, $4, $5)', 'write_' || tables[i])
      into differs using owners[i], stamp, holders[i], ended[i], made[i];
    if differs <> 0 then behind := behind || tables[i]; end if;
  end loop;
  return behind;
end $$;

-- A table is rebuilt beside the live one, which is read and written meanwhile: `begin_rebuild` makes `…__new` without
-- indexes, `index_rebuilt` gives it those of the live one, and `end_rebuild` puts all of a view's in their places.  As the
-- owner, because making a table and taking another's place need that.
create function begin_rebuild(name text) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  execute format('drop table if exists versions.%I', name || '__new');
  execute format('create table versions.%I (like versions.%I including defaults including constraints)', name || '__new', name);
  perform guard_versions(name || '__new');
end $$;
create function index_rebuilt(name text) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare statement text;
begin
  for statement in
    select regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \S+ ON versions\.\S+', 'INDEX ON versions.' || quote_ident(name || '__new'))
    from pg_index where indrelid = format('versions.%I', name)::regclass
  loop
    execute statement;
  end loop;
  execute format('analyze versions.%I', name || '__new');
end $$;
-- A reader has locked a view before it locks the table under it, hence the views first.  It may read several tables in any
-- order: whoever calls this gives up before the server, after a second, looks who is in whose way and ends one of them.
create function end_rebuild(names text[]) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare name text;
begin
  foreach name in array names loop
    perform show_versions(name, name || '__new');
  end loop;
  foreach name in array names loop
    execute format('drop table versions.%I', name);
    execute format('alter table versions.%I rename to %I', name || '__new', name);
  end loop;
end $$;

revoke all on function as_of(), known_at(), kept_of_rows(), show_versions(text, text), guard_versions(text), begin_rebuild(text), index_rebuilt(text), end_rebuild(text[]),
  keep_versions(text, text[], text[]), write_rows(text[], text[], text[], jsonb[], jsonb[], timestamptz) from public;
grant execute on function as_of(), known_at() to {app}, {rebuild};
grant execute on function begin_rebuild(text), index_rebuilt(text), end_rebuild(text[]) to {rebuild};
grant execute on function write_rows(text[], text[], text[], jsonb[], jsonb[], timestamptz) to {app};
