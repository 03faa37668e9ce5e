import { RDSClient } from '@aws-sdk/client-rds';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { Ports } from '../run/ports.ts';
import { rdsDatabases, rdsQuotas, rdsSnapshots } from './rds.ts';
import { reportsTopicArn, snsReports } from './sns-reports.ts';

/** The run's ports on AWS, in one region. */
export const awsPorts = (config: Pick<Config, 'account' | 'stage'>, region: string): Ports => {
  // RDS publishes no rate; adaptive retries slow down with it (the default gives up after less than a second).
  const rds = new RDSClient({ ...clientConfig(region, { maxAttempts: 8 }), retryMode: 'adaptive' });
  const sns = new SNSClient(clientConfig(region, { requestTimeoutMs: 5_000 }));
  return {
    databases: rdsDatabases(rds),
    snapshots: rdsSnapshots(rds),
    quotas: rdsQuotas(rds),
    reports: snsReports(sns, reportsTopicArn(config, region)),
  };
};
