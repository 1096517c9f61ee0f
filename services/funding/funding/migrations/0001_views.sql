-- Read tables of funding.  Each row is a pure function of events; every table can be dropped and rebuilt.

create table scheme_version (
  tenant_id text collate "C" not null,
  scheme_id uuid not null,
  number integer not null,
  title text not null,
  year integer not null,
  kind text not null,
  funding_source text not null,
  effective_from date not null,
  published_on date not null,
  terms jsonb not null,
  primary key (tenant_id, scheme_id, number)
);
select scope_table('scheme_version');

create table quota_use (
  tenant_id text collate "C" not null,
  scheme_id uuid not null,
  pilot_id uuid not null,
  district text collate "C" not null,
  taken_on date not null,
  primary key (tenant_id, scheme_id, pilot_id)
);
select scope_table('quota_use');

create table pilot_list (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  scheme_id uuid not null,
  street text not null,
  street_name text not null,
  community text not null,
  community_name text not null,
  area_m2 numeric not null,
  stage text not null,
  stage_rank integer not null,
  applied_on date not null,
  approved_on date,
  agency_id uuid,
  agreement_fen bigint,
  agreement_signed_on date,
  agreement_days_late integer,
  staffing text not null default 'none',
  staffing_reasons jsonb not null default '[]',
  workers integer not null default 0,
  licensed integer not null default 0,
  intermediate integer not null default 0,
  sw_graduates integer not null default 0,
  locked integer not null default 0,
  bound boolean not null default false,
  breaches integer not null default 0,
  started_on date,
  start_days_late integer,
  impersonation boolean not null default false,
  disqualified_agencies integer not null default 0,
  third_parties jsonb not null default '{}',
  supervisions integer not null default 0,
  self_assessed jsonb not null default '[]',
  accepted_on date,
  acceptance_failures integer not null default 0,
  rectifying boolean not null default false,
  outside_window boolean not null default false,
  acceptance_report_on date,
  rating text,
  rated_on date,
  publicity integer not null default 0,
  closed_on date,
  primary key (tenant_id, pilot_id)
);
create index pilot_list_scheme on pilot_list (tenant_id, scheme_id);
select scope_table('pilot_list');

create table pilot_worker (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  worker_id uuid not null,
  licensed boolean not null,
  intermediate boolean not null,
  sw_graduate boolean not null,
  locked boolean not null default false,
  moved boolean not null default false,
  left_on date,
  primary key (tenant_id, pilot_id, worker_id)
);
select scope_table('pilot_worker');

create table pilot_stage (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  stage text not null,
  stage_rank integer not null,
  reached_on date not null,
  primary key (tenant_id, pilot_id, stage)
);
select scope_table('pilot_stage');

create table pilot_milestone (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  code text not null,
  name text not null,
  due date not null,
  noticed_on date,
  notice text,
  primary key (tenant_id, pilot_id, code)
);
select scope_table('pilot_milestone');

create table pilot_phase (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  phase text not null,
  revision integer not null default 0,
  submitted_on date,
  confirmed_on date,
  remark text,
  reviewed_on date,
  returned boolean not null default false,
  evaluated_on date,
  evaluator text,
  scores jsonb,
  breaches integer,
  audited_on date,
  auditor text,
  opinion text,
  questioned_fen bigint,
  closed_on date,
  primary key (tenant_id, pilot_id, phase)
);
select scope_table('pilot_phase');

create table pilot_counts (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  source text not null,
  day date not null,
  totals jsonb not null,
  primary key (tenant_id, pilot_id, source)
);
select scope_table('pilot_counts');

create table budget_account (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  scheme_id uuid not null,
  scheme_version integer not null,
  allotted_fen bigint not null,
  instalments integer not null default 0,
  frozen boolean not null default false,
  primary key (tenant_id, pilot_id)
);
select scope_table('budget_account');

create table budget_line (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  line text not null,
  position integer not null,
  scheme_id uuid not null,
  held_by text not null,
  cap_fen bigint not null,
  appropriated_fen bigint not null default 0,
  spent_fen bigint not null default 0,
  primary key (tenant_id, pilot_id, line)
);
select scope_table('budget_line');

create table budget_expense (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  expense_id uuid not null,
  scheme_id uuid not null,
  line text not null,
  purpose text not null,
  kind text not null,
  amount_fen bigint not null,
  reversed_fen bigint not null default 0,
  booked_by text not null,
  booked_on date not null,
  worker_id uuid,
  wage_grade integer,
  phase text,
  third_party text,
  outside_term boolean not null,
  voucher uuid,
  late_booking boolean not null,
  primary key (tenant_id, pilot_id, expense_id)
);
select scope_table('budget_expense');

create table agency_standing (
  tenant_id text collate "C" not null,
  agency_id uuid not null,
  name text,
  facts jsonb,
  barred boolean not null default false,
  listed_by jsonb not null default '[]',
  lost_schemes jsonb not null default '[]',
  primary key (tenant_id, agency_id)
);
select scope_table('agency_standing');

create table agency_assignment (
  tenant_id text collate "C" not null,
  agency_id uuid not null,
  pilot_id uuid not null,
  scheme_id uuid not null,
  assigned_on date not null,
  ended_on date,
  reason text,
  primary key (tenant_id, agency_id, pilot_id)
);
select scope_table('agency_assignment');

-- Fed by all pilots and budgets of a district: kept by the tail, never inside an append.
create table district_pilot (
  tenant_id text collate "C" not null,
  pilot_id uuid not null,
  scheme_id uuid not null,
  running boolean not null default false,
  primary key (tenant_id, pilot_id)
);
select scope_table('district_pilot');

create table district_budget (
  tenant_id text collate "C" not null,
  scheme_id uuid not null,
  applied integer not null default 0,
  approved integer not null default 0,
  running integer not null default 0,
  closed integer not null default 0,
  allotted_fen bigint not null default 0,
  appropriated_fen bigint not null default 0,
  spent_fen bigint not null default 0,
  primary key (tenant_id, scheme_id)
);
select scope_table('district_budget');
