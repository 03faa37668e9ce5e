-- Run once on the primary, as the master user, by the client mysql or mariadb; it reaches the replica by replication. Safe to run again.
-- For RDS for MySQL 8.0.26 or later, RDS for MariaDB 10.5 or later, and Aurora MySQL 3.04 or later.
-- The user `mainstay` can do what these procedures do and nothing else. It is locked until you have given it a way in:
--   alter user mainstay identified by '…' require ssl account unlock;                          (secret)
--   alter user mainstay identified with AWSAuthenticationPlugin as 'RDS' require ssl account unlock;  (IAM, MySQL)
-- The procedures run as the master user who made them (SQL SECURITY DEFINER): keep that user.

create database if not exists mainstay;
create user if not exists mainstay account lock;

create table if not exists mainstay.heartbeat (
  only_row tinyint not null primary key default 1 check (only_row = 1),
  epoch bigint not null,
  -- The clock of the guard, read before the statement: whatever was committed earlier is earlier in the log.
  at_ms bigint not null
) engine = InnoDB;

delimiter //

drop procedure if exists mainstay.refuse_versions //
create procedure mainstay.refuse_versions() sql security invoker
begin
  declare number_now bigint default substring_index(version(), '.', 1) * 10000
    + substring_index(substring_index(version(), '.', 2), '.', -1) * 100
    + substring_index(substring_index(substring_index(version(), '-', 1), '.', 3), '.', -1);
  if (locate('MariaDB', version()) > 0 and number_now < 100500) or (locate('MariaDB', version()) = 0 and number_now < 80026) then
    signal sqlstate '45000' set message_text = 'Mainstay needs MySQL 8.0.26 or MariaDB 10.5, or later: upgrade both instances first';
  end if;
end //
call mainstay.refuse_versions() //
drop procedure mainstay.refuse_versions //

-- The write of a probe. The epoch never goes down.
drop procedure if exists mainstay.mark //
create procedure mainstay.mark(in beat_ms bigint, in beat_epoch bigint) sql security definer modifies sql data
begin
  insert into mainstay.heartbeat (only_row, epoch, at_ms) values (1, beat_epoch, beat_ms)
    on duplicate key update epoch = greatest(epoch, beat_epoch), at_ms = greatest(at_ms, beat_ms);
end //

-- The write probe, and how far the log has come (`lsn`); empty where no GTIDs are kept.
drop procedure if exists mainstay.beat //
create procedure mainstay.beat(in beat_ms bigint, in beat_epoch bigint) sql security definer modifies sql data
begin
  call mainstay.mark(beat_ms, beat_epoch);
  set @mainstay_sql = concat('select ', if(locate('MariaDB', version()) > 0, '@@global.gtid_binlog_pos', '@@global.gtid_executed'),
    ' as lsn, epoch as kept_epoch from mainstay.heartbeat');
  prepare said from @mainstay_sql;
  execute said;
  deallocate prepare said;
end //

-- What a server says of itself beside SHOW REPLICA STATUS. MariaDB counts heartbeats; MySQL keeps the times of messages
-- (docs: replication_connection_status), where the performance schema is on. What a replica gave a GTID itself came from nobody:
-- MySQL has it in gtid_executed under server_uuid; MariaDB's gtid_slave_pos has what was replicated alone, and its log the rest.
drop procedure if exists mainstay.standing //
create procedure mainstay.standing() sql security definer reads sql data
begin
  if locate('MariaDB', version()) > 0 then
    set @mainstay_sql = 'select ''mariadb'' as engine, @@global.read_only as is_read_only, @@global.gtid_slave_pos as applied,
      null as age_ms, (select variable_value from information_schema.global_status where variable_name = ''slave_received_heartbeats'') as heartbeats,
      @@global.slave_parallel_threads as appliers, 1 as keeps_order, @@global.server_id as own_id, @@global.gtid_binlog_state as logged';
  else
    set @mainstay_sql = 'select ''mysql'' as engine, @@global.read_only as is_read_only, @@global.gtid_executed as applied,
      (select timestampdiff(microsecond, greatest(last_heartbeat_timestamp, last_queued_transaction_start_queue_timestamp,
          last_queued_transaction_end_queue_timestamp, queueing_transaction_start_queue_timestamp), now(6)) / 1000
        from performance_schema.replication_connection_status where service_state = ''ON'' and channel_name = '''') as age_ms,
      null as heartbeats, @@global.replica_parallel_workers as appliers, @@global.replica_preserve_commit_order as keeps_order,
      @@global.server_uuid as own_id, null as logged';
  end if;
  prepare said from @mainstay_sql;
  execute said;
  deallocate prepare said;
end //

-- In an Aurora global database (MySQL 3.04 or later), how far the volume of each region is (docs: AuroraMySQL.Reference.ISTables). No
-- other server has that table: there this fails, and nothing may be concluded.
drop procedure if exists mainstay.volumes //
create procedure mainstay.volumes() sql security definer reads sql data
begin
  set @mainstay_sql = 'select AWS_REGION as region, HIGHEST_LSN_WRITTEN as lsn, DURABILITY_LAG_IN_MILLISECONDS as lag_ms,
    timestampdiff(microsecond, ''1970-01-01'', LAST_LAG_CALCULATION_TIMESTAMP) / 1000 as compared_ms,
    timestampdiff(microsecond, ''1970-01-01'', utc_timestamp(6)) / 1000 as asked_ms from information_schema.aurora_global_db_status';
  prepare said from @mainstay_sql;
  execute said;
  deallocate prepare said;
end //

drop procedure if exists mainstay.replica_status //
create procedure mainstay.replica_status() sql security definer reads sql data
begin
  show replica status;
end //

-- Which of these users there are, and whether a fence reaches them.
drop procedure if exists mainstay.accounts //
create procedure mainstay.accounts(in roles text) sql security definer reads sql data
begin
  select User as account, Super_priv = 'N'
      and User not in ('', 'mainstay', 'rdsadmin', 'rdsrepladmin', 'mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys') as can_be_fenced
    from mysql.user where find_in_set(cast(User as binary), cast(roles as binary)) > 0;
end //

-- Locks or opens the accounts of these users (names with commas between), whatever hosts they come from.
drop procedure if exists mainstay.set_accounts //
create procedure mainstay.set_accounts(in roles text, in how varchar(8)) sql security definer modifies sql data
begin
  declare no_more boolean default false;
  declare account_user, account_host varchar(255);
  declare accounts cursor for select User, Host from mysql.user
    where find_in_set(cast(User as binary), cast(roles as binary)) > 0
      and User not in ('', 'mainstay', 'rdsadmin', 'rdsrepladmin', 'mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys');
  declare continue handler for not found set no_more = true;
  open accounts;
  walk: loop
    fetch accounts into account_user, account_host;
    if no_more then leave walk; end if;
    set @mainstay_sql = concat('alter user ', quote(account_user), '@', quote(account_host), ' account ', how);
    prepare done from @mainstay_sql;
    execute done;
    deallocate prepare done;
  end loop;
  close accounts;
end //

-- The fence's first step: no new logins, then no old sessions. Tells how many sessions of other clients are left.
-- KILL is not the master user's to give to others' sessions: mysql.rds_kill is (docs: Appendix.MySQL.CommonDBATasks.End).
drop procedure if exists mainstay.fence //
create procedure mainstay.fence(in roles text) sql security definer modifies sql data
begin
  declare no_more boolean default false;
  declare session_id bigint;
  declare sessions cursor for select ID from information_schema.processlist
    where find_in_set(cast(USER as binary), cast(roles as binary)) > 0 and ID <> connection_id();
  declare continue handler for not found set no_more = true;
  -- It has ended by itself meanwhile.
  declare continue handler for 1094 begin end;
  call mainstay.set_accounts(roles, 'lock');
  open sessions;
  walk: loop
    fetch sessions into session_id;
    if no_more then leave walk; end if;
    call mysql.rds_kill(session_id);
  end loop;
  close sessions;
  select count(*) as sessions_left from information_schema.processlist
    where ID <> connection_id() and COMMAND not in ('Binlog Dump', 'Binlog Dump GTID', 'Daemon', 'Slave_IO', 'Slave_SQL', 'Slave_worker')
      and cast(USER as binary) not in ('mainstay', 'rdsadmin', 'rdsrepladmin', 'system user', 'event_scheduler', 'unauthenticated user');
end //

-- The way back, and the opening of a promoted replica: the lock was replicated to it if the link was up.
drop procedure if exists mainstay.open //
create procedure mainstay.open(in roles text) sql security definer modifies sql data
begin
  call mainstay.set_accounts(roles, 'unlock');
end //

delimiter ;

grant select on mainstay.heartbeat to mainstay;
grant execute on procedure mainstay.mark to mainstay;
grant execute on procedure mainstay.beat to mainstay;
grant execute on procedure mainstay.standing to mainstay;
grant execute on procedure mainstay.volumes to mainstay;
grant execute on procedure mainstay.replica_status to mainstay;
grant execute on procedure mainstay.accounts to mainstay;
grant execute on procedure mainstay.fence to mainstay;
grant execute on procedure mainstay.open to mainstay;
