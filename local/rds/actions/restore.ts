import { addThreeMembers, bringUpCluster } from '../cluster-lifecycle.ts';
import type { Context } from '../context.ts';
import { clusterSnapshotEvents, snapshotEvents } from '../event-catalogue.ts';
import { bringUp } from '../lifecycle.ts';
import { nameOf, parseArn } from '../names.ts';
import type { Params } from '../params.ts';
import { addCluster, addInstance } from '../records.ts';
import { invalidValue } from '../refusal.ts';
import { instanceXml } from '../render.ts';
import { clusterXml } from '../render-cluster.ts';
import { checkEnginePort, checkPort, commonParameters, inherited } from '../settings.ts';
import type { RegionState, Snapshot } from '../types.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';
import { clusterEngineNames, clusterPort } from './clusters.ts';

/**
 * API reference, RestoreDBInstanceFromDBSnapshot: always a new instance, with the snapshot's master user, password and key;
 * there is no KmsKeyId: an unencrypted snapshot has to be copied with a key first.
 */
export const restoreInstance: Action = (context, region, params) => {
  params.only('DBInstanceIdentifier', 'DBSnapshotIdentifier', 'DBInstanceClass', 'Engine', 'Port', ...commonParameters);
  const id = params.required('DBSnapshotIdentifier');
  const snapshot = region.snapshots.instance.get(nameOf(id, region.name, 'snapshot'));
  if (snapshot === undefined) throw words.instance.snapshotNotFound(id);
  requireUsable(context, snapshot);
  const engine = params.text('Engine') ?? snapshot.settings.engine;
  if (engine !== snapshot.settings.engine) throw invalidValue(`Engine ${engine} does not match the snapshot's engine`);
  checkEnginePort(params, engine);
  const instance = addInstance(context, region, {
    id: params.required('DBInstanceIdentifier'),
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    settings: inherited(region, params, snapshot.settings),
  });
  const { files } = snapshot;
  if (files === undefined && context.provision.serves(instance)) {
    // Planted by a test as a record only: there is nothing that could be restored.
    instance.status = 'incompatible-restore';
    return { DBInstance: instanceXml(context, instance) };
  }
  bringUp(
    context,
    instance,
    context.durations.restoreMs,
    () => context.provision.restored(instance, files!),
    () => context.announce.snapshot(snapshot, snapshotEvents.restored),
  );
  return { DBInstance: instanceXml(context, instance) };
};

/**
 * API reference, RestoreDBClusterFromSnapshot: a new cluster, without members if it is Aurora's, from a cluster snapshot, or
 * from an instance's by its ARN; a key encrypts what was not encrypted.
 */
export const restoreCluster: Action = (context, region, params) => {
  params.only(
    ...['DBClusterIdentifier', 'SnapshotIdentifier', 'Engine', 'EngineVersion', 'EngineMode', 'Port', 'KmsKeyId'],
    ...['DBClusterInstanceClass', 'DBClusterParameterGroupName', 'DatabaseName', ...commonParameters],
  );
  const snapshot = clusterSourceOf(region, params);
  requireUsable(context, snapshot);
  const engine = params.required('Engine');
  if (!clusterEngineNames.test(engine)) throw invalidValue(`Invalid DB engine: ${engine}`);
  checkPort(params, clusterPort(engine));
  const key = params.text('KmsKeyId');
  const isMultiAz = !engine.startsWith('aurora-') && engine !== 'neptune' && engine !== 'docdb';
  if (isMultiAz) params.required('DBClusterInstanceClass');
  const cluster = addCluster(context, region, {
    id: params.required('DBClusterIdentifier'),
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    isMultiAz,
    settings: {
      ...inherited(region, params, snapshot.settings),
      ...{ engine, engineVersion: params.text('EngineVersion') ?? snapshot.settings.engineVersion },
      ...(key !== undefined && { encrypted: true, kmsKeyId: context.keys.usable(region.name, key) }),
    },
  });
  if (isMultiAz) addThreeMembers(context, cluster);
  bringUpCluster(context, cluster, context.durations.restoreMs, () => {
    const events = snapshot.kind === 'cluster' ? clusterSnapshotEvents : snapshotEvents;
    context.announce.snapshot(snapshot, events.restored);
  });
  return { DBCluster: clusterXml(cluster, [], context.clock.now()) };
};

const clusterSourceOf = (region: RegionState, params: Params): Snapshot => {
  const id = params.required('SnapshotIdentifier');
  const arn = parseArn(id);
  const kind = arn?.kind === 'snapshot' ? 'instance' : 'cluster';
  const snapshot = region.snapshots[kind].get(nameOf(id, region.name, words[kind].snapshotArn));
  if (snapshot === undefined) throw words[kind].snapshotNotFound(id);
  return snapshot;
};

const requireUsable = (context: Context, snapshot: Snapshot): void => {
  if (snapshot.status !== 'available') {
    throw words[snapshot.kind].invalidSnapshotState(
      `Cannot restore from the snapshot ${snapshot.id} because it is not currently in the available state.`,
    );
  }
  if (snapshot.settings.encrypted) context.keys.usable(snapshot.region, snapshot.settings.kmsKeyId);
};
