-- What whoever runs the platform asks of a service (GET /v1/operations), of all tenants and without a word of any.

-- When the rows of each view were last filled again: written in the transaction that puts them in their place.  `revision`
-- is the view's; the table of bureaus has none.
create table rebuilt (
  name text collate "C" primary key, revision integer, started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(), events bigint not null check (events >= 0),
  check (started_at <= finished_at)
);
grant select, insert, update on rebuilt to {rebuild};
grant select on rebuilt to {app};

-- Where the relay is: whether its cursor stands where no settled event is, how many events lie behind it (counted up to
-- 10,000), when the oldest of these was recorded, and the one that the cursor stands on.  By the owner, because the
-- application sees the events of a scope only; it answers no event.
create function relay_lag(out astray boolean, out waiting integer, out oldest timestamptz, out passed timestamptz)
  language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set jit = off as $$
declare
  at_era smallint := 0;
  at_tx xid8 := '0';
  at_pos bigint := 0;
begin
  select c.era, c.tx, c.pos into at_era, at_tx, at_pos from tail_cursor c where (c.name, c.revision) = ('relay', 1);
  at_era := coalesce(at_era, 0);
  at_tx := coalesce(at_tx, '0');
  at_pos := coalesce(at_pos, 0);
  astray := not is_settled(at_era, at_tx, at_pos);
  passed := (select e.recorded_at from event e where (e.era, e.tx, e.pos) = (at_era, at_tx, at_pos));
  oldest := (select e.recorded_at from event e where (e.era, e.tx, e.pos) > (at_era, at_tx, at_pos)
             order by e.era, e.tx, e.pos limit 1);
  waiting := (select count(*) from (select from event e where (e.era, e.tx, e.pos) > (at_era, at_tx, at_pos)
              order by e.era, e.tx, e.pos limit 10000) as behind);
end $$;
revoke all on function relay_lag() from public;
grant execute on function relay_lag() to {app};
