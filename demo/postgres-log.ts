import { readFile } from 'node:fs/promises';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateDBInstanceCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import type { LocalAws } from '../local/local-aws.ts';
import { until } from './stage.ts';

/** Slow from here on, for the server as for who asks. */
export const SLOW_MS = 50;

/** In a statement that is slow: nobody may read it in the index. */
export const SECRET = 'never-to-be-indexed';

/** What the server does: quick ones, slow ones, one over several lines, one with a secret, and one that fails. */
const STATEMENTS = [
  'select 1',
  'select pg_sleep(0.06)',
  "select pg_sleep(0.09)\n  /* the monthly report */\n  , 'over three lines'",
  `select pg_sleep(0.12), 'host=ledger user=app password=${SECRET}'`,
  'select count(*) from pg_class, pg_sleep(0.15)',
  'select no_such_column from pg_class',
];

/** Has a PostgreSQL server write its log, as `log_min_duration_statement` on RDS makes it; gives the log's lines since then. */
export const writtenLog = async (aws: LocalAws, region: string, instance: string): Promise<string[]> => {
  await available(aws, region, instance);
  const { query, logFile } = aws.rds.admin.instance(region, instance);
  const before = (await readFile(logFile, 'utf8')).length;
  await query(`alter system set log_min_duration_statement = ${SLOW_MS}`);
  await query('select pg_reload_conf()');
  try {
    await until('the new setting', 10, () => query('show log_min_duration_statement'), reloaded);
    // One that fails is written down as well.
    for (const statement of STATEMENTS) await query(statement).catch(() => {});
  } finally {
    await query('alter system reset log_min_duration_statement');
    await query('select pg_reload_conf()');
  }
  return (await readFile(logFile, 'utf8'))
    .slice(before)
    .split('\n')
    .filter((line) => line !== '');
};

const reloaded = (rows: Record<string, unknown>[]): boolean => rows[0]?.log_min_duration_statement === `${SLOW_MS}ms`;

/** The instance, made where there is none of that name. */
const available = async (aws: LocalAws, region: string, DBInstanceIdentifier: string): Promise<void> => {
  const rds = new RDSClient(clientAt(aws, region));
  const status = async () =>
    (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0]?.DBInstanceStatus;
  if ((await status().catch(() => undefined)) === undefined) {
    await rds.send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier, DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: 20 },
        ...{ MasterUsername: 'master', MasterUserPassword: 'local-master-password' },
      }),
    );
  }
  await until(`the database ${DBInstanceIdentifier}`, 60, status, (now) => now === 'available');
};

/** Ships lines to a log group, each as an event of its own: a text of several lines has to be put together again. */
export const shipLines = async (
  aws: LocalAws,
  region: string,
  logGroupName: string,
  logStreamName: string,
  lines: readonly string[],
  timestamp = Date.now(),
): Promise<void> => {
  const logs = new CloudWatchLogsClient(clientAt(aws, region));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const logEvents = lines.map((message) => ({ timestamp, message }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
};

/** Durations in a log that are slow, the longest first: read with nothing of ours. */
export const slowOf = (lines: readonly string[]): number[] =>
  lines
    .flatMap((line) => /duration: ([\d.]+) ms/.exec(line)?.[1] ?? [])
    .map(Number)
    .filter((duration) => duration >= SLOW_MS)
    .sort((a, b) => b - a);

const clientAt = ({ endpoint, account }: LocalAws, region: string) => ({
  region,
  endpoint,
  credentials: { accessKeyId: account, secretAccessKey: 'local' },
});
