// RDS's wire protocol: AWS Query (form in, XML out), version 2014-10-31.
import type { AwsRequest, AwsResponse, LocalService } from '../gateway/service.ts';
import { document } from '../xml.ts';
import { describeAccount, describeClusterSnapshots, describeClusters, describeEvents } from './actions/account.ts';
import { type Action, createInstance, describeInstances, modifyInstance, removeInstance } from './actions/instances.ts';
import { reboot, start, stop } from './actions/power.ts';
import { createReplica, promoteReplica } from './actions/replicas.ts';
import { copySnapshot, restoreInstance } from './actions/restore.ts';
import { createSnapshot, deleteSnapshot, describeSnapshots } from './actions/snapshots.ts';
import { addTags, listTags, removeTags } from './actions/tags.ts';
import type { Context } from './context.ts';
import { openParams } from './params.ts';
import { RdsRefusal } from './refusal.ts';

const namespace = 'http://rds.amazonaws.com/doc/2014-10-31/';

const actions: Readonly<Record<string, Action>> = {
  AddTagsToResource: addTags,
  CopyDBSnapshot: copySnapshot,
  CreateDBInstance: createInstance,
  CreateDBInstanceReadReplica: createReplica,
  CreateDBSnapshot: createSnapshot,
  DeleteDBInstance: removeInstance,
  DeleteDBSnapshot: deleteSnapshot,
  DescribeAccountAttributes: describeAccount,
  DescribeDBClusterSnapshots: describeClusterSnapshots,
  DescribeDBClusters: describeClusters,
  DescribeDBInstances: describeInstances,
  DescribeDBSnapshots: describeSnapshots,
  DescribeEvents: describeEvents,
  ListTagsForResource: listTags,
  ModifyDBInstance: modifyInstance,
  PromoteReadReplica: promoteReplica,
  RebootDBInstance: reboot,
  RemoveTagsFromResource: removeTags,
  RestoreDBInstanceFromDBSnapshot: restoreInstance,
  StartDBInstance: start,
  StopDBInstance: stop,
};

/** The RDS API over a world. An action that isn't modelled is InvalidAction; so is a region that the world doesn't have. */
export const rdsService = (context: Context): LocalService => ({
  handle: async (request) => {
    try {
      return answer(context, request);
    } catch (error) {
      if (error instanceof RdsRefusal) return refuse(error);
      throw error;
    }
  },
});

const answer = (context: Context, request: AwsRequest): AwsResponse => {
  const params = openParams(request.body);
  const action = Object.hasOwn(actions, params.action) ? actions[params.action] : undefined;
  if (action === undefined)
    throw new RdsRefusal('InvalidAction', `The local RDS does not model the action ${params.action}`);
  const region = context.regions.get(request.region);
  if (region === undefined) throw new RdsRefusal('InvalidAction', `The local RDS has no region ${request.region}`);
  const result = action(context, region, params);
  return respond(200, `${params.action}Response`, {
    [`${params.action}Result`]: result,
    ResponseMetadata: { RequestId: crypto.randomUUID() },
  });
};

const refuse = ({ status, code, message }: RdsRefusal): AwsResponse =>
  respond(status, 'ErrorResponse', {
    Error: { Type: 'Sender', Code: code, Message: message },
    RequestId: crypto.randomUUID(),
  });

const respond = (status: number, root: string, content: Parameters<typeof document>[2]): AwsResponse => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: document(root, namespace, content),
});
