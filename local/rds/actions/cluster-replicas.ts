// Clusters that follow one of another region: replicas by the binary log (Aurora MySQL), and secondaries of a global database.
import { bringUpCluster, promoteCluster } from '../cluster-lifecycle.ts';
import { type Context, clusterOf, requireAvailable } from '../context.ts';
import { clusterAt, type GlobalCluster, globalOf, partOf, writerOf } from '../global-clusters.ts';
import { parseArn } from '../names.ts';
import type { Params } from '../params.ts';
import { addCluster } from '../records.ts';
import { invalidCombination, invalidValue } from '../refusal.ts';
import { inherited } from '../settings.ts';
import type { Cluster, InstanceRef, RegionState } from '../types.ts';
import { readExports } from '../upkeep.ts';
import { words } from '../words.ts';
import type { Action } from './action.ts';
import { clusterAnswer } from './cluster-answer.ts';

/** Five cross-region replicas of one cluster in a region (Aurora User Guide, AuroraMySQL.Replication.CrossRegion.Troubleshooting). */
const mostReplicas = 5;

/** What the source decides, and no request. */
const ofTheSource = [
  'MasterUsername',
  'MasterUserPassword',
  'DatabaseName',
  'AllocatedStorage',
  'DBClusterInstanceClass',
];

/** API reference, CreateDBCluster, ReplicationSourceIdentifier: an ARN; between regions Aurora MySQL alone (AuroraMySQL.Replication.CrossRegion). */
export const createClusterReplica = (context: Context, region: RegionState, params: Params): Cluster => {
  const sourceArn = params.required('ReplicationSourceIdentifier');
  const arn = parseArn(sourceArn);
  const source = arn?.kind === 'cluster' ? clusterAt(context, arn) : undefined;
  if (arn?.kind !== 'cluster' || arn.account !== context.account)
    throw invalidValue(`The local RDS takes the ARN of a cluster as ReplicationSourceIdentifier, not ${sourceArn}`);
  if (source === undefined) throw words.cluster.notFound(sourceArn);
  if (source.settings.engine !== 'aurora-mysql')
    throw invalidCombination(`Cross region replication is not supported for engine ${source.settings.engine}`);
  if (source.region === region.name)
    throw invalidCombination('The local RDS models replica clusters in another region only');
  requireAvailable(source, 'create a read replica');
  if (source.replicas.filter((one) => one.region === region.name).length >= mostReplicas)
    throw words.cluster.invalidState(`Source cluster ${source.arn} already has a read replica in this region`);
  return follower(context, region, params, source, { region: source.region, id: source.id });
};

/** API reference, CreateDBCluster, GlobalClusterIdentifier: the first cluster of a global database is its primary, all others follow it. */
export const createSecondary = (
  context: Context,
  region: RegionState,
  params: Params,
  global: GlobalCluster,
): Cluster => {
  const writer = writerOf(context, global);
  if (writer === undefined) throw words.cluster.invalidState(`Global cluster ${global.id} has no primary cluster`);
  // Aurora User Guide, aurora-global-database.limitations: one cluster in each region.
  if (global.members.some(({ ref }) => ref.region === region.name))
    throw invalidCombination(`Global cluster ${global.id} has a cluster in ${region.name} already`);
  requireAvailable(writer, 'add a secondary cluster');
  const cluster = follower(context, region, params, writer, undefined);
  global.members.push({ ref: { region: region.name, id: cluster.id }, isWriter: false, sync: 'connected' });
  return cluster;
};

const follower = (
  context: Context,
  region: RegionState,
  params: Params,
  source: Cluster,
  ref: InstanceRef | undefined,
): Cluster => {
  const engine = params.required('Engine');
  if (engine !== source.settings.engine)
    throw invalidCombination(`The engine ${engine} is not the source's: ${source.settings.engine}`);
  const version = params.text('EngineVersion') ?? source.settings.engineVersion;
  if (version !== source.settings.engineVersion)
    throw invalidCombination(`The engine version ${version} is not the source's: ${source.settings.engineVersion}`);
  const foreign = ofTheSource.find((name) => params.text(name) !== undefined);
  if (foreign !== undefined)
    throw invalidCombination(`${foreign} of a cluster that follows another one is its source's`);
  const key = params.text('KmsKeyId');
  if (source.settings.encrypted && key === undefined)
    throw invalidCombination('For encrypted cross-region replica, kmsKeyId should be explicitly specified');
  if (!source.settings.encrypted && key !== undefined) throw invalidCombination('KmsKeyId needs an encrypted source');
  const cluster = addCluster(context, region, {
    id: params.required('DBClusterIdentifier'),
    tags: params.tags() ?? [],
    securityGroups: params.list('VpcSecurityGroupIds', 'VpcSecurityGroupId'),
    isMultiAz: false,
    settings: {
      ...inherited(region, params, source.settings),
      upkeep: readExports(params),
      kmsKeyId: source.settings.encrypted ? context.keys.usable(region.name, key) : undefined,
    },
    ...(ref && { source: ref }),
  });
  bringUpCluster(context, cluster, context.durations.createMs);
  return cluster;
};

/** The global database that a new cluster is to be part of; refuses what it cannot join. */
export const wantedGlobal = (context: Context, params: Params): GlobalCluster | undefined => {
  const id = params.text('GlobalClusterIdentifier');
  if (id === undefined) return undefined;
  const global = globalOf(context, id);
  if (global.engine !== params.required('Engine'))
    throw invalidCombination(`The engine is not the global cluster's: ${global.engine}`);
  return global;
};

/** API reference, PromoteReadReplicaDBCluster: not of a global database's secondary, which is removed or failed over to. */
export const promoteReplicaCluster: Action = (context, region, params) => {
  params.only('DBClusterIdentifier');
  const cluster = clusterOf(region, params.required('DBClusterIdentifier'));
  const part = partOf(context, cluster);
  if (part !== undefined)
    throw words.cluster.invalidState(`${cluster.id} is a part of the global cluster ${part.global.id}`);
  if (cluster.source === undefined) throw words.cluster.invalidState(`${cluster.id} is not a read replica cluster`);
  requireAvailable(cluster, 'promote the read replica');
  promoteCluster(context, cluster);
  return clusterAnswer(context, region, cluster);
};
