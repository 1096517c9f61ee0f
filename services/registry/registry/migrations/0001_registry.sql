-- Read tables of the registry.  Every one can be dropped and filled again from the events.
-- `name_event` names the event that holds a sealed name: the box is opened from there, so that no copy outlives it.

create table tenant_list (
  tenant_id text not null, name text not null, level text not null, parent text, region text not null,
  registered_on date not null, primary key (tenant_id)
);
create table population (
  tenant_id text not null, basis text not null, year integer not null, persons bigint not null,
  primary key (tenant_id, basis, year)
);
create table unit_list (
  tenant_id text not null, unit text collate "C" not null, kind text not null, name text not null,
  parent text not null, counted boolean not null, primary key (tenant_id, unit)
);
create index unit_parent on unit_list (tenant_id, parent);

create table agency_list (
  tenant_id text not null, agency_id uuid not null, name text not null, authority text not null,
  civil_affairs boolean not null, registered_on date not null, number text not null, attested text[] not null,
  penalties integer not null default 0, failed_inspections integer not null default 0,
  refused_inspections integer not null default 0, party_organisation text, revoked_schemes uuid[] not null default '{}',
  listed_by text, listed_on date, listed_reason text, listed_pilot uuid, lifted_on date,
  listed_elsewhere text[] not null default '{}',
  primary key (tenant_id, agency_id)
);

create table worker_list (
  tenant_id text not null, worker_id uuid not null, person uuid not null, name_event uuid not null,
  major text, graduated boolean not null, agency_id uuid, employment text, impersonated boolean not null default false,
  pilot_id uuid, from_day date, to_day date, locked boolean not null default false, community text, site_id uuid,
  primary key (tenant_id, worker_id)
);
create index worker_agency on worker_list (tenant_id, agency_id);
create table qualification (
  tenant_id text not null, worker_id uuid not null, qualification_id uuid not null, level text not null,
  issued_on date not null, evidence text not null, rejected text, primary key (tenant_id, worker_id, qualification_id)
);

create table staffing_list (
  tenant_id text not null, pilot_id uuid not null, agency_id uuid, scheme_id uuid, attempts integer not null default 0,
  verified_on date, headcount integer, licensed_min integer, intermediate_min integer, sw_graduate_min integer,
  locked_min integer, licensed integer, intermediate integer, sw_graduates integer, present uuid[] not null default '{}',
  from_day date, to_day date, starters integer, breaches integer not null default 0, ended_on date, ending text,
  primary key (tenant_id, pilot_id)
);
create table staffing_attempt (
  tenant_id text not null, pilot_id uuid not null, declaration_id uuid not null, attempt integer not null,
  judged_on date not null, verified boolean not null, codes text[] not null, clauses text[] not null,
  primary key (tenant_id, pilot_id, declaration_id)
);

create table site_list (
  tenant_id text not null, site_id uuid not null, level integer not null, host text, name text not null, parent uuid,
  pilot_id uuid, pilots uuid[] not null default '{}', status text not null, square_metres numeric, provider text,
  operator uuid, staff integer not null default 0, opened_on date, closed_on date, primary key (tenant_id, site_id)
);
create index site_host on site_list (tenant_id, host);
create table site_equipment (
  tenant_id text not null, site_id uuid not null, pilot text not null, device text not null, count integer not null,
  primary key (tenant_id, site_id, pilot, device)
);
create table site_plaque (
  tenant_id text not null, site_id uuid not null, pilot text not null, plaque text not null, hung_on date not null,
  primary key (tenant_id, site_id, pilot, plaque)
);

create table linkage_standard (
  tenant_id text not null, scheme_id uuid, devices text[] not null, counts integer[] not null, seats text[] not null,
  liaisons_min integer not null, divisions text[] not null, office text not null, primary key (tenant_id)
);
create table leading_group (
  tenant_id text not null, scheme_id uuid not null, head text not null, deputy text not null,
  divisions text[] not null, districts text[] not null, office text not null, formed_on date not null,
  primary key (tenant_id, scheme_id)
);
create table conference_list (
  tenant_id text not null, street text collate "C" not null, office text not null, established_on date not null,
  opened_on date, meetings integer not null default 0, primary key (tenant_id, street)
);
create table conference_seat (
  tenant_id text not null, street text not null, seat text not null, body text not null,
  primary key (tenant_id, street, seat, body)
);
create table conference_person (
  tenant_id text not null, street text not null, duty text not null, unit text not null, person uuid not null,
  name_event uuid not null, since date not null, primary key (tenant_id, street, duty, unit, person)
);

create table finding_list (
  tenant_id text not null, finding_id uuid not null, holder uuid not null, holder_agency uuid,
  qualification_id uuid not null, claimant uuid not null, claimant_agency uuid, reported_role text not null,
  reported_tenant text not null, reported_unit text, opened_on date not null, state text not null, outcome text,
  document text, settled_on date, primary key (tenant_id, finding_id)
);

create table document_list (
  tenant_id text not null, document_id uuid not null, title text not null, issuer text not null, number text,
  published_at text not null, primary key (tenant_id, document_id)
);
create table policy_target (
  tenant_id text not null, document_id uuid not null, code text not null, title text not null, year integer not null,
  primary key (tenant_id, document_id, code)
);

-- Fed by many streams, hence by the tail.
create table workforce_member (
  tenant_id text not null, worker_id uuid not null, agency_id uuid, full_time boolean not null default false,
  graduate boolean not null default false, licences integer not null default 0, higher integer not null default 0,
  impersonated boolean not null default false, primary key (tenant_id, worker_id)
);
create index workforce_agency on workforce_member (tenant_id, agency_id);
create table workforce_licence (
  tenant_id text not null, worker_id uuid not null, qualification_id uuid not null, higher boolean not null,
  primary key (tenant_id, worker_id, qualification_id)
);
create table workforce (
  tenant_id text not null, agency text not null, workers integer not null, full_time integer not null,
  licensed integer not null, intermediate integer not null, sw_graduates integer not null,
  primary key (tenant_id, agency)
);
create table coverage_unit (
  tenant_id text not null, unit text not null, kind text not null, counted boolean not null,
  primary key (tenant_id, unit)
);
create table coverage_site (
  tenant_id text not null, site_id uuid not null, host text not null, open boolean not null,
  primary key (tenant_id, site_id)
);
create index coverage_host on coverage_site (tenant_id, host);
create table coverage (
  tenant_id text not null, kind text not null, declared integer not null, covered integer not null,
  primary key (tenant_id, kind)
);

select scope_table(name) from unnest(array[
  'tenant_list', 'population', 'unit_list', 'agency_list', 'worker_list', 'qualification', 'staffing_list',
  'staffing_attempt', 'site_list', 'site_equipment', 'site_plaque', 'linkage_standard', 'leading_group',
  'conference_list', 'conference_seat', 'conference_person', 'finding_list', 'document_list', 'policy_target',
  'workforce_member', 'workforce_licence', 'workforce', 'coverage_unit', 'coverage_site', 'coverage'
]) as name;
