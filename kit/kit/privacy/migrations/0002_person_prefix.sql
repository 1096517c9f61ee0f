-- By what people are looked for: keyed HMACs of every beginning of a name, beside the key that sealed the name.  They are
-- here and not beside the events, so that whoever deletes the key deletes them, and no copy of the events holds any.
create table person_prefix (
    tenant_id   text        not null,
    prefix      bytea       not null check (octet_length(prefix) = 16),
    key_id      uuid        not null,
    person_id   uuid        not null,
    primary key (tenant_id, prefix, key_id),
    foreign key (tenant_id, key_id) references data_key on delete cascade
);
create index person_prefix_key on person_prefix (tenant_id, key_id);

grant select, insert on person_prefix to {keys};
