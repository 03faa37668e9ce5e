import type { Kind } from './inventory.ts';

// docs: accessing-monitoring (DB instance status) and API_CreateDBSnapshot ("available or storage-optimization").
// Only what is known to be hopeless is not asked; what passes by itself is deferred; an unknown word is tried once, for
// RDS adds states, and the answer tells.

const READY = new Set(['available', 'storage-optimization']);
const UNUSABLE = new Set([
  'creating',
  'deleting',
  'delete-precheck',
  'failed',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'insufficient-capacity',
  'restore-error',
  'stopped',
  'stopping',
  'cloning-failed',
  'migration-failed',
]);
const PASSING = new Set([
  'backing-up',
  'maintenance',
  'migrating',
  'modifying',
  'moving-to-vpc',
  'promoting',
  'rebooting',
  'renaming',
  'resetting-master-credentials',
  'starting',
  'storage-config-upgrade',
  'storage-full',
  'storage-initialization',
  'update-iam-db-auth',
  'upgrading',
  'failing-over',
]);

export type Readiness = 'ready' | 'passing' | 'unusable' | 'unknown';

/** Whether a database in this state can be snapshotted now. */
export const readinessOf = (status: string): Readiness => {
  if (READY.has(status)) return 'ready';
  if (UNUSABLE.has(status) || status.startsWith('incompatible-')) return 'unusable';
  if (PASSING.has(status) || status.startsWith('configuring-')) return 'passing';
  return 'unknown';
};

/** True for one that somebody stopped: its data does not change, so its newest snapshot does not grow stale. */
export const isAtRest = (status: string): boolean => status === 'stopped' || status === 'stopping';

/** True for one that is not there yet, or soon no more. */
export const isComingOrGoing = (status: string): boolean => /^(creating|deleting|delete-precheck)$/.test(status);

/** Why an engine's databases are never snapshotted here, or undefined. A deny-list: a new engine is backed up from its first day. */
export const deniedEngine = (engine: string): string | undefined =>
  // DescribeDBClusters and DescribeDBInstances also return these two, which are other services.
  /^(neptune|docdb)/.test(engine) ? `${engine} is another service's` : undefined;

/** True for the one kind of replica of which RDS takes no snapshot (docs: USER_ReadRepl, SQL Server). */
export const isUnsupportedReplica = (kind: Kind, engine: string): boolean =>
  kind === 'instance' && /sqlserver/.test(engine);

// docs: API_DBSnapshot and the SDK's waiters — these never become available.
const ENDED = new Set(['failed', 'deleting', 'deleted', 'incompatible-restore', 'incompatible-parameters']);

/** True for a snapshot's state that is an end, and no backup. */
export const isAtEnd = (status: string): boolean => ENDED.has(status);
