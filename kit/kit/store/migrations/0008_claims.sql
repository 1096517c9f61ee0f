-- What is looked up for every claim and every move of the relay's cursor is planned once for good.  Planned anew each time,
-- a claim took longer than the append before it: of a table with so many indexes the planner weighs each, and looks for
-- the ends of those that grow.

-- 42501 unless this transaction appended to the stream: keys begin and end with facts.  The last event says it.
create or replace function just_appended(owner text, holder text) returns void language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  if ((select current from era), pg_current_xact_id_if_assigned()) is distinct from (
    select (e.era, e.tx) from event e where e.tenant_id = owner and e.stream = holder order by e.version desc limit 1
  ) then
    raise exception 'a key begins and ends with a fact of its stream' using errcode = '42501';
  end if;
end $$;

-- Takes a natural key for a fact of a stream that this transaction appended to; answers whether it guards that one now.
create or replace function claim_key(owner text, key_kind text, key_text text, holder text, guarded text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s'
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare mine boolean;
begin
  perform just_appended(owner, holder);
  while mine is null loop  -- one that was in the way may be released before it is looked at
    insert into natural_key (tenant_id, kind, key, stream, fact) values (owner, key_kind, key_text, holder, guarded)
    on conflict do nothing;
    if found then return true; end if;
    select (stream, fact) = (holder, guarded) into mine from natural_key
    where (tenant_id, kind, key) = (owner, key_kind, key_text);
  end loop;
  return mine;
end $$;

-- Ends what guarded a fact of a stream, in the transaction that appended to that stream; 42501 in any other.
create or replace function release_key(owner text, key_kind text, holder text, guarded text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set lock_timeout = '3s'
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  perform just_appended(owner, holder);
  delete from natural_key where (tenant_id, stream, kind, fact) = (owner, holder, key_kind, guarded);
end $$;

-- The start, or a place where a settled event is: nothing that is still to come sorts at or before it.
create or replace function is_settled(at_era smallint, at_tx xid8, at_pos bigint) returns boolean language plpgsql stable
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (at_era, at_tx, at_pos) = (0, xid8 '0', 0) or exists (
    select from event e where (e.era, e.tx, e.pos) = (at_era, at_tx, at_pos)
      and (e.era < (select current from era) or e.tx < pg_snapshot_xmin(pg_current_snapshot())));
end $$;
