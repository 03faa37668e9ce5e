// The RDS events of this world: ids, categories and messages of the User Guide, USER_Events.Messages.

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
  replicationResumed: of('RDS-EVENT-0046', 'read replica', 'Replication for the Read Replica resumed'),
  replicationTerminated: of('RDS-EVENT-0057', 'read replica', 'Replication streaming has been terminated'),
  // No id is documented for it: DescribeEvents shows it, EventBridge does not.
  promoted: {
    id: undefined,
    categories: ['notification'],
    message: 'Promoted Read Replica to a stand-alone database instance',
  },
} as const satisfies Record<string, Announcement>;

export const snapshotEvents = {
  creating: of('RDS-EVENT-0040', 'creation', 'Creating manual snapshot'),
  created: of('RDS-EVENT-0042', 'creation', 'Manual snapshot created'),
  deleted: of('RDS-EVENT-0041', 'deletion', 'Deleted manual snapshot'),
  restored: of('RDS-EVENT-0043', 'restoration', 'Restored from snapshot'),
  copyStarted: of('RDS-EVENT-0059', 'notification', 'Started copy of snapshot across regions'),
  copyFinished: of('RDS-EVENT-0060', 'notification', 'Finished copy of snapshot across regions'),
  localCopyStarted: of('RDS-EVENT-0196', 'notification', 'Started local copy of snapshot'),
  localCopyFinished: of('RDS-EVENT-0197', 'notification', 'Finished local copy of snapshot'),
} as const satisfies Record<string, Announcement>;
