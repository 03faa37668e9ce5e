// The RDS events of this world: ids, categories and messages of the User Guide, USER_Events.Messages.
import type { Kind } from './types.ts';

export type Announcement = {
  readonly id: string | undefined;
  readonly categories: readonly string[];
  readonly message: string;
};

const of = (id: string, category: string, message: string): Announcement => ({ id, categories: [category], message });

export const instanceEvents = {
  created: of('RDS-EVENT-0005', 'creation', 'DB instance created'),
  deleted: of('RDS-EVENT-0003', 'deletion', 'DB instance deleted'),
  shutdown: of('RDS-EVENT-0004', 'availability', 'DB instance shutdown'),
  restarted: of('RDS-EVENT-0006', 'availability', 'DB instance restarted'),
  stopped: of('RDS-EVENT-0087', 'notification', 'DB instance stopped'),
  started: of('RDS-EVENT-0088', 'notification', 'DB instance started'),
  startedAfterSevenDays: of(
    'RDS-EVENT-0154',
    'notification',
    'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
  ),
  backingUp: of('RDS-EVENT-0001', 'backup', 'Backing up DB instance'),
  backedUp: of('RDS-EVENT-0002', 'backup', 'Finished DB instance backup'),
  recoveryStarted: of(
    'RDS-EVENT-0020',
    'recovery',
    'Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.',
  ),
  recoveryComplete: of('RDS-EVENT-0021', 'recovery', 'Recovery of the DB instance is complete.'),
  failed: of(
    'RDS-EVENT-0031',
    'failure',
    'DB instance put into failed. RDS recommends that you initiate a point-in-time-restore.',
  ),
  credentialsReset: of('RDS-EVENT-0016', 'configuration change', 'Reset master credentials'),
  backupsDisabled: of('RDS-EVENT-0028', 'configuration change', 'Disabled automated backups'),
  backupsEnabled: of('RDS-EVENT-0032', 'configuration change', 'Enabled automated backups'),
  replicaFailed: of('RDS-EVENT-0202', 'read replica', 'Read replica creation failed'),
  replicationResumed: of('RDS-EVENT-0046', 'read replica', 'Replication for the Read Replica resumed'),
  replicationTerminated: of('RDS-EVENT-0057', 'read replica', 'Replication streaming has been terminated'),
  // No id is documented for it: DescribeEvents shows it, EventBridge does not.
  promoted: {
    id: undefined,
    categories: ['notification'],
    message: 'Promoted Read Replica to a stand-alone database instance',
  },
} as const satisfies Record<string, Announcement>;

const unnumbered = (category: string, message: string): Announcement => ({
  id: undefined,
  categories: [category],
  message,
});

export const clusterEvents = {
  created: of('RDS-EVENT-0170', 'creation', 'DB cluster created'),
  deleted: of('RDS-EVENT-0171', 'deletion', 'DB cluster deleted'),
  stopped: of('RDS-EVENT-0150', 'notification', 'DB cluster stopped'),
  started: of('RDS-EVENT-0151', 'notification', 'DB cluster started'),
  credentialsReset: of('RDS-EVENT-0016', 'configuration change', 'Reset master credentials'),
} as const satisfies Record<string, Announcement>;

type Named = { readonly id: string; readonly region: string };
const inRegion = ({ id, region }: Named): string => `DB cluster ${id} in Region ${region}`;
const global = (id: string, message: string): Announcement => of(id, 'global failover', message);
// Of DB instances, where all others here are of clusters; one category or two, the page does not say.
const block = (id: string, message: string): Announcement => of(id, 'notification, global database', message);

/** Of global databases (Aurora User Guide, USER_Events.Messages); 0228 is on no page: AWS's sample of endpoint automation waits for it. */
export const globalEvents = {
  switchoverStarted: (to: Named) => global('RDS-EVENT-0181', `Global switchover to ${inRegion(to)} started.`),
  oldPrimaryShutDown: (old: Named) => global('RDS-EVENT-0182', `Old primary ${inRegion(old)} successfully shut down.`),
  synchronizing: global(
    'RDS-EVENT-0183',
    'Waiting for data synchronization across global cluster members. Current lags behind primary DB cluster: 0.',
  ),
  newPrimaryPromoted: (to: Named) => global('RDS-EVENT-0184', `New primary ${inRegion(to)} was successfully promoted.`),
  switchoverFinished: (to: Named) => global('RDS-EVENT-0185', `Global switchover to ${inRegion(to)} finished.`),
  switchoverCancelled: (to: Named) => global('RDS-EVENT-0186', `Global switchover to ${inRegion(to)} is cancelled.`),
  switchoverFailed: (to: Named) => global('RDS-EVENT-0187', `Global switchover to ${inRegion(to)} failed.`),
  failoverCompleted: (to: Named) => global('RDS-EVENT-0238', `Global failover to ${inRegion(to)} completed.`),
  failoverFailed: (to: Named) => global('RDS-EVENT-0239', `Global failover to ${inRegion(to)} failed.`),
  resyncStarted: (of: Named) =>
    global('RDS-EVENT-0240', `Started resynchronizing members of ${inRegion(of)} after global failover.`),
  resyncFinished: (of: Named) =>
    global('RDS-EVENT-0241', `Finished resynchronizing members of ${inRegion(of)} after global failover.`),
  endpointMoved: global(
    'RDS-EVENT-0397',
    'Aurora finished changing the DNS name that the global writer endpoint resolves to.',
  ),
  detached: global('RDS-EVENT-0228', 'The DB cluster was removed from its global database and takes writes.'),
  writesBlocked: (old: Named) => block('RDS-EVENT-0390', `Attempt to block writes for ${inRegion(old)} succeeded.`),
  writesNotBlocked: (old: Named) => block('RDS-EVENT-0391', `Attempt to block writes for ${inRegion(old)} timed out.`),
} as const satisfies Record<string, Announcement | ((cluster: Named) => Announcement)>;

/** Cluster snapshots have another category; no ids are documented for their copies, deletions and restorations. */
export const clusterSnapshotEvents = {
  creating: of('RDS-EVENT-0074', 'backup', 'Creating manual cluster snapshot'),
  created: of('RDS-EVENT-0075', 'backup', 'Manual cluster snapshot created'),
  automatedCreating: of('RDS-EVENT-0168', 'backup', 'Creating automated cluster snapshot'),
  automatedCreated: of('RDS-EVENT-0169', 'backup', 'Automated cluster snapshot created'),
  deleted: unnumbered('deletion', 'Deleted manual cluster snapshot'),
  restored: unnumbered('restoration', 'Restored from cluster snapshot'),
  copyStarted: unnumbered('notification', 'Started copy of cluster snapshot across regions'),
  copyFinished: unnumbered('notification', 'Finished copy of cluster snapshot across regions'),
  copyCanceled: unnumbered('notification', 'Canceled copy of cluster snapshot across regions'),
  localCopyStarted: unnumbered('notification', 'Started local copy of cluster snapshot'),
  localCopyFinished: unnumbered('notification', 'Finished local copy of cluster snapshot'),
  localCopyCanceled: unnumbered('notification', 'Canceled local copy of cluster snapshot'),
} as const satisfies Record<string, Announcement>;

export const snapshotEvents = {
  automatedCreating: of('RDS-EVENT-0090', 'creation', 'Creating automated snapshot'),
  automatedCreated: of('RDS-EVENT-0091', 'creation', 'Automated snapshot created'),
  creating: of('RDS-EVENT-0040', 'creation', 'Creating manual snapshot'),
  created: of('RDS-EVENT-0042', 'creation', 'Manual snapshot created'),
  deleted: of('RDS-EVENT-0041', 'deletion', 'Deleted manual snapshot'),
  restored: of('RDS-EVENT-0043', 'restoration', 'Restored from snapshot'),
  copyStarted: of('RDS-EVENT-0059', 'notification', 'Started copy of snapshot across regions'),
  copyFinished: of('RDS-EVENT-0060', 'notification', 'Finished copy of snapshot across regions'),
  copyCanceled: of('RDS-EVENT-0061', 'notification', 'Canceled copy of snapshot across regions'),
  localCopyStarted: of('RDS-EVENT-0196', 'notification', 'Started local copy of snapshot'),
  localCopyFinished: of('RDS-EVENT-0197', 'notification', 'Finished local copy of snapshot'),
  localCopyCanceled: of('RDS-EVENT-0190', 'notification', 'Canceled local copy of snapshot'),
} as const satisfies Record<string, Announcement>;

/** What happens to a snapshot, by whether it is a cluster's. */
export const snapshotEventsOf = (kind: Kind) => (kind === 'instance' ? snapshotEvents : clusterSnapshotEvents);
