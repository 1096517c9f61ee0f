-- A change is two statements, each a transaction of its own: one reads the streams, the other writes what was decided.
-- Nothing is held open while a rule thinks; that what was read still holds, `append` looks up.

-- All events of some streams of the tenants that are seen, but for what is kept: of that, the last one's id.  Of those of
-- `owners_only` the first alone, which says whose they are.  Stream by stream, so that each is looked up by values that the
-- primary key takes; and planned once for good, for planning takes longer than looking.
create function read_streams(
  reads text, writes text, seen text[], names text[],
  kept_tenants text[], kept_streams text[], kept_versions integer[], owners_only text[]
) returns table (tenant_id text, stream text, version integer, event_id uuid, occurred_on date, raw bytea)
  language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  first record;
  since integer;
begin
  perform set_config('app.reads', reads, true), set_config('app.writes', writes, true);
  for first in
    select e.tenant_id, e.stream from event e where e.stream = any (names) and e.version = 1 and e.tenant_id = any (seen)
  loop
    since := 0;
    for i in 1 .. cardinality(kept_streams) loop
      if (kept_tenants[i], kept_streams[i]) = (first.tenant_id, first.stream) then since := kept_versions[i]; end if;
    end loop;
    if first.stream = any (owners_only) then
      return query select first.tenant_id, first.stream, 1, null::uuid, null::date, null::bytea;
    else
      return query
        select e.tenant_id, e.stream, e.version, e.event_id, e.occurred_on::date, case when e.version > since then e.raw end
        from event e where e.tenant_id = first.tenant_id and e.stream = first.stream and e.version >= since order by e.version;
    end if;
  end loop;
end $$;

-- Writes one change: the events (see `append`), what becomes of rows (see `write_rows`), and the natural keys that the
-- stream `key_stream` of `key_owner` gives back and takes.  Answers the stamp, and the tables in which rows were not as the
-- streams say.  Raises what those do, and ES007 where a key is another's; its detail is the place in the list.
create function write_change(
  reads text, writes text,
  command_tenant text, command uuid, command_digest bytea, answer_head bytea, answer_tail bytea,
  tenants text[], streams text[], versions integer[], ids uuid[], types text[], schemas smallint[], days date[],
  heads bytea[], tails bytea[], read_tenants text[], read_streams text[], read_versions integer[],
  owners text[], holders text[], tables text[], ended jsonb[], made jsonb[],
  key_owner text, key_stream text, released_kinds text[], released_facts text[],
  claimed_kinds text[], claimed_keys text[], claimed_facts text[]
) returns table (stamp timestamptz, behind text[]) language plpgsql as $$
begin
  perform set_config('app.reads', reads, true), set_config('app.writes', writes, true);
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

revoke all on function read_streams(text, text, text[], text[], text[], text[], integer[], text[]) from public;
revoke all on function write_change(text, text, text, uuid, bytea, bytea, bytea, text[], text[], integer[], uuid[], text[],
  smallint[], date[], bytea[], bytea[], text[], text[], integer[], text[], text[], text[], jsonb[], jsonb[],
  text, text, text[], text[], text[], text[], text[]) from public;
grant execute on function read_streams(text, text, text[], text[], text[], text[], integer[], text[]) to {app};
grant execute on function write_change(text, text, text, uuid, bytea, bytea, bytea, text[], text[], integer[], uuid[], text[],
  smallint[], date[], bytea[], bytea[], text[], text[], integer[], text[], text[], text[], jsonb[], jsonb[],
  text, text, text[], text[], text[], text[], text[]) to {app};
