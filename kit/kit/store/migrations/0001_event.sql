-- The event store of one service.  Applied once by the owner; {app}, {relay} and {rebuild} are the service's roles.
-- The application may read events, commands, refusals and natural keys, and write them through the functions below only:
-- place and stamp are the database's, what is stored agrees with its columns, and history is append-only by grant.

revoke all on schema public from public;
grant usage on schema public to {app}, {relay}, {rebuild};

-- Transaction ids restart after a dump and restore; the era is raised then, so that new rows still sort last.
create table era (one boolean primary key default true check (one), current smallint not null);
insert into era (current) values (1);

-- The tenant lists of this transaction.  Raised, not empty, when unset: a forgotten scope is a bug, not "no rows".
-- After one SET LOCAL the setting is '' instead of unset for the rest of the connection, hence nullif.
create function app_reads() returns text[] language plpgsql stable parallel safe as $$
declare tenants text := nullif(current_setting('app.reads', true), '');
begin
  if tenants is null then raise exception 'no tenant scope for reading' using errcode = 'LD001'; end if;
  return tenants::text[];
end $$;
create function app_writes() returns text[] language plpgsql stable parallel safe as $$
declare tenants text := nullif(current_setting('app.writes', true), '');
begin
  if tenants is null then raise exception 'no tenant scope for writing' using errcode = 'LD001'; end if;
  return tenants::text[];
end $$;

-- An instant as the bytes of events and answers have it.
create function stamp_text(at timestamptz) returns text language sql stable
  return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- A day as bytes and readers can hold it.  PostgreSQL also has infinite ones and ones before Christ; the driver fails on
-- those while it fetches, so that one row would end whoever reads its window: before any row can be held apart.
create domain day as date check (value between '0001-01-01' and '9999-12-31');

-- Whether the columns of an event are what they may be, and its bytes have the whole envelope, each key once what its
-- readers take it for, and say what the columns say.  One expression over the bytes, so that they are parsed once; strict,
-- so that a list of a thing is not the thing.  One function for all of it, because a check is read from the catalogue and
-- planned anew by every insert: written out, these took a quarter of an append.  `public` is named because a restore sets
-- no search path.
create function fits(
  tenant text, stream text, version integer, nth integer, id uuid, command uuid, type text, schema smallint, occurred date,
  at timestamptz, raw bytea
) returns boolean language plpgsql stable as $$
begin
  return tenant ~ '^[0-9]{6}$' and version > 0 and nth > 0 and octet_length(raw) < 65536
    and jsonb_path_exists(convert_from(raw, 'UTF8')::jsonb, 'strict $ ? (
      @.spec == "liandong/event/1" && @.region.type() == "string"
      && @.tenant == $tenant && @.stream == $stream && @.version == $version && @.id == $id && @.command == $command
      && @.type == $type && @.schema == $schema && @.occurred_on == $occurred_on && @.recorded_at == $recorded_at
      && @.actor.id.type() == "string" && @.actor.role.type() == "string" && @.actor.tenant.type() == "string"
      && (@.actor.unit == null || @.actor.unit.type() == "string")
      && @.correlation like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
      && (@.causation == null || @.causation like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
      && (@.trace == null || @.trace.type() == "string") && @.data.type() == "object"
      && ((@.basis == null) is unknown || @.basis == null
          || exists(@.basis.scheme) && exists(@.basis.version) && exists(@.basis.clause)))',
    jsonb_build_object(
      'tenant', tenant, 'stream', stream, 'version', version, 'id', id, 'command', command, 'type', type,
      'schema', schema, 'occurred_on', occurred, 'recorded_at', public.stamp_text(at)), true);
end $$;

create table event (
  tenant_id   text collate "C" not null,
  stream      text collate "C" not null,                -- "<category>/<id>"
  version     integer not null,
  era         smallint not null,
  tx          xid8 not null default pg_current_xact_id(),
  pos         bigint generated always as identity,
  event_id    uuid not null,
  command_id  uuid not null,
  type        text collate "C" not null,
  nth         integer not null,                         -- among the events of its type in its stream
  schema      smallint not null,
  occurred_on day not null,
  recorded_at timestamptz not null,
  raw         bytea not null,
  constraint event_pkey primary key (tenant_id, stream, version),  -- two writers of one version: one wins
  constraint event_raw check (
    fits(tenant_id, stream, version, nth, event_id, command_id, type, schema, occurred_on, recorded_at, raw))
);
create unique index event_order on event (era, tx, pos);
create index event_tenant_order on event (tenant_id, era, tx, pos);
create unique index event_id on event (tenant_id, event_id);
create unique index event_nth on event (tenant_id, stream, type, nth);
create index event_first on event (stream, tenant_id) where version = 1;  -- whose a stream is, however many are in sight

create table command (
  tenant_id text collate "C" not null, command_id uuid not null, digest bytea not null,
  answer bytea not null, recorded_at timestamptz not null,
  constraint command_pkey primary key (tenant_id, command_id)
);

create table refusal (
  tenant_id text collate "C" not null, command_id uuid not null, code text not null,
  era smallint not null, tx xid8 not null default pg_current_xact_id(), pos bigint generated always as identity,
  clause text, action text not null, streams text[] not null, actor jsonb not null,
  occurred_on day not null, recorded_at timestamptz not null, trace text,
  primary key (tenant_id, command_id, code),
  constraint refusal_actor check (actor - array['id', 'role', 'tenant', 'unit'] = '{}' and jsonb_path_exists(actor, 'strict
    $ ? (@.id.type() == "string" && @.role.type() == "string" && @.tenant.type() == "string"
         && (@.unit == null || @.unit.type() == "string"))', silent => true))
);
create index refusal_order on refusal (tenant_id, era, tx, pos);

-- A key is held by one stream, for one of its facts, and ends with that fact.
create table natural_key (
  tenant_id text collate "C" not null, kind text not null, key text collate "C" not null,
  stream text collate "C" not null, fact text collate "C" not null,
  primary key (tenant_id, kind, key)
);
create index natural_key_fact on natural_key (tenant_id, stream, kind, fact);

create table tail_cursor (
  name text not null, revision integer not null,
  era smallint not null default 0, tx xid8 not null default '0', pos bigint not null default 0,
  primary key (name, revision)
);

-- The floor of the clock.  Whoever takes a transaction id after that of a tick sees the tick before it, and stamps above
-- that one's `at`: so once a tick is settled, nothing will be recorded at or below its `closes`.
create table tick (
  era smallint not null, tx xid8 not null default pg_current_xact_id(), at timestamptz not null,
  closes timestamptz not null, primary key (era, tx)
);
insert into tick (era, at, closes) select current, now(), now() from era;

-- Streams that a tail cannot pass on: their events wait from `version` on, and others go their way.  A row that was
-- released by a decision stays, with who decided and why.  What is wanted of it is asked for by the functions below.
create table held (
  id bigint generated always as identity primary key,
  tail text not null, revision integer not null,
  tenant_id text collate "C" not null, stream text collate "C" not null, version integer not null,
  code text not null, detail text not null check (char_length(detail) <= 500),
  held_at timestamptz not null default clock_timestamp(),
  retry_by text,                                        -- who wants it tried again
  skip_version integer, skip_by text, skip_reason text, skip_tx xid8,  -- who wants which event passed over, and why
  skip_confirmed_by text,
  released_at timestamptz check (released_at < 'infinity'),
  constraint held_skip check (num_nulls(skip_version, skip_by, skip_reason, skip_tx) in (0, 4)
    and (skip_confirmed_by is null or coalesce(skip_confirmed_by <> skip_by, false)))   -- by two persons only
);
create unique index held_open on held (tail, revision, tenant_id, stream) where released_at is null;

-- Public facts (GB/T 2260 codes and who is under whom), hence readable by all and without a row policy.
-- No circle, in whatever order and in however many rows of one statement: each is one deeper than its parent, and no
-- running role may change either.  A plain foreign key is looked at when the statement ends, and finds both of a pair.
create table tenant (
  tenant_id text collate "C" primary key, name text not null, level text not null,
  parent text collate "C", depth smallint not null,
  parent_depth smallint generated always as (case when parent is not null then depth - 1 end) stored,
  unique (tenant_id, depth),
  constraint tenant_parent_fkey foreign key (parent, parent_depth) references tenant (tenant_id, depth),
  constraint tenant_root check ((parent is null) = (depth = 0))
);

-- A table of history: the application reads it by scope; the functions below, which run as the owner, write it, and
-- only for tenants that the transaction may write.
create function scope_history(name text) returns void language plpgsql as $$
begin
  execute format('alter table %I enable row level security', name);
  execute format('alter table %I force row level security', name);
  execute format('create policy app_read on %I for select to {app} using (tenant_id = any ((select app_reads())::text[]))', name);
  execute format('create policy own_read on %I for select to current_user using (true)', name);
  execute format('create policy own_insert on %I for insert to current_user with check (tenant_id = any ((select app_writes())::text[]))', name);
  execute format('grant select on %I to {app}', name);
end $$;
select scope_history('event'), scope_history('command'), scope_history('refusal'), scope_history('natural_key');
-- Cheaper, and as strict: an unset scope is no tenant's.  That it is a bug, `append` has said before, by app_writes().
alter policy own_insert on event with check (tenant_id = any (nullif(current_setting('app.writes', true), '')::text[]));
alter policy own_insert on command with check (tenant_id = any (nullif(current_setting('app.writes', true), '')::text[]));
create policy own_delete on natural_key for delete to current_user
  using (tenant_id = any ((select app_writes())::text[]));
create policy tail on event for select to {relay}, {rebuild} using (true);
create policy rebuild_refusal on refusal for select to {rebuild} using (true);
grant select on event, era to {relay}, {rebuild};
grant select on refusal to {rebuild};
grant select on era to {app};
grant select, insert, update on tail_cursor to {relay};
grant select on tail_cursor to {app};

-- The start, or a place where a settled event is: nothing that is still to come sorts at or before it.
create function is_settled(at_era smallint, at_tx xid8, at_pos bigint) returns boolean language sql stable
  set search_path = pg_catalog, public, pg_temp as $$
  select (at_era, at_tx, at_pos) = (0, xid8 '0', 0) or exists (
    select from event where (era, tx, pos) = (at_era, at_tx, at_pos)
      and (era < (select current from era) or tx < pg_snapshot_xmin(pg_current_snapshot())))
$$;
-- Whoever tells others keeps the cursor and the held streams of `relay`, and nobody any other.  Not forced: a cursor is
-- set back by the owner.
alter table tail_cursor enable row level security;
alter table held enable row level security;
create policy seen on tail_cursor for select to {app}, {relay} using (true);
create policy relay_own on tail_cursor to {relay} using (name = 'relay')
  with check (name = 'relay' and is_settled(era, tx, pos));
create policy seen on held for select to {app}, {relay} using (true);
create policy relay_own on held to {relay} using (tail = 'relay') with check (tail = 'relay');
grant select on held to {app}, {relay};
grant insert (tail, revision, tenant_id, stream, version, code, detail, retry_by),
  update (version, code, detail, retry_by, released_at) on held to {relay};
grant select, insert, update (name, level) on tenant to {app};
grant select, insert, update (name, level), delete on tenant to {rebuild};

-- True in a database that was restored, or upgraded by logical replication, and whose era was not raised: something of
-- the current era carries a transaction id that this cluster has not come to, so what is written now would sort before.
create function era_behind() returns boolean language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set jit = off as $$
declare
  now_era smallint := (select current from era);
  unborn xid8 := pg_snapshot_xmax(pg_current_snapshot());
begin
  return coalesce(
    greatest(
      (select tx from event where era = now_era order by tx desc, pos desc limit 1),
      (select tx from tick where era = now_era order by tx desc limit 1),
      (select max(tx) from tail_cursor where era = now_era)
    ) >= unborn, false);
end $$;

-- The owner's, after a restore: answers the new era, or null where the present one is right.
create function raise_era() returns smallint language sql as $$
  update era set current = current + 1 where era_behind() returning current
$$;

-- The instant up to which what was recorded is closed: nothing will be added there.
create function settled() returns timestamptz language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set jit = off as $$
declare
  now_era smallint := (select current from era);
  oldest xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  return (select closes from tick where era < now_era or tx < oldest order by era desc, tx desc limit 1);
end $$;

-- Each second, by whoever relays; one at a time, and without a transaction id where another has just ticked.  It is its
-- transaction's first write, as `append` is (ES001): one with an id from before would count as settled too early.
create function tick() returns void language plpgsql security definer
  -- Compiling takes eighty milliseconds, each second: what is not known of small tables is thought to be much.
  set search_path = pg_catalog, public, pg_temp set jit = off as $$
declare last tick;
begin
  if pg_current_xact_id_if_assigned() is not null or current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'tick must be the first write of its transaction, and needs a snapshot of its own'
      using errcode = 'ES001';
  end if;
  lock table tick in share row exclusive mode;
  if era_behind() then raise exception 'the era is behind: run migrate' using errcode = 'ES003'; end if;
  select * into last from tick order by era desc, tx desc limit 1;
  if clock_timestamp() between last.at and last.at + interval '500 milliseconds' then return; end if;
  insert into tick (era, at, closes)
  select current, greatest(clock_timestamp(), last.at + interval '1 microsecond'), last.at from era;
  delete from tick t using era where (t.era, t.tx) < (
    select s.era, s.tx from tick s where s.era < era.current or s.tx < pg_snapshot_xmin(pg_current_snapshot())
    order by s.era desc, s.tx desc limit 1);
end $$;

-- The era and the stamp of what is being written: above the newest tick, whatever the clock says.  `behind`: the era must
-- be raised first.  Asked in a statement after the one that took the transaction id, so that it has a snapshot of its own.
-- Plain SQL, which becomes a part of the asking statement's plan.
create function stamp() returns table (era smallint, at timestamptz, behind boolean) language sql stable as $$
  select now.current, greatest(clock_timestamp(), last.at + interval '1 microsecond'),
         coalesce(greatest(newest.tx, case when last.era = now.current then last.tx end)
                  >= pg_snapshot_xmax(pg_current_snapshot()), false)
  from era as now
    cross join lateral (select t.era, t.tx, t.at from tick t order by t.era desc, t.tx desc limit 1) as last
    left join lateral (select e.tx from event e where e.era = now.current order by e.tx desc, e.pos desc limit 1) as newest
      on true
$$;

-- Whether an array is a list of so many: of one dimension, numbered from 1, each element there.  Others are read in one
-- order by `unnest` and in another by a subscript, so that what is locked would not be what is written.
create function is_list(list anyarray, length integer) returns boolean language sql immutable as $$
  select coalesce(cardinality(list) = length, false)
    and (length = 0 or array_ndims(list) = 1 and array_lower(list, 1) = 1 and array_position(list, null) is null)
$$;

-- Appends one command's events and answers their stamp, which is put between `heads` and `tails`, the two parts of each
-- event's bytes and of the kept answer.  It must be its transaction's first write: a transaction that took its id before
-- it read a stream could be ordered before the writer it read from, and a tail would see version 2 before version 1.
-- What the decision looked at is named by `read_tenants`, `read_streams` and the versions that it saw.  They are locked, and
-- so is what is written, until the end of the transaction: nobody adds to them meanwhile, and of two decisions of which
-- each writes what the other looked at, one sees the other's.
-- Raises ES001 for a late write, ES002 for a version without its predecessor, ES003 where the era is behind, ES005 where a
-- stream that was looked at has gone on, 42501 for a tenant that the transaction may not write, or read; and the
-- constraints of `event`.  The events of one stream come one after another.
create function append(
  command_tenant text, command uuid, command_digest bytea, answer_head bytea, answer_tail bytea,
  tenants text[], streams text[], versions integer[], ids uuid[], types text[], schemas smallint[], days date[],
  heads bytea[], tails bytea[], read_tenants text[] default '{}', read_streams text[] default '{}', read_versions integer[] default '{}'
) returns timestamptz language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s'
  -- One plan for good, by index: what it looks up are single rows, and a plan made on an empty table would scan.
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
  mine xid8;
  now_era smallint;
  stamped timestamptz;
  behind boolean;
  before record;
  wanted record;
  seen integer;
  instant bytea;
  ordinal integer;
begin
  if pg_current_xact_id_if_assigned() is not null then
    raise exception 'append must be the first write of its transaction' using errcode = 'ES001';
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a stamp needs a snapshot of its own' using errcode = 'ES001';
  end if;
  if not (
    is_list(tenants, cardinality(ids)) and is_list(streams, cardinality(ids)) and is_list(versions, cardinality(ids))
    and is_list(ids, cardinality(ids)) and is_list(types, cardinality(ids)) and is_list(schemas, cardinality(ids))
    and is_list(days, cardinality(ids)) and is_list(heads, cardinality(ids)) and is_list(tails, cardinality(ids))
    and is_list(read_tenants, cardinality(read_versions)) and is_list(read_streams, cardinality(read_versions))
    and is_list(read_versions, cardinality(read_versions)) and cardinality(read_versions) <= 2000
  ) then
    raise exception 'lists of one length, numbered from 1, without a gap' using errcode = '22000';
  end if;
  if not (tenants || command_tenant) <@ app_writes() or not read_tenants <@ app_reads() then
    raise exception 'not a tenant of this transaction' using errcode = '42501';
  end if;
  -- All waiting is before the transaction id: who waits here holds back no tail.  In one order, or two would deadlock.
  lock table event in row exclusive mode;
  for wanted in
    select key, bool_or(writing) as writing from (
      select hashtextextended(tenant || stream, 0) as key, true as writing from unnest(tenants, streams) as w (tenant, stream)
      union all
      select hashtextextended(tenant || stream, 0), false from unnest(read_tenants, read_streams) as r (tenant, stream)
    ) as both_kinds group by key order by key
  loop
    if wanted.writing then perform pg_advisory_xact_lock(wanted.key);
    else perform pg_advisory_xact_lock_shared(wanted.key);
    end if;
  end loop;
  for i in 1 .. cardinality(read_streams) loop
    seen := (select version from event where tenant_id = read_tenants[i] and stream = read_streams[i]
             order by version desc limit 1);
    if coalesce(seen, 0) is distinct from read_versions[i] then
      raise exception 'a stream that was looked at has gone on' using errcode = 'ES005';
    end if;
  end loop;
  mine := pg_current_xact_id();
  select s.era, s.at, s.behind into now_era, stamped, behind from stamp() as s;
  if behind then raise exception 'the era is behind: run migrate' using errcode = 'ES003'; end if;
  for i in 1 .. cardinality(ids) loop
    continue when versions[i] = 1;  -- apart: what is not asked is not prepared either
    -- An array may begin before 1: only what is written by this loop's elements is followed.
    continue when i > 1 and (tenants[i], streams[i], versions[i]) = (tenants[i - 1], streams[i - 1], versions[i - 1] + 1);
    select version, era, tx, recorded_at into before from event
    where tenant_id = tenants[i] and stream = streams[i] and version < versions[i] order by version desc limit 1;
    if before.version is distinct from versions[i] - 1 or (before.era, before.tx) >= (now_era, mine) then
      raise exception 'a version without its predecessor' using errcode = 'ES002';
    end if;
    stamped := greatest(stamped, before.recorded_at);
  end loop;
  instant := stamp_text(stamped)::bytea;
  insert into command (tenant_id, command_id, digest, answer, recorded_at)
  values (command_tenant, command, command_digest, answer_head || instant || answer_tail, stamped);
  for i in 1 .. cardinality(ids) loop
    ordinal := 1;
    if versions[i] > 1 then  -- the first of its stream is the first of its type
      select nth + 1 into ordinal from event where tenant_id = tenants[i] and stream = streams[i] and type = types[i]
      order by nth desc limit 1;
    end if;
    insert into event
      (tenant_id, stream, version, era, event_id, command_id, type, nth, schema, occurred_on, recorded_at, raw)
    values (tenants[i], streams[i], versions[i], now_era, ids[i], command, types[i], coalesce(ordinal, 1), schemas[i],
      days[i], stamped, heads[i] || instant || tails[i]);
  end loop;
  return stamped;
end $$;

-- The row of a refused command.  The same command refused again for the same reason leaves no second row.
create function refuse(
  owner text, command uuid, code text, clause text, action text, streams text[], actor jsonb, day date, trace text
) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s' as $$
declare
  place record;
begin
  if not owner = any (app_writes()) then
    raise exception 'not a tenant of this transaction' using errcode = '42501';
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a stamp needs a snapshot of its own' using errcode = 'ES001';
  end if;
  perform pg_current_xact_id();
  select * into place from stamp();
  if place.behind then raise exception 'the era is behind: run migrate' using errcode = 'ES003'; end if;
  insert into refusal (tenant_id, command_id, code, era, clause, action, streams, actor, occurred_on, recorded_at, trace)
  values (owner, command, code, place.era, clause, action, streams, actor, day, place.at, trace)
  on conflict do nothing;
end $$;

-- 42501 unless this transaction appended to the stream: keys begin and end with facts.
create function just_appended(owner text, holder text) returns void language plpgsql as $$
begin
  if not exists (select from event where tenant_id = owner and stream = holder and tx = pg_current_xact_id_if_assigned()
                 and era = (select current from era)) then
    raise exception 'a key begins and ends with a fact of its stream' using errcode = '42501';
  end if;
end $$;

-- Takes a natural key for a fact of a stream that this transaction appended to; answers whether it guards that one now.
create function claim_key(owner text, key_kind text, key_text text, holder text, guarded text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s' as $$
declare mine boolean;
begin
  perform just_appended(owner, holder);
  while mine is null loop  -- one that was in the way may be released before it is looked at
    insert into natural_key (tenant_id, kind, key, stream, fact) values (owner, key_kind, key_text, holder, guarded)
    on conflict do nothing;
    select (stream, fact) = (holder, guarded) into mine from natural_key
    where (tenant_id, kind, key) = (owner, key_kind, key_text);
  end loop;
  return mine;
end $$;

-- Ends what guarded a fact of a stream, in the transaction that appended to that stream; 42501 in any other.
create function release_key(owner text, key_kind text, holder text, guarded text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s' as $$
begin
  perform just_appended(owner, holder);
  delete from natural_key where (tenant_id, stream, kind, fact) = (owner, holder, key_kind, guarded);
end $$;

-- Has a held stream tried again soon.  ES004 when it is not held any more; 42501 for a tenant that the transaction may
-- not write.
create function retry_held(held_id bigint, person text) returns void language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s' as $$
declare one held;
begin
  update held set retry_by = person where id = held_id and released_at is null returning * into one;
  if not found then raise exception 'no such stream is held' using errcode = 'ES004'; end if;
  if not one.tenant_id = any (app_writes()) then
    raise exception 'not a tenant of this transaction' using errcode = '42501';
  end if;
end $$;

-- One of two persons who want the event passed over that a held stream waits at: who comes first asks, and another one in
-- a later transaction confirms.  ES004 when it does not wait there any more, or both have said it; 42501 for who asked,
-- for the transaction in which that was, and for a tenant that the transaction may not write.
create function skip_held(held_id bigint, at_version integer, person text, reason text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s' as $$
declare one held;
begin
  select * into one from held where id = held_id and version = at_version and released_at is null for update;
  if not found or one.skip_version = at_version and one.skip_confirmed_by is not null then
    raise exception 'no such event is waited at' using errcode = 'ES004';
  end if;
  if not one.tenant_id = any (app_writes()) then
    raise exception 'not a tenant of this transaction' using errcode = '42501';
  end if;
  if one.skip_version is distinct from at_version then
    update held set skip_version = at_version, skip_by = person, skip_reason = reason, skip_tx = pg_current_xact_id(),
      skip_confirmed_by = null where id = held_id;
  elsif one.skip_by = person or one.skip_tx = pg_current_xact_id() then
    raise exception 'another person confirms, in another transaction' using errcode = '42501';
  else
    update held set skip_confirmed_by = person where id = held_id;
  end if;
end $$;

-- A rebuild must end with every event and no half of one: appends wait until it commits.
-- SECURITY DEFINER because LOCK needs a right on the table that no running role has; it does nothing else.
create function hold_appends() returns void language sql security definer
  set search_path = pg_catalog, public, pg_temp as $$ lock table event in share row exclusive mode $$;

revoke all on all functions in schema public from public;
grant execute on function app_reads(), app_writes(), settled(), era_behind() to {app}, {relay}, {rebuild};
grant execute on function
  append(text, uuid, bytea, bytea, bytea, text[], text[], integer[], uuid[], text[], smallint[], date[], bytea[], bytea[],
    text[], text[], integer[]),
  refuse(text, uuid, text, text, text, text[], jsonb, date, text),
  claim_key(text, text, text, text, text), release_key(text, text, text, text),
  retry_held(bigint, text), skip_held(bigint, integer, text, text) to {app};
grant execute on function is_settled(smallint, xid8, bigint) to {relay};
grant execute on function tick() to {relay};
grant execute on function hold_appends() to {rebuild};
