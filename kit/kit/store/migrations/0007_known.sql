-- What was known at an instant is found by index, as what is known now is: of a row the versions that are live are in the
-- indexes there were, and those that were ended in indexes of their own, which a version enters when it is ended.  They
-- stand for the one by `rec_from`, which every version was in and which led to no row and no order.
create schema known;
grant usage on schema known to {app}, {rebuild};

-- The views of a table of versions, over the table `source`: they follow it when it is renamed.  The moment is selected,
-- that is worked out once a statement: in each row it would cost more than the row.  `known.t` is `as_known.t` where no
-- day is asked for: what was held, at the instant `app.known_at`, to be true from the last change on.
create or replace function show_versions(name text, source text) returns void language plpgsql as $$
declare
  columns text := (
    select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
    where attrelid = format('versions.%I', source)::regclass and attnum > 0 and not attisdropped
      and attname <> all ('{day_from,day_to,rec_from,rec_to}'));
  day text := 'day_from <= (select public.as_of()) and (select public.as_of()) < day_to';
  live text := 'rec_to = ''infinity'' and rec_from <= (select public.known_at())';
  ended text := 'rec_to < ''infinity'' and rec_from <= (select public.known_at()) and (select public.known_at()) < rec_to';
begin
  execute format('create or replace view public.%1$I with (security_invoker = true) as select %2$s from versions.%3$I
    where rec_to = ''infinity'' and day_to = ''infinity''', name, columns, source);
  execute format('create or replace view on_day.%1$I with (security_invoker = true) as select %2$s from versions.%3$I
    where rec_to = ''infinity'' and %4$s', name, columns, source, day);
  execute format('create or replace view as_known.%1$I with (security_invoker = true) as select %2$s from versions.%3$I
    where %4$s and %6$s union all select %2$s from versions.%3$I where %5$s and %6$s', name, columns, source, live, ended, day);
  execute format('create or replace view known.%1$I with (security_invoker = true) as select %2$s from versions.%3$I
    where %4$s and day_to = ''infinity'' union all select %2$s from versions.%3$I where %5$s and day_to = ''infinity''',
    name, columns, source, live, ended);
  execute format('grant select on public.%1$I, on_day.%1$I, as_known.%1$I, known.%1$I to {app}, {rebuild}', name);
end $$;

-- What tells the rows of a table of versions apart within a tenant: behind a comma each, and nothing where a tenant has one.
create function key_of_versions(name text) returns text language sql stable as $$
  select substring(pg_get_indexdef(indexrelid) from '\(tenant_id(.*), day_from\)') from pg_index
  where indrelid = format('versions.%I', name)::regclass and indisunique
$$;

-- Gives a table of versions the indexes that follow from its key and from those of its live rows.  By the key, versions that
-- were ended.  For each order that a list may have (an index of live rows that ends with the key): live rows once more with
-- the tenant behind what is sorted by, so that a page of all tenants is read in its order; and, once, live rows by the key,
-- for one row would be looked for in the whole of an order otherwise.
create function index_more(name text) returns void language plpgsql as $$
declare
  versions regclass := format('versions.%I', name);
  key text := key_of_versions(name);
  one record;
  sorted text;
  ordered boolean := false;
begin
  for one in select indexrelid::regclass as index, pg_get_indexdef(indexrelid) as made from pg_index where indrelid = versions and not indisunique loop
    sorted := substring(one.made from format('\(tenant_id, (.*)%s\) WHERE', key));
    if one.made like '% USING btree (tenant_id, rec_from)' then
      execute format('drop index %s', one.index);
    elsif sorted is not null then
      ordered := true;
      execute format('create index on %s (%s, tenant_id%s) where rec_to = ''infinity'' and day_to = ''infinity''', versions, sorted, key);
    end if;
  end loop;
  if ordered then perform index_counted(name, '{}'); end if;
  execute format('create index on %s (tenant_id%s, rec_to, rec_from) where rec_to < ''infinity''', versions, key);
end $$;

-- The index of live rows by their key holds these columns too, so that figures which count by them need no row.
create function index_counted(name text, columns text[]) returns void language plpgsql as $$
declare
  versions regclass := format('versions.%I', name);
  key text := key_of_versions(name);
  old text;
begin
  for old in
    select indexrelid::regclass from pg_index where indrelid = versions
      and pg_get_indexdef(indexrelid) ~ format('\(tenant_id%s\)( INCLUDE \([^)]*\))? WHERE', key)
  loop
    execute format('drop index %s', old);
  end loop;
  execute format('create index on %s (tenant_id%s)%s where rec_to = ''infinity'' and day_to = ''infinity''', versions, key,
    (select ' include (' || string_agg(quote_ident(c), ', ') || ')' from unnest(columns) c));
end $$;

alter function keep_versions(text, text[], text[]) rename to keep_live_versions;
-- As `keep_live_versions`, with those indexes.
create function keep_versions(name text, keys text[], indexes text[]) returns void language plpgsql as $$
begin
  perform keep_live_versions(name, keys, indexes);
  perform index_more(name);
end $$;
revoke all on function index_more(text), key_of_versions(text), index_counted(text, text[]), keep_versions(text, text[], text[]) from public;

select index_more(relname), show_versions(relname, relname) from pg_class
where relnamespace = 'versions'::regnamespace and relkind = 'r' and relname not like '%\_\_new';
