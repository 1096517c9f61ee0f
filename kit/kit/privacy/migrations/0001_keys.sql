-- The key database of one service: apart from the events that its keys open, with backups of its own.  Applied by its
-- owner; {keys} is the service's role, which adds and destroys keys, and changes none.

revoke all on schema public from public;
grant usage on schema public to {keys};

-- `suite` says by what a key seals and how it is wrapped; lengths are the suite's business.
create table data_key (
    tenant_id   text        not null,
    person_id   uuid        not null,
    key_id      uuid        not null,
    suite       text        not null,
    kek_id      text        not null,
    wrapped     bytea       not null check (octet_length(wrapped) between 16 and 1024),
    commitment  bytea       not null check (octet_length(commitment) between 16 and 64),
    created_at  timestamptz not null default now(),
    retired_at  timestamptz,                                          -- still opens, no longer seals
    primary key (tenant_id, key_id)
);

-- Racing writers find each other here: one key seals for a person at a time.
create unique index data_key_current on data_key (tenant_id, person_id) where retired_at is null;
create index data_key_person on data_key (tenant_id, person_id);

create table index_secret (
    only_one    boolean     primary key default true check (only_one),
    suite       text        not null,
    kek_id      text        not null,
    wrapped     bytea       not null check (octet_length(wrapped) between 16 and 1024),
    created_at  timestamptz not null default now()
);

grant select, insert, delete on data_key to {keys};
grant select, insert on index_secret to {keys};
