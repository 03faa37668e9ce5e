import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientConfig } from '../../../../shared/aws/client-config.ts';
import type { Config } from '../../../../shared/config/schema.ts';
import type { Chance, VerificationPorts } from '../../run/verification/ports.ts';
import type { VerifyingSettings } from '../../run/verification/steps.ts';
import { kmsKeys } from '../keys.ts';
import { reportsTopicArn, snsReports } from '../sns-reports.ts';
import { stateTableName, tableControl } from '../state-table.ts';
import { invokedChecks } from './checks.ts';
import { verificationInventory } from './inventory.ts';
import { tableVerifications } from './table.ts';
import { changeThrowAways } from './throw-away-change.ts';
import { lookAtDatabases } from './throw-away-look.ts';
import { makeThrowAways } from './throw-away-restore.ts';

/** Throw-away databases on RDS, for one stack. */
export const rdsThrowAways = (rds: RDSClient, { verification, stack }: VerifyingSettings) => {
  const looking = lookAtDatabases(rds);
  return { ...looking, ...makeThrowAways(rds, verification, stack), ...changeThrowAways(rds, looking.find, stack) };
};

/** Chance of the machine. A password has every kind of character, and none that an engine refuses (docs: API_ModifyDBInstance; Oracle takes 30). */
export const chance: Chance = {
  hex: () => randomBytes(3).toString('hex'),
  password: () => `Ms1_${randomBytes(18).toString('base64url')}`,
};

/** The ports of restore verification on AWS, in the primary region; its clock starts at `startMs`. */
export const awsVerificationPorts = (
  config: Pick<Config, 'account' | 'stage'>,
  region: string,
  settings: VerifyingSettings,
  startMs: number,
): VerificationPorts => {
  const aheadMs = startMs - Date.now();
  const rds = new RDSClient({ ...clientConfig(region, { maxAttempts: 5 }), retryMode: 'adaptive' });
  const db = new DynamoDBClient(clientConfig(region, { requestTimeoutMs: 3_000 }));
  // As long as the checking function may take; never sent twice by the SDK.
  const lambda = new LambdaClient(clientConfig(region, { requestTimeoutMs: 125_000, maxAttempts: 1 }));
  const table = stateTableName(config);
  return {
    ...verificationInventory(rds),
    verifications: tableVerifications(db, table),
    throwAways: rdsThrowAways(rds, settings),
    checks: invokedChecks(lambda, `mainstay-${config.stage}-verify-check`),
    keys: kmsKeys(new KMSClient(clientConfig(region, { requestTimeoutMs: 5_000 }))),
    control: tableControl(db, table),
    reports: snsReports(
      new SNSClient(clientConfig(region, { requestTimeoutMs: 5_000 })),
      reportsTopicArn(config, region),
    ),
    chance,
    clock: { nowMs: () => Date.now() + aheadMs, sleep: (ms) => sleep(ms) },
  };
};
