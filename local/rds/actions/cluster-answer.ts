import type { XmlValue } from '../../xml.ts';
import { type Context, membersOf } from '../context.ts';
import { placeOf } from '../global-clusters.ts';
import { clusterXml } from '../render-cluster.ts';
import type { Cluster, RegionState } from '../types.ts';

/** What every action about one cluster answers. */
export const clusterAnswer = (context: Context, region: RegionState, cluster: Cluster): XmlValue => ({
  DBCluster: clusterXml(cluster, membersOf(region, cluster), context.clock.now(), placeOf(context, cluster)),
});
