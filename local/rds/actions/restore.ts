import type { Context } from '../context.ts';
import { snapshotEvents } from '../event-catalogue.ts';
import { bringUp } from '../lifecycle.ts';
import { kmsKeyArn, nameOf, parseArn } from '../names.ts';
import { mergeTags } from '../params.ts';
import { addInstance, addSnapshot } from '../records.ts';
import { invalidSnapshotState, invalidValue, RdsRefusal, snapshotNotFound } from '../refusal.ts';
import { instanceXml, snapshotXml } from '../render.ts';
import type { RegionState, Snapshot } from '../types.ts';
import type { Action } from './instances.ts';

/** API reference, RestoreDBInstanceFromDBSnapshot: always a new instance, with the snapshot's master user and password. */
export const restoreInstance: Action = (context, region, params) => {
  params.only(
    ...[
      'DBInstanceIdentifier',
      'DBSnapshotIdentifier',
      'DBInstanceClass',
      'VpcSecurityGroupIds',
      'DBSubnetGroupName',
      'Tags',
    ],
    ...['MultiAZ', 'PubliclyAccessible', 'DeletionProtection', 'CopyTagsToSnapshot', 'StorageType', 'Engine'],
    ...['EnableIAMDatabaseAuthentication', 'AutoMinorVersionUpgrade'],
  );
  const id = params.required('DBSnapshotIdentifier');
  const snapshot = region.snapshots.get(nameOf(id, region.name, 'snapshot'));
  if (snapshot === undefined) throw snapshotNotFound(id);
  requireUsable(snapshot, 'restore from');
  const instance = addInstance(context, region, {
    id: params.required('DBInstanceIdentifier'),
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    settings: {
      ...snapshot.settings,
      instanceClass: params.text('DBInstanceClass') ?? snapshot.settings.instanceClass,
      storageType: params.text('StorageType') ?? snapshot.settings.storageType,
      multiAz: params.flag('MultiAZ') ?? false,
      iamAuthentication: params.flag('EnableIAMDatabaseAuthentication') ?? snapshot.settings.iamAuthentication,
      deletionProtection: params.flag('DeletionProtection') ?? false,
      copyTagsToSnapshot: params.flag('CopyTagsToSnapshot') ?? false,
    },
  });
  const { files } = snapshot;
  if (files === undefined && snapshot.settings.engine === 'postgres') {
    // Planted by a test as a record only: there is nothing that could be restored.
    instance.status = 'incompatible-restore';
    return { DBInstance: instanceXml(instance, context.account) };
  }
  bringUp(
    context,
    instance,
    context.durations.restoreMs,
    () => context.provision.restored(instance, files!),
    () => context.announce.snapshot(snapshot, snapshotEvents.restored),
  );
  return { DBInstance: instanceXml(instance, context.account) };
};

const requireUsable = (snapshot: Snapshot, doing: string): void => {
  if (snapshot.status !== 'available') {
    throw invalidSnapshotState(
      `Cannot ${doing} the snapshot ${snapshot.id} because it is not currently in the available state.`,
    );
  }
};

/** Copies in progress to one region, at most (User Guide, USER_CopySnapshot, Limitations). */
const mostCopies = 20;

/** API reference, CopyDBSnapshot: called in the destination region; the source is an ARN if it is elsewhere. */
export const copySnapshot: Action = (context, region, params) => {
  params.only('SourceDBSnapshotIdentifier', 'TargetDBSnapshotIdentifier', 'KmsKeyId', 'CopyTags', 'Tags');
  const source = sourceOf(context, region, params.required('SourceDBSnapshotIdentifier'));
  requireUsable(source, 'copy');
  const key = params.text('KmsKeyId');
  const isElsewhere = source.region !== region.name;
  if (source.settings.encrypted && isElsewhere && key === undefined) {
    throw invalidValue('Must specify new KMS key for cross region encrypted snapshot copy.');
  }
  const underWay = [...region.snapshots.values()].filter(
    (one) => one.status === 'creating' && one.sourceSnapshotArn !== undefined,
  );
  if (underWay.length >= mostCopies) {
    throw new RdsRefusal('SnapshotQuotaExceeded', `Cannot copy more than ${mostCopies} snapshots across regions`);
  }
  const isEncrypted = source.settings.encrypted || key !== undefined;
  const snapshot = addSnapshot(context, region, {
    ...{ id: params.required('TargetDBSnapshotIdentifier'), parameter: 'TargetDBSnapshotIdentifier', copyOf: source },
    ...{ instanceId: source.instanceId, resourceId: source.resourceId, durationMs: context.durations.copyMs },
    settings: {
      ...source.settings,
      encrypted: isEncrypted,
      kmsKeyId: key !== undefined ? kmsKeyArn(region.name, context.account, key) : source.settings.kmsKeyId,
    },
    tags: mergeTags([], params.tags() ?? (params.flag('CopyTags') ? source.tags : [])),
  });
  fillCopy(context, source, snapshot, isElsewhere);
  return { DBSnapshot: snapshotXml(snapshot, context.clock.now()) };
};

const fillCopy = (context: Context, source: Snapshot, snapshot: Snapshot, isElsewhere: boolean): void => {
  const { announce, clock } = context;
  announce.snapshot(snapshot, isElsewhere ? snapshotEvents.copyStarted : snapshotEvents.localCopyStarted);
  context.begin(
    async () => {
      const copying =
        source.files && context.provision.copy(source.files, `${snapshot.region}-${snapshot.id}`.slice(0, 100));
      [snapshot.files] = await Promise.all([copying, clock.sleep(snapshot.durationMs)]);
      if (context.regions.get(source.region)?.snapshots.get(source.id) !== source) {
        snapshot.status = 'failed'; // the source was deleted under the copy
        return;
      }
      snapshot.createdAt = clock.now();
      snapshot.status = 'available';
      announce.snapshot(snapshot, isElsewhere ? snapshotEvents.copyFinished : snapshotEvents.localCopyFinished);
    },
    () => {
      snapshot.status = 'failed';
    },
  );
};

const sourceOf = (context: Context, region: RegionState, id: string): Snapshot => {
  const arn = parseArn(id);
  const home = arn === undefined ? region : context.regions.get(arn.region);
  const snapshot = home?.snapshots.get(arn === undefined ? id.toLowerCase() : arn.id);
  if (snapshot === undefined) throw snapshotNotFound(id);
  return snapshot;
};
