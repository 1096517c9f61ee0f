-- The event store of one service.  Applied once by the owner; {app}, {relay} and {rebuild} are the service's roles.
-- The application may read and insert events, commands and refusals, and nothing else: history is append-only by grant.

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

create table event (
  tenant_id   text collate "C" not null check (tenant_id ~ '^[0-9]{6}$'),
  stream      text collate "C" not null,                -- "<category>/<id>"
  version     integer not null check (version > 0),
  era         smallint not null,
  tx          xid8 not null default pg_current_xact_id(),
  pos         bigint generated always as identity,
  event_id    uuid not null,
  command_id  uuid not null,
  type        text collate "C" not null,
  schema      smallint not null,
  occurred_on date not null,
  recorded_at timestamptz not null,
  raw         bytea not null check (octet_length(raw) < 65536),
  constraint event_pkey primary key (tenant_id, stream, version)   -- two writers of one version: one wins
);
create unique index event_order on event (era, tx, pos);
create index event_tenant_order on event (tenant_id, era, tx, pos);
create unique index event_id on event (tenant_id, event_id);

create table command (
  tenant_id text collate "C" not null, command_id uuid not null, digest bytea not null,
  answer bytea not null, recorded_at timestamptz not null,
  constraint command_pkey primary key (tenant_id, command_id)
);

create table refusal (
  tenant_id text collate "C" not null, command_id uuid not null, code text not null,
  clause text, action text not null, streams text[] not null, actor jsonb not null,
  occurred_on date not null, recorded_at timestamptz not null, trace text,
  primary key (tenant_id, command_id, code)
);
create index refusal_order on refusal (tenant_id, recorded_at);

create table natural_key (
  tenant_id text collate "C" not null, kind text not null, key text collate "C" not null, stream text not null,
  primary key (tenant_id, kind, key)
);

create table tail_cursor (
  name text not null, revision integer not null,
  era smallint not null default 0, tx xid8 not null default '0', pos bigint not null default 0,
  primary key (name, revision)
);

-- Public facts (GB/T 2260 codes and who is under whom), hence readable by all and without a row policy.
-- No circle: a parent is there before its child, is not the child, and no role but the owner may change it.
create table tenant (
  tenant_id text collate "C" primary key, name text not null, level text not null,
  parent text collate "C" references tenant check (parent <> tenant_id)
);

-- Two tenant scopes on one table: what may be read, and what may be written.
create function scope_rows(name text) returns void language plpgsql as $$
begin
  execute format('alter table %I enable row level security', name);
  execute format('alter table %I force row level security', name);
  execute format('create policy app_read on %I for select to {app} using (tenant_id = any ((select app_reads())::text[]))', name);
  execute format('create policy app_insert on %I for insert to {app} with check (tenant_id = any ((select app_writes())::text[]))', name);
end $$;

-- A view table: rows that an inline projection (the application) or a tail (the rebuild role) writes and may rewrite.
create function scope_table(name text) returns void language plpgsql as $$
begin
  perform scope_rows(name);
  execute format('create policy app_update on %I for update to {app} using (tenant_id = any ((select app_writes())::text[]))', name);
  execute format('create policy app_delete on %I for delete to {app} using (tenant_id = any ((select app_writes())::text[]))', name);
  execute format('create policy rebuild_all on %I to {rebuild} using (true) with check (true)', name);
  execute format('grant select, insert, update, delete on %I to {app}, {rebuild}', name);
end $$;

select scope_rows('event'), scope_rows('command'), scope_rows('refusal'), scope_rows('natural_key');
create policy tail on event for select to {relay}, {rebuild} using (true);
create policy rebuild_refusal on refusal for select to {rebuild} using (true);
grant select, insert on event, command, refusal, natural_key to {app};
grant select on event, era to {relay}, {rebuild};
grant select on refusal to {rebuild};
grant select on era to {app};
grant select, insert, update on tail_cursor to {relay}, {rebuild};
grant select on tail_cursor to {app};
grant select, insert, update (name, level) on tenant to {app};
grant select, insert, update, delete on tenant to {rebuild};

-- Appends one command's events.  It must be its transaction's first write: a transaction that took its xid before it
-- read a stream could be ordered before the writer it read from, and the tail would see version 2 before version 1.
create function append(
  command_tenant text, command uuid, command_digest bytea, command_answer bytea, at timestamptz,
  tenants text[], streams text[], versions integer[], ids uuid[], types text[], schemas smallint[], days date[], raws bytea[]
) returns void language plpgsql as $$
begin
  if pg_current_xact_id_if_assigned() is not null then
    raise exception 'append must be the first write of its transaction' using errcode = 'ES001';
  end if;
  insert into command (tenant_id, command_id, digest, answer, recorded_at)
  values (command_tenant, command, command_digest, command_answer, at);
  insert into event (tenant_id, stream, version, era, event_id, command_id, type, schema, occurred_on, recorded_at, raw)
  select e.tenant, e.stream, e.version, (select current from era), e.id, command, e.type, e.schema, e.day, at, e.raw
  from unnest(tenants, streams, versions, ids, types, schemas, days, raws)
    with ordinality as e (tenant, stream, version, id, type, schema, day, raw, n)
  order by e.n;
end $$;

-- Rebuilding an inline projection must see every event and no half of one: appends wait until it commits.
-- SECURITY DEFINER because LOCK needs a right on the table that no running role has; it does nothing else.
create function hold_appends() returns void language sql security definer set search_path = public, pg_temp as
$$ lock table event in share row exclusive mode $$;
revoke all on function hold_appends() from public;
grant execute on function hold_appends() to {rebuild};
