-- Run once on the primary, as the master user; it reaches the replica by replication. Safe to run again.
-- The role `mainstay` can do what these functions do and nothing else. Give it a password (secret) or rds_iam (IAM).

do $$ begin
  if not exists (select from pg_roles where rolname = 'mainstay') then create role mainstay login; end if;
end $$;

create schema if not exists mainstay;
grant usage on schema mainstay to mainstay;

create table if not exists mainstay.heartbeat (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null,
  -- The clock of the guard, read before the statement: whatever was committed earlier is earlier in the log.
  at_ms bigint not null
);
grant select on mainstay.heartbeat to mainstay;

-- The write of a probe. The epoch never goes down.
create or replace function mainstay.mark(at_ms bigint, epoch bigint) returns void
language plpgsql security definer set search_path = pg_catalog, mainstay as $$
begin
  insert into mainstay.heartbeat as h (only_row, epoch, at_ms) values (true, mark.epoch, mark.at_ms)
  on conflict (only_row) do update set epoch = greatest(h.epoch, excluded.epoch), at_ms = greatest(h.at_ms, excluded.at_ms);
end $$;

-- The write probe, and where the log stands.
create or replace function mainstay.beat(at_ms bigint, epoch bigint) returns table (lsn text, kept_epoch bigint)
language plpgsql security definer set search_path = pg_catalog, mainstay as $$
begin
  perform mainstay.mark(beat.at_ms, beat.epoch);
  return query select pg_current_wal_insert_lsn()::text, h.epoch from mainstay.heartbeat h;
end $$;

-- What a replica's receiver heard last: a login without pg_read_all_stats sees a row without times (docs: monitoring-stats).
-- No row: nothing is received. A row without an age: it may not be seen, and nothing may be concluded from it.
create or replace function mainstay.heard() returns table (age_ms double precision)
language sql stable security definer set search_path = pg_catalog as $$
  select extract(epoch from clock_timestamp() - last_msg_receipt_time)::double precision * 1000 from pg_stat_wal_receiver
$$;

-- In an Aurora global database, how far the volume of each region is (docs: aurora_global_db_status). No other server has that
-- function: there this one fails, and nothing may be concluded.
create or replace function mainstay.volumes() returns table (region text, lsn text, lag_ms double precision, compared_ms double precision, asked_ms double precision)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query select aws_region::text, highest_lsn_written::text, durability_lag_in_msec::double precision,
      extract(epoch from last_lag_calculation_time)::double precision * 1000, extract(epoch from clock_timestamp())::double precision * 1000
    from aurora_global_db_status();
end $$;

-- The fence's first step: no new logins, then no old sessions. Returns the sessions of other clients that are left.
create or replace function mainstay.fence(roles text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare application text;
begin
  foreach application in array roles loop
    if exists (select from pg_roles where rolname = application and not rolsuper and application not like 'pg\_%' and application <> session_user) then
      execute format('alter role %I nologin', application);
    end if;
  end loop;
  perform pg_terminate_backend(pid) from pg_stat_activity where usename = any (roles) and pid <> pg_backend_pid();
  return (select count(*) from pg_stat_activity
          where backend_type = 'client backend' and pid <> pg_backend_pid() and usename not in (session_user, 'rdsadmin'));
end $$;

-- The way back, and the opening of a promoted replica: NOLOGIN was replicated to it if the link was up.
create or replace function mainstay.open(roles text[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare application text;
begin
  foreach application in array roles loop
    if exists (select from pg_roles where rolname = application and not rolcanlogin and application not like 'pg\_%') then
      execute format('alter role %I login', application);
    end if;
  end loop;
end $$;

-- What a fence by these roles would pass over, and a login that may more than it needs: one sentence each, for readiness.
create or replace function mainstay.lacks(roles text[]) returns setof text
language sql stable security definer set search_path = pg_catalog as $$
  select format('the role %s is not there', application) from unnest(roles) application
  where not exists (select from pg_roles where rolname = application)
  union all
  select format('the role %s cannot be fenced: it is a superuser, one of the system''s, or our own login', rolname) from pg_roles
  where rolname = any (roles) and (rolsuper or rolname like 'pg\_%' or rolname = session_user)
  union all
  select format('the login %s may more than it needs', session_user) from pg_roles
  where rolname = session_user and (rolsuper or rolcreaterole or rolcreatedb)
$$;

revoke all on function mainstay.mark(bigint, bigint), mainstay.beat(bigint, bigint), mainstay.heard(), mainstay.volumes(), mainstay.fence(text[]), mainstay.open(text[]), mainstay.lacks(text[]) from public;
grant execute on function mainstay.mark(bigint, bigint), mainstay.beat(bigint, bigint), mainstay.heard(), mainstay.volumes(), mainstay.fence(text[]), mainstay.open(text[]), mainstay.lacks(text[]) to mainstay;
