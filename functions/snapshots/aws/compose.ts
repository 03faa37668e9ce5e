import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { Control, Ports } from '../run/ports.ts';
import { continueQueueName, sqsContinuations } from './continuations.ts';
import { copyingInto } from './copying.ts';
import { kmsKeys } from './keys.ts';
import { keepPace, type TimeLeft } from './pace.ts';
import { rdsSnapshots } from './rds.ts';
import { rdsQuotas } from './rds-quotas.ts';
import { rdsDatabases } from './rds-reading.ts';
import { tableRemaining } from './remaining-table.ts';
import { reportsTopicArn, snsReports } from './sns-reports.ts';
import { stateTableName, tableControl } from './state-table.ts';

const FOREVER: TimeLeft = { remainingMs: () => Number.POSITIVE_INFINITY };

/** The client of a wing that lists and changes many: RDS publishes no rate, and adaptive retries slow down with it (the default gives up after less than a second). */
export const openRds = (region: string): RDSClient =>
  new RDSClient({ ...clientConfig(region, { maxAttempts: 8 }), retryMode: 'adaptive' });

const openState = ({ regions }: Pick<Config, 'regions'>): DynamoDBClient =>
  new DynamoDBClient(clientConfig(regions.primary, { requestTimeoutMs: 3_000 }));

/** What people order, from any region: the table is in the primary one. */
export const awsControl = (config: Pick<Config, 'stage' | 'regions'>): Control =>
  tableControl(openState(config), stateTableName(config));

/** The run's ports on AWS, in one region, kept to the time that is left. */
export const awsPorts = (
  config: Pick<Config, 'account' | 'stage' | 'regions' | 'snapshots'>,
  region: string,
  time: TimeLeft = FOREVER,
): Ports => {
  const rds = openRds(region);
  const there = openRds(config.regions.recovery);
  const throttled = [keepPace(rds, time), keepPace(there, time)];
  const state = openState(config);
  const table = stateTableName(config);
  const sqs = new SQSClient({
    ...clientConfig(region, { requestTimeoutMs: 5_000 }),
    useQueueUrlAsEndpoint: false,
  });
  const sns = new SNSClient(clientConfig(region, { requestTimeoutMs: 5_000 }));
  return {
    databases: rdsDatabases(rds),
    snapshots: rdsSnapshots(rds),
    quotas: rdsQuotas(rds),
    keys: kmsKeys(new KMSClient(clientConfig(region, { requestTimeoutMs: 5_000 }))),
    control: tableControl(state, table),
    copying: config.snapshots.copies && copyingInto(rdsSnapshots(there)),
    remaining: tableRemaining(state, table),
    continuations: sqsContinuations(sqs, continueQueueName(config)),
    reports: snsReports(sns, reportsTopicArn(config, region)),
    throttles: () => throttled.reduce((sum, count) => sum + count(), 0),
  };
};
