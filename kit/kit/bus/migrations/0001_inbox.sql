-- What a service has taken in from the bus.  Machine tables: they hold messages of every tenant that the service
-- subscribes to, without personal data, and only the subscriber reads them; so they have no row policy.

-- Which event was taken at a place: one version of one stream of one service and tenant.  Handled, or parked.
create table inbox (
  consumer text collate "C" not null, service text collate "C" not null, tenant_id text collate "C" not null,
  stream text collate "C" not null, version integer not null check (version > 0),
  event_id uuid not null, at timestamptz not null default clock_timestamp(),
  primary key (consumer, service, tenant_id, stream, version)
);
create index inbox_age on inbox (at);

-- The last message of each type that was handled of a stream.  It stays when the inbox forgets: what is not newer was
-- taken, and what does not follow it was missed.
create table heard (
  consumer text collate "C" not null, service text collate "C" not null, tenant_id text collate "C" not null,
  stream text collate "C" not null, type text collate "C" not null,
  sequence integer not null check (sequence > 0), version integer not null check (version >= sequence),
  primary key (consumer, service, tenant_id, stream, type)
);

-- How far the consumer is in the stream of `service`, that one which was made at `born`.
create table place (
  consumer text collate "C" not null, service text collate "C" not null,
  born timestamptz not null, sequence bigint not null check (sequence >= 0),
  primary key (consumer, service)
);

create table parked (
  id          bigint generated always as identity primary key,
  consumer    text collate "C" not null,
  service     text collate "C" not null,
  tenant_id   text collate "C" not null,
  stream      text collate "C" not null,
  version     integer not null,                                    -- order within a stream; 0: it has no place in one
  type        text collate "C",
  sequence    integer,
  event_id    uuid not null,
  subject     text not null check (octet_length(subject) <= 1024),
  headers     jsonb not null check (octet_length(headers::text) <= 16384),
  body        bytea not null check (octet_length(body) <= 65536),
  code        text not null,
  detail      text not null check (char_length(detail) <= 500),
  retryable   boolean not null,
  attempts    integer not null default 1,
  parked_at   timestamptz not null default clock_timestamp(),
  tried_at    timestamptz not null default clock_timestamp(),
  decision    text check (decision in ('discard', 'replace')),     -- two persons': see kit.parked-message-… in history
  done_at     timestamptz,                                         -- handled, or discarded
  check (decision is distinct from 'discard' or done_at is not null)
);
create unique index parked_once on parked (consumer, service, tenant_id, stream, version, event_id);
create index parked_waiting on parked (consumer, service, tenant_id, stream, version, id) where done_at is null;

-- Publishers of whom no more may be parked: their streams are not read on, from the message at `sequence`, until there
-- is room again.
create table shut_out (
  consumer text collate "C" not null, service text collate "C" not null,
  sequence bigint not null, since timestamptz not null default clock_timestamp(),
  primary key (consumer, service)
);

-- Messages without a place in any stream of ours, beyond those that are parked: counted between two of the publisher's
-- sequences.
create table unfit (
  consumer text collate "C" not null, service text collate "C" not null,
  count bigint not null, first bigint not null, last bigint not null check (last >= first),
  since timestamptz not null default clock_timestamp(),
  primary key (consumer, service)
);

grant select, insert, update, delete on inbox, heard, place, parked, shut_out, unfit to {app};
