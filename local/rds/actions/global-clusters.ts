// Aurora global databases by API (API reference: CreateGlobalCluster and those after it).
import { list, type XmlValue } from '../../xml.ts';
import { type Context, clusterOf, requireAvailable } from '../context.ts';
import {
  clusterAt,
  type GlobalCluster,
  globalOf,
  invalidGlobalState,
  partOf,
  runningMember,
  writerOf,
} from '../global-clusters.ts';
import { detach, failOver, switchOver } from '../global-lifecycle.ts';
import { arnOf, checkIdentifier, longestDatabase, parseArn, resourceIdFrom } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { Params } from '../params.ts';
import { invalidCombination, invalidValue, RdsRefusal } from '../refusal.ts';
import { tagsXml } from '../render.ts';
import type { Cluster, RegionState } from '../types.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';

/** One GlobalCluster. Its writer endpoint leads to whoever is the primary, a while after every change. */
const globalXml = (context: Context, global: GlobalCluster): XmlValue => ({
  GlobalClusterIdentifier: global.id,
  GlobalClusterResourceId: global.resourceId,
  GlobalClusterArn: global.arn,
  Status: global.status,
  Engine: global.engine,
  EngineVersion: writerOf(context, global)?.settings.engineVersion ?? global.engineVersion,
  DatabaseName: global.databaseName,
  StorageEncrypted: global.encrypted,
  DeletionProtection: global.deletionProtection,
  GlobalClusterMembers: list(
    'GlobalClusterMember',
    global.members.map((member) => ({
      DBClusterArn: arnOf(member.ref.region, context.account, 'cluster', member.ref.id),
      Readers: list(
        'member',
        member.isWriter
          ? global.members
              .filter((one) => one !== member)
              .map(({ ref }) => arnOf(ref.region, context.account, 'cluster', ref.id))
          : [],
      ),
      IsWriter: member.isWriter,
      SynchronizationStatus: member.sync,
    })),
  ),
  Endpoint: `${global.id}.global-c9example.global.rds.amazonaws.com`,
  FailoverState: global.failover && {
    Status: global.failover.status,
    FromDbClusterArn: global.failover.from,
    ToDbClusterArn: global.failover.to,
    IsDataLossAllowed: global.failover.isDataLossAllowed,
  },
  TagList: tagsXml(global.tags),
});

const answer = (context: Context, global: GlobalCluster): XmlValue => ({ GlobalCluster: globalXml(context, global) });

/** API reference, CreateGlobalCluster: of a cluster that is there and becomes the primary, or empty. */
export const createGlobal: Action = (context, region, params) => {
  params.only(
    ...['GlobalClusterIdentifier', 'SourceDBClusterIdentifier', 'Engine', 'EngineVersion', 'DeletionProtection'],
    ...['DatabaseName', 'StorageEncrypted', 'Tags'],
  );
  const id = checkIdentifier('GlobalClusterIdentifier', params.required('GlobalClusterIdentifier'), longestDatabase);
  if (context.globals.get(id) !== undefined)
    throw new RdsRefusal('GlobalClusterAlreadyExistsFault', `Global cluster ${id} already exists`);
  const source = sourceOf(context, region, params);
  const engine = source?.settings.engine ?? params.required('Engine');
  if (!/^aurora-(mysql|postgresql)$/.test(engine)) throw invalidValue(`Invalid engine of a global cluster: ${engine}`);
  const global: GlobalCluster = {
    ...{ id, engine, arn: `arn:aws:rds::${context.account}:global-cluster:${id}` },
    resourceId: resourceIdFrom('cluster-', context.random),
    engineVersion: source?.settings.engineVersion ?? params.text('EngineVersion') ?? '1.0',
    databaseName: source?.settings.databaseName ?? params.text('DatabaseName'),
    encrypted: source?.settings.encrypted ?? params.flag('StorageEncrypted') ?? false,
    deletionProtection: params.flag('DeletionProtection') ?? false,
    ...{ status: 'creating', failover: undefined, bornAt: context.clock.now(), tags: params.tags() ?? [] },
    members: [],
    resolvesTo: undefined,
  };
  context.globals.set(id, global);
  if (source !== undefined) joinAsPrimary(global, source);
  context.begin(async () => {
    await context.clock.sleep(context.durations.modifyMs);
    if (global.status === 'creating') global.status = 'available';
  });
  return answer(context, global);
};

/** The first cluster of a global database writes. */
export const joinAsPrimary = (global: GlobalCluster, { region, id }: Cluster): void => {
  global.members.push({ ref: { region, id }, isWriter: true, sync: 'connected' });
  global.resolvesTo = { region, id };
};

const sourceOf = (context: Context, region: RegionState, params: Params): Cluster | undefined => {
  const name = params.text('SourceDBClusterIdentifier');
  if (name === undefined) return undefined;
  const foreign = ['Engine', 'EngineVersion', 'DatabaseName', 'StorageEncrypted'].find((one) => params.text(one));
  if (foreign !== undefined) throw invalidCombination(`${foreign} of a global cluster is its source's`);
  const source = clusterNamed(context, region, name);
  requireAvailable(source, 'make it the primary of a global cluster');
  if (source.isMultiAz || source.source !== undefined)
    throw words.cluster.invalidState(`${source.id} cannot be the primary of a global cluster`);
  const part = partOf(context, source);
  if (part !== undefined) throw words.cluster.invalidState(`${source.id} is a part of ${part.global.id} already`);
  return source;
};

/** By its ARN in whatever region, or by name here. */
const clusterNamed = (context: Context, region: RegionState, name: string): Cluster => {
  const arn = parseArn(name);
  if (arn === undefined) return clusterOf(region, name);
  const found = arn.kind === 'cluster' && arn.account === context.account ? clusterAt(context, arn) : undefined;
  if (found === undefined) throw words.cluster.notFound(name);
  return found;
};

/** API reference, DescribeGlobalClusters: the account's, in every region; one filter, `region`. */
export const describeGlobals: Action = (context, region, params) => {
  params.only('GlobalClusterIdentifier', 'Filters', 'MaxRecords', 'Marker');
  const wanted = params.text('GlobalClusterIdentifier');
  const named = wanted === undefined ? undefined : globalOf(context, wanted);
  const filters = params.filters(['region']);
  const matching = function* (after: string): Generator<GlobalCluster> {
    for (const global of named ? [named].filter(({ id }) => id > after) : context.globals.after(after)) {
      const isIn = (place: string) => global.members.some(({ ref }) => ref.region === place);
      if (filters.every(({ values }) => values.some(isIn))) yield global;
    }
  };
  const { items, marker } = pageOf(
    params,
    matching,
    ({ id }) => id,
    () => context.pageRepeats(region.name, params.action),
  );
  return {
    Marker: marker,
    GlobalClusters: list(
      'GlobalClusterMember',
      items.map((global) => globalXml(context, global)),
    ),
  };
};

/** API reference, FailoverGlobalCluster: AllowDataLoss or Switchover, not both; without either it is a switchover. */
export const failoverGlobal: Action = (context, region, params) => {
  params.only('GlobalClusterIdentifier', 'TargetDbClusterIdentifier', 'AllowDataLoss', 'Switchover');
  const [isLossAllowed, isSwitchover] = [params.flag('AllowDataLoss'), params.flag('Switchover')];
  if (isLossAllowed !== undefined && isSwitchover !== undefined)
    throw invalidCombination('AllowDataLoss and Switchover can not be specified together');
  const { global, target } = changeOf(context, region, params);
  if (isLossAllowed) failOver(context, global, target);
  else begin(context, global, target);
  return answer(context, global);
};

/** API reference, SwitchoverGlobalCluster. */
export const switchoverGlobal: Action = (context, region, params) => {
  params.only('GlobalClusterIdentifier', 'TargetDbClusterIdentifier');
  const { global, target } = changeOf(context, region, params);
  begin(context, global, target);
  return answer(context, global);
};

/** A switchover is for a global database that is well: every cluster reached and available (Aurora User Guide, same page). */
const begin = (context: Context, global: GlobalCluster, target: Cluster): void => {
  for (const { ref, isWriter, sync } of global.members) {
    const cluster = clusterAt(context, ref);
    const isWell = cluster?.status === 'available' && sync === 'connected' && !context.isOut(ref.region);
    const runs = cluster !== undefined && (!isWriter || runningMember(context, cluster) !== undefined);
    if (!isWell || !runs)
      throw invalidGlobalState(
        `Global cluster ${global.id} cannot be switched over: ${ref.id} in ${ref.region} is not well`,
      );
  }
  switchOver(context, global, target);
};

/**
 * What both refuse (Aurora User Guide, aurora-global-database-disaster-recovery, aurora-global-database-upgrade): a target without
 * DB instances (headless), another engine version than the primary's, a change that is under way. Which error it is AWS does not say.
 */
const changeOf = (context: Context, region: RegionState, params: Params) => {
  const global = globalOf(context, params.required('GlobalClusterIdentifier'));
  const target = clusterNamed(context, region, params.required('TargetDbClusterIdentifier'));
  const member = partOf(context, target);
  const writer = writerOf(context, global);
  if (member?.global !== global || member.member.isWriter)
    throw words.cluster.invalidState(`${target.id} is no secondary cluster of ${global.id}`);
  if (global.failover !== undefined)
    throw invalidGlobalState(`Global cluster ${global.id} is ${global.failover.status} already`);
  if (context.isOut(target.region)) throw invalidGlobalState(`${target.id} is out of reach`);
  if (member.member.sync !== 'connected')
    throw invalidGlobalState(`${target.id} is not synchronized with the primary cluster`);
  requireAvailable(target, 'make it the primary cluster');
  if (runningMember(context, target) === undefined)
    throw words.cluster.invalidState(`${target.id} has no DB instance that is available: add one first`);
  if (writer !== undefined && writer.settings.engineVersion !== target.settings.engineVersion)
    throw invalidGlobalState(
      `${target.id} runs engine version ${target.settings.engineVersion}, the primary cluster ${writer.settings.engineVersion}`,
    );
  return { global, target };
};

/** API reference, RemoveFromGlobalCluster: a secondary takes writes from then on; the primary goes last (aurora-global-database-detaching). */
export const removeFromGlobal: Action = (context, region, params) => {
  params.only('GlobalClusterIdentifier', 'DbClusterIdentifier');
  const global = globalOf(context, params.required('GlobalClusterIdentifier'));
  const cluster = clusterNamed(context, region, params.required('DbClusterIdentifier'));
  const part = partOf(context, cluster);
  if (part?.global !== global) throw words.cluster.notFound(cluster.arn);
  if (global.failover !== undefined)
    throw invalidGlobalState(`Global cluster ${global.id} is ${global.failover.status}`);
  if (part.member.isWriter && global.members.length > 1)
    throw invalidGlobalState(
      `${cluster.id} is the primary cluster of ${global.id}: remove its secondary clusters first`,
    );
  requireAvailable(cluster, 'remove it from its global cluster');
  detach(context, global, cluster);
  return answer(context, global);
};

/** API reference, DeleteGlobalCluster: empty, and not protected. */
export const deleteGlobal: Action = (context, _region, params) => {
  params.only('GlobalClusterIdentifier');
  const global = globalOf(context, params.required('GlobalClusterIdentifier'));
  if (global.members.length > 0) throw invalidGlobalState(`Global cluster ${global.arn} is not empty`);
  if (global.deletionProtection)
    throw invalidCombination(
      'Cannot delete protected Global Cluster, please disable deletion protection and try again.',
    );
  global.status = 'deleting';
  context.globals.delete(global.id);
  return answer(context, global);
};
