import { KMSClient } from '@aws-sdk/client-kms';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientConfig } from '../../../../shared/aws/client-config.ts';
import type { Config } from '../../../../shared/config/schema.ts';
import { type Destination, judgeDestination } from '../../core/copies/destination.ts';
import type { CopySettings, Settings } from '../../core/policy.ts';
import type { CopyPorts } from '../../run/copies/ports.ts';
import { settingsOf } from '../../run/settings.ts';
import { awsControl, openRds } from '../compose.ts';
import { kmsKeys } from '../keys.ts';
import { keepPace, type TimeLeft } from '../pace.ts';
import { rdsSnapshotsToDelete } from '../rds-deleting.ts';
import { rdsQuotas } from '../rds-quotas.ts';
import { rdsDatabases, rdsSnapshotsToRead } from '../rds-reading.ts';
import { reportsTopicArn, snsReports } from '../sns-reports.ts';
import { rdsCopier } from './copies.ts';

/** Thrown when copies are not configured, or may not go where the config says. Nothing has been read or changed. */
export class NoCopiesError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'NoCopiesError';
  }
}

/** Where copies go. An account of its own comes later: it is a part of this value, and refused until then. */
export const destinationOf = ({ regions }: Pick<Config, 'regions'>): Destination => ({ region: regions.recovery });

/** The wing's settings, with copies. Throws NoCopiesError. */
export const copySettingsOf = (
  config: Pick<Config, 'account' | 'stage' | 'regions' | 'snapshots'>,
): Settings & { copies: CopySettings } => {
  const { copies, ...settings } = settingsOf(config);
  if (copies === undefined) throw new NoCopiesError('No copies: the config has no snapshots.copies.');
  const verdict = judgeDestination({ region: config.regions.primary, account: config.account }, destinationOf(config));
  if (verdict.kind === 'refused') throw new NoCopiesError(verdict.sentence);
  return { ...settings, copies };
};

/** The ports of a run of copies on AWS: the primary region to read, the destination to work in, kept to the time that is left. */
export const awsCopyPorts = (config: Pick<Config, 'account' | 'stage' | 'regions'>, time: TimeLeft): CopyPorts => {
  const from = config.regions.primary;
  const to = destinationOf(config).region;
  const source = openRds(from);
  const destination = openRds(to);
  keepPace(source, time);
  keepPace(destination, time);
  const keysIn = (region: string) => kmsKeys(new KMSClient(clientConfig(region, { requestTimeoutMs: 5_000 })));
  const sns = new SNSClient(clientConfig(to, { requestTimeoutMs: 5_000 }));
  return {
    source: { databases: rdsDatabases(source), snapshots: rdsSnapshotsToRead(source), keys: keysIn(from) },
    destination: {
      snapshots: { ...rdsSnapshotsToRead(destination), ...rdsSnapshotsToDelete(destination) },
      copier: rdsCopier(destination),
      quotas: rdsQuotas(destination),
      keys: keysIn(to),
    },
    control: awsControl(config),
    reports: snsReports(sns, reportsTopicArn(config, to)),
  };
};
