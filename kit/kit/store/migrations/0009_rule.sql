-- What a fact or a refusal rests on is the rule, by our id of it, and the paragraph of the plan that states it.  History
-- is asked for by the rule; a paragraph is shown, and is null where no plan was in sight or the plan names none.
create or replace function fits(
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
          || exists(@.basis.scheme) && exists(@.basis.version) && exists(@.basis.rule) && exists(@.basis.clause)))',
    jsonb_build_object(
      'tenant', tenant, 'stream', stream, 'version', version, 'id', id, 'command', command, 'type', type,
      'schema', schema, 'occurred_on', occurred, 'recorded_at', public.stamp_text(at)), true);
end $$;

alter table event rename column clause to rule;
alter index event_clause rename to event_rule;
create or replace function say_beside() returns trigger language plpgsql as $$
declare said jsonb := convert_from(new.raw, 'UTF8')::jsonb;
begin
  new.actor_id := said #>> '{actor,id}';
  new.actor_role := said #>> '{actor,role}';
  new.rule := said #>> '{basis,rule}';
  new.causation := said ->> 'causation';
  new.action := nullif(current_setting('app.action', true), '');
  return new;
end $$;

alter table refusal rename column clause to rule;
alter table refusal add column clause text check (char_length(clause) <= 500);
drop function refuse(text, uuid, text, text, text, text[], jsonb, date, text, text);
-- The row of a refused command.  The same command refused again for the same reason leaves no second row.  `detail` is
-- the sentence that it was answered with, `clause` the plan's paragraph; an older release gives neither.
create function refuse(
  owner text, command uuid, code text, rule text, action text, streams text[], actor jsonb, day date, trace text,
  detail text default null, clause text default null
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
  insert into refusal
    (tenant_id, command_id, code, era, rule, clause, action, streams, actor, occurred_on, recorded_at, trace, detail)
  values (owner, command, code, place.era, rule, clause, action, streams, actor, day, place.at, trace, detail)
  on conflict do nothing;
end $$;
revoke all on function refuse(text, uuid, text, text, text, text[], jsonb, date, text, text, text) from public;
grant execute on function refuse(text, uuid, text, text, text, text[], jsonb, date, text, text, text) to {app};
