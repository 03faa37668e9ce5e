import { type Evidence, reportOf } from './evidence.ts';
import type { Policy } from './policy.ts';
import { hasAll } from './position.ts';
import { blocked, type Finding, warning } from './readiness-finding.ts';

/** The script that a pair's owner runs once, by its engine. */
export const setupOf = ({ engine = 'postgres' }: Pick<Policy, 'engine'>): string =>
  engine === 'postgres' ? 'setup.sql' : 'setup.mysql.sql';

/** What is amiss in how a replica of MySQL or MariaDB applies its source's log; undefined where nothing is known to be. */
export const replicationFinding = (
  { guard, replica }: Evidence,
  { kind, engine }: Pick<Policy, 'kind' | 'engine'>,
): Finding | undefined => {
  const [word, one] = [reportOf(guard), reportOf(replica)];
  if (one?.unsettled === 'out-of-order') {
    return blocked(
      'The replica applies transactions in another order than its source: a loss could not be bounded.',
      'Set replica_preserve_commit_order (MySQL), or slave_parallel_threads to 0 while there is more than one GTID domain (MariaDB).',
    );
  }
  if (one?.inRecovery === false && kind === 'aurora-global') {
    return blocked(
      'The secondary takes writes of its own: it is no part of the global database any more.',
      'Look at the global database (aws rds describe-global-clusters), and for rows that only it has.',
    );
  }
  if (one?.inRecovery === false) {
    return blocked(
      'The replica takes writes of its own.',
      'Give read_only in its parameter group the value {TrueIfReplica} or 1, and look for rows that only it has.',
    );
  }
  if (one?.errant !== undefined) {
    return blocked(
      `The replica has transactions of its own, which its source never had: ${one.errant}.`,
      'Find out what wrote there, and build the replica anew: until then a failover waits for force --accept divergence.',
    );
  }
  // A position has everything up to itself; what is none has nothing.
  const isPosition = word?.write.kind !== 'wrote' || hasAll(word.write.lsn, word.write.lsn) === true;
  if (!isPosition && kind === 'aurora-global') {
    return warning(
      'Aurora does not say how far the volume of the leader is: a failover is possible, and a switchover is not.',
      'Run the setup script of this release on the leader; Aurora MySQL tells it from version 3.04 on.',
    );
  }
  if (!isPosition) {
    return warning(
      'The leader keeps no GTIDs: a failover is possible, and a switchover is not.',
      'Set gtid_mode and enforce_gtid_consistency to ON in the parameter groups of both.',
    );
  }
  // Only where the server tells no time, marks and looks must do (replica-status.ts). MariaDB counts heartbeats beside.
  if (engine === 'mysql' && kind !== 'aurora-global' && one?.mayHearAgeMs !== undefined) {
    return warning(
      'The replica does not say when it last heard: of a leader that is gone its silence counts only when its connection ends (slave_net_timeout, 60 s).',
      'Set performance_schema to 1 in the parameter group of the replica, and reboot it.',
    );
  }
  return undefined;
};
