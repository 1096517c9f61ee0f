-- What a service has taken in from the bus.  Machine tables: they hold messages of every tenant that the service
-- subscribes to, without personal data, and only the subscriber reads them; so they have no row policy.

create table inbox (
  consumer text collate "C" not null, event_id uuid not null, at timestamptz not null default clock_timestamp(),
  primary key (consumer, event_id)
);
create index inbox_age on inbox (at);

create table parked (
  id          bigint generated always as identity primary key,     -- order within a stream
  consumer    text collate "C" not null,
  tenant_id   text collate "C" not null,
  service     text collate "C" not null,
  stream      text collate "C" not null,
  event_id    uuid not null,
  subject     text not null check (octet_length(subject) <= 1024),
  headers     jsonb not null,
  body        bytea not null check (octet_length(body) <= 65536),
  code        text not null,
  detail      text not null check (char_length(detail) <= 500),
  retryable   boolean not null,
  attempts    integer not null default 1,
  parked_at   timestamptz not null default clock_timestamp(),
  tried_at    timestamptz not null default clock_timestamp(),
  redriven_at timestamptz,
  unique (consumer, event_id)
);
create index parked_waiting on parked (consumer, tenant_id, service, stream, id) where redriven_at is null;

grant select, insert, update, delete on inbox, parked to {app};
