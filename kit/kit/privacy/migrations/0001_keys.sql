-- The key database of one service: apart from the events that its keys open, with backups of its own.
-- Run by its own role whenever a vault opens, so every statement may run again.

create table if not exists data_key (
    tenant_id   text        not null,
    person_id   uuid        not null,
    key_id      uuid        not null,
    kek_id      text        not null,
    wrapped     bytea       not null check (length(wrapped) = 40),    -- RFC 3394 over 32 bytes
    commitment  bytea       not null check (length(commitment) = 32),
    created_at  timestamptz not null default now(),
    retired_at  timestamptz,                                          -- still opens, no longer seals
    primary key (tenant_id, key_id)
);

-- Racing writers find each other here: one key seals for a person at a time.
create unique index if not exists data_key_current on data_key (tenant_id, person_id) where retired_at is null;
create index if not exists data_key_person on data_key (tenant_id, person_id);

create table if not exists index_secret (
    only_one    boolean     primary key default true check (only_one),
    kek_id      text        not null,
    wrapped     bytea       not null check (length(wrapped) = 40),
    created_at  timestamptz not null default now()
);
