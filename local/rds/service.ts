// RDS's wire protocol: AWS Query (form in, XML out), version 2014-10-31.
import type { AwsRequest, AwsResponse, LocalService } from '../gateway/service.ts';
import { document } from '../xml.ts';
import { describeAccount, describeEvents } from './actions/account.ts';
import type { Action } from './actions/action.ts';
import { promoteReplicaCluster } from './actions/cluster-replicas.ts';
import {
  createCluster,
  describeClusters,
  modifyClusterAction,
  removeCluster,
  startClusterAction,
  stopClusterAction,
} from './actions/clusters.ts';
import { copySnapshot } from './actions/copies.ts';
import {
  createGlobal,
  deleteGlobal,
  describeGlobals,
  failoverGlobal,
  removeFromGlobal,
  switchoverGlobal,
} from './actions/global-clusters.ts';
import { createInstance, describeInstances, modifyInstance, removeInstance } from './actions/instances.ts';
import {
  createParameterGroup,
  deleteParameterGroup,
  describeParameterGroups,
  modifyParameterGroup,
} from './actions/parameter-groups.ts';
import { reboot, start, stop } from './actions/power.ts';
import { createReplica, promoteReplica } from './actions/replicas.ts';
import { restoreCluster, restoreInstance } from './actions/restore.ts';
import { createSnapshot, deleteSnapshot, describeSnapshots } from './actions/snapshots.ts';
import { createSubscription, deleteSubscription, describeSubscriptions } from './actions/subscriptions.ts';
import { addTags, listTags, removeTags } from './actions/tags.ts';
import type { Context } from './context.ts';
import { type Disturbances, deliver } from './disturbances.ts';
import { openParams } from './params.ts';
import { RdsRefusal } from './refusal.ts';

const namespace = 'http://rds.amazonaws.com/doc/2014-10-31/';

const actions: Readonly<Record<string, Action>> = {
  AddTagsToResource: addTags,
  CopyDBClusterSnapshot: copySnapshot('cluster'),
  CopyDBSnapshot: copySnapshot('instance'),
  CreateDBCluster: createCluster,
  CreateDBClusterSnapshot: createSnapshot('cluster'),
  CreateDBInstance: createInstance,
  CreateDBInstanceReadReplica: createReplica,
  CreateDBParameterGroup: createParameterGroup,
  CreateDBSnapshot: createSnapshot('instance'),
  CreateEventSubscription: createSubscription,
  CreateGlobalCluster: createGlobal,
  DeleteDBCluster: removeCluster,
  DeleteDBClusterSnapshot: deleteSnapshot('cluster'),
  DeleteDBInstance: removeInstance,
  DeleteDBParameterGroup: deleteParameterGroup,
  DeleteDBSnapshot: deleteSnapshot('instance'),
  DeleteEventSubscription: deleteSubscription,
  DeleteGlobalCluster: deleteGlobal,
  DescribeAccountAttributes: describeAccount,
  DescribeDBClusterSnapshots: describeSnapshots('cluster'),
  DescribeDBClusters: describeClusters,
  DescribeDBInstances: describeInstances,
  DescribeDBParameterGroups: describeParameterGroups,
  DescribeDBSnapshots: describeSnapshots('instance'),
  DescribeEventSubscriptions: describeSubscriptions,
  DescribeEvents: describeEvents,
  DescribeGlobalClusters: describeGlobals,
  FailoverGlobalCluster: failoverGlobal,
  ListTagsForResource: listTags,
  ModifyDBCluster: modifyClusterAction,
  ModifyDBInstance: modifyInstance,
  ModifyDBParameterGroup: modifyParameterGroup,
  PromoteReadReplica: promoteReplica,
  PromoteReadReplicaDBCluster: promoteReplicaCluster,
  RebootDBInstance: reboot,
  RemoveFromGlobalCluster: removeFromGlobal,
  RemoveTagsFromResource: removeTags,
  RestoreDBClusterFromSnapshot: restoreCluster,
  RestoreDBInstanceFromDBSnapshot: restoreInstance,
  StartDBCluster: startClusterAction,
  StartDBInstance: start,
  StopDBCluster: stopClusterAction,
  StopDBInstance: stop,
  SwitchoverGlobalCluster: switchoverGlobal,
};

/** The RDS API over a world; rejects with NoAnswer where a client hears nothing. An action that isn't modelled is InvalidAction; so is a region that the world doesn't have. */
export const rdsService = (context: Context, disturbances: Disturbances): LocalService => ({
  handle: async (request) => {
    try {
      return await answer(context, disturbances, request);
    } catch (error) {
      if (error instanceof RdsRefusal) return refuse(error);
      throw error;
    }
  },
});

const answer = async (context: Context, disturbances: Disturbances, request: AwsRequest): Promise<AwsResponse> => {
  const params = openParams(request.body);
  const action = Object.hasOwn(actions, params.action) ? actions[params.action] : undefined;
  if (action === undefined)
    throw new RdsRefusal('InvalidAction', `The local RDS does not model the action ${params.action}`);
  const region = context.regions.get(request.region);
  if (region === undefined) throw new RdsRefusal('InvalidAction', `The local RDS has no region ${request.region}`);
  const fate = disturbances.admit(region.name, params.action);
  const result = await context.keys.answering(() => action(context, region, params));
  const response = respond(200, `${params.action}Response`, {
    [`${params.action}Result`]: result,
    ResponseMetadata: { RequestId: crypto.randomUUID() },
  });
  return deliver(fate, params.action, response);
};

const refuse = ({ status, code, message }: RdsRefusal): AwsResponse =>
  respond(status, 'ErrorResponse', {
    Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
    RequestId: crypto.randomUUID(),
  });

const respond = (status: number, root: string, content: Parameters<typeof document>[2]): AwsResponse => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: document(root, namespace, content),
});
