-- What history is asked for, beside its bytes.  Who did it, under which clause and because of which event is said by the
-- bytes, and taken from them, so that neither can differ.  By which action, only the command knows: its word is taken from
-- the transaction, as the tenants are, and is null of what an older release wrote.
create function envelope(raw bytea) returns jsonb language plpgsql immutable strict as $$
begin
  return convert_from(raw, 'UTF8')::jsonb;
end $$;
alter table event
  add column actor_id text collate "C" generated always as (public.envelope(raw) #>> '{actor,id}') stored,
  add column actor_role text collate "C" generated always as (public.envelope(raw) #>> '{actor,role}') stored,
  add column clause text collate "C" generated always as (public.envelope(raw) #>> '{basis,clause}') stored,
  add column causation text collate "C" generated always as (public.envelope(raw) ->> 'causation') stored,
  add column action text collate "C";
-- What is there has them now.  From here on a trigger parses the bytes once for all four: as generated columns they would
-- add a sixth to an append.
alter table event alter column actor_id drop expression, alter column actor_role drop expression,
  alter column clause drop expression, alter column causation drop expression;
drop function envelope(bytea);
create function say_beside() returns trigger language plpgsql as $$
declare said jsonb := convert_from(new.raw, 'UTF8')::jsonb;
begin
  new.actor_id := said #>> '{actor,id}';
  new.actor_role := said #>> '{actor,role}';
  new.clause := said #>> '{basis,clause}';
  new.causation := said ->> 'causation';
  new.action := nullif(current_setting('app.action', true), '');
  return new;
end $$;
create trigger say_beside before insert on event for each row execute function say_beside();
revoke all on function say_beside() from public;
alter table refusal
  add column actor_id text collate "C" generated always as (actor ->> 'id') stored,
  add column actor_role text collate "C" generated always as (actor ->> 'role') stored,
  add column detail text check (char_length(detail) <= 500);

-- A page is read of each tenant in the order of recording, below what was asked for of it.  Days and instants that
-- lie far from its end are passed over in the index that has the order.
drop index event_tenant_order;
create index event_tenant_order on event (tenant_id, era, tx, pos) include (occurred_on, recorded_at);
create index event_role on event (tenant_id, actor_role, era, tx, pos);
create index event_type on event (tenant_id, type, era, tx, pos);
create index event_actor on event (tenant_id, actor_id, era, tx, pos);
create index event_action on event (tenant_id, action, era, tx, pos);
create index event_clause on event (tenant_id, clause, era, tx, pos) where clause is not null;
create index event_causation on event (tenant_id, causation) where causation is not null;
create index event_day on event (tenant_id, occurred_on);
create index event_recorded on event (tenant_id, recorded_at);
create index refusal_code on refusal (tenant_id, code, era, tx, pos);
create index refusal_actor on refusal (tenant_id, actor_id, era, tx, pos);

drop function write_change(text, text, text, uuid, bytea, bytea, bytea, text[], text[], integer[], uuid[], text[],
  smallint[], date[], bytea[], bytea[], text[], text[], integer[], text[], text[], text[], jsonb[], jsonb[],
  text, text, text[], text[], text[], text[], text[]);
-- Writes one change: the events (see `append`), what becomes of rows (see `write_rows`), and the natural keys that the
-- stream `key_stream` of `key_owner` gives back and takes.  `acting` is the action by which; an older release names none.
-- Answers the stamp, and the tables in which rows were not as the streams say.  Raises what those do, and ES007 where a
-- key is another's; its detail is the place in the list.
create function write_change(
  reads text, writes text,
  command_tenant text, command uuid, command_digest bytea, answer_head bytea, answer_tail bytea,
  tenants text[], streams text[], versions integer[], ids uuid[], types text[], schemas smallint[], days date[],
  heads bytea[], tails bytea[], read_tenants text[], read_streams text[], read_versions integer[],
  owners text[], holders text[], tables text[], ended jsonb[], made jsonb[],
  key_owner text, key_stream text, released_kinds text[], released_facts text[],
  claimed_kinds text[], claimed_keys text[], claimed_facts text[], acting text default null
) returns table (stamp timestamptz, behind text[]) language plpgsql as $$
begin
  perform set_config('app.reads', reads, true), set_config('app.writes', writes, true),
    set_config('app.action', coalesce(acting, ''), true);
  stamp := append(command_tenant, command, command_digest, answer_head, answer_tail, tenants, streams, versions, ids, types,
    schemas, days, heads, tails, read_tenants, read_streams, read_versions);
  behind := write_rows(owners, holders, tables, ended, made, stamp);
  for i in 1 .. cardinality(released_kinds) loop
    perform release_key(key_owner, released_kinds[i], key_stream, released_facts[i]);
  end loop;
  for i in 1 .. cardinality(claimed_kinds) loop
    if not claim_key(key_owner, claimed_kinds[i], claimed_keys[i], key_stream, claimed_facts[i]) then
      raise exception 'the key is another''s' using errcode = 'ES007', detail = i;
    end if;
  end loop;
  return next;
end $$;
revoke all on function write_change(text, text, text, uuid, bytea, bytea, bytea, text[], text[], integer[], uuid[], text[],
  smallint[], date[], bytea[], bytea[], text[], text[], integer[], text[], text[], text[], jsonb[], jsonb[],
  text, text, text[], text[], text[], text[], text[], text) from public;
grant execute on function write_change(text, text, text, uuid, bytea, bytea, bytea, text[], text[], integer[], uuid[], text[],
  smallint[], date[], bytea[], bytea[], text[], text[], integer[], text[], text[], text[], jsonb[], jsonb[],
  text, text, text[], text[], text[], text[], text[], text) to {app};

drop function refuse(text, uuid, text, text, text, text[], jsonb, date, text);
-- The row of a refused command.  The same command refused again for the same reason leaves no second row.  `detail` is
-- the sentence that it was answered with; an older release gives none.
create function refuse(
  owner text, command uuid, code text, clause text, action text, streams text[], actor jsonb, day date, trace text,
  detail text default null
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
  insert into refusal (tenant_id, command_id, code, era, clause, action, streams, actor, occurred_on, recorded_at, trace, detail)
  values (owner, command, code, place.era, clause, action, streams, actor, day, place.at, trace, detail)
  on conflict do nothing;
end $$;
revoke all on function refuse(text, uuid, text, text, text, text[], jsonb, date, text, text) from public;
grant execute on function refuse(text, uuid, text, text, text, text[], jsonb, date, text, text) to {app};
