-- What screens, indicators and the published totals read.  Fed by events alone; dropped and rebuilt at will.

create table service_catalogue (
  tenant_id     text collate "C" not null,
  catalogue_id  uuid not null,
  title         text not null,
  domains       integer not null,
  categories    integer not null,
  core_policies integer not null,
  extra_policies integer not null,
  declared_on   date not null,
  primary key (tenant_id, catalogue_id)
);
select scope_table('service_catalogue');

create table ledger_entry (
  tenant_id   text collate "C" not null,
  entry_id    uuid not null,
  place_id    uuid not null,
  pilot_id    uuid,
  community   text collate "C" not null,
  categories  text[] not null,
  enrolled_on date not null,
  primary key (tenant_id, entry_id)
);
create index ledger_entry_pilot on ledger_entry (tenant_id, pilot_id, enrolled_on);
select scope_table('ledger_entry');

create table home_visit (
  tenant_id  text collate "C" not null,
  visit_id   uuid not null,
  entry_id   uuid not null,
  pilot_id   uuid,
  community  text collate "C" not null,
  visited_on date not null,
  primary key (tenant_id, visit_id)
);
create index home_visit_pilot on home_visit (tenant_id, pilot_id, visited_on);
select scope_table('home_visit');

-- `stage` is the last one completed; `stage_on` the day it was.
create table case_list (
  tenant_id     text collate "C" not null,
  case_id       uuid not null,
  entry_id      uuid not null,
  place_id      uuid not null,
  pilot_id      uuid,
  community     text collate "C" not null,
  domain        text not null,
  stage         text not null,
  opened_on     date not null,
  stage_on      date not null,
  interventions integer not null default 0,
  closed_on     date,
  primary key (tenant_id, case_id)
);
create index case_list_pilot on case_list (tenant_id, pilot_id, opened_on);
select scope_table('case_list');

create table referral_list (
  tenant_id   text collate "C" not null,
  referral_id uuid not null,
  entry_id    uuid not null,
  pilot_id    uuid,
  community   text collate "C" not null,
  kind        text not null,
  policy      text,
  referred_on date not null,
  outcome     text,
  primary key (tenant_id, referral_id)
);
create index referral_list_pilot on referral_list (tenant_id, pilot_id, referred_on);
select scope_table('referral_list');

-- What happened on each day in each community.  `persons_first_visited` counts a person on the earliest day of a visit,
-- so that sums over days are distinct persons (R-KL-07).
create table service_bulletin (
  tenant_id             text collate "C" not null,
  community             text collate "C" not null,
  day                   date not null,
  ledger_persons        integer not null default 0,
  persons_first_visited integer not null default 0,
  home_visits           integer not null default 0,
  cases_opened          integer not null default 0,
  cases_closed          integer not null default 0,
  referrals             integer not null default 0,
  primary key (tenant_id, community, day)
);
select scope_table('service_bulletin');

create table bulletin_person (
  tenant_id text collate "C" not null,
  entry_id  uuid not null,
  first_on  date not null,
  primary key (tenant_id, entry_id)
);
select scope_table('bulletin_person');

-- Where each worker is placed, or was at a pilot; `tenant_id` is the city.
create table placement (
  tenant_id text collate "C" not null,
  worker_id uuid not null,
  agency_id uuid not null,
  site_id   uuid,
  pilot_id  uuid,
  placed_on date not null,
  left_on   date,
  unique nulls not distinct (tenant_id, worker_id, site_id, pilot_id)
);
create index placement_site on placement (site_id);
select scope_table('placement');
