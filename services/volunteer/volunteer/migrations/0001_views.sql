-- What screens, indicators and the published totals read.  Fed by events alone; dropped and rebuilt at will.

create table volunteer_list (
  tenant_id       text collate "C" not null,
  volunteer_id    uuid not null,
  pilot_id        uuid,
  community       text collate "C" not null,
  background      text not null,
  is_party_member boolean not null,
  registered_on   date not null,
  primary key (tenant_id, volunteer_id)
);
select scope_table('volunteer_list');

create table activity_list (
  tenant_id        text collate "C" not null,
  activity_id      uuid not null,
  pilot_id         uuid,
  community        text collate "C" not null,
  title            text not null,
  organiser        text not null,
  planned_for      date not null,
  held_on          date,
  served           numeric,
  served_qualifier text,
  served_on        date,
  primary key (tenant_id, activity_id)
);
create index activity_list_pilot on activity_list (tenant_id, pilot_id, held_on);
select scope_table('activity_list');

create table attendance (
  tenant_id    text collate "C" not null,
  activity_id  uuid not null,
  volunteer_id uuid not null,
  party_member boolean not null,
  recorded_for date not null,
  primary key (tenant_id, activity_id, volunteer_id)
);
select scope_table('attendance');
