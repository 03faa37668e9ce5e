import { fileURLToPath } from 'node:url';
import { DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds';
import { openEstate } from '../local/estate.ts';
import { startLocalAws } from '../local/local-aws.ts';
import { readConfigFile } from '../shared/config/file.ts';

// What a promotion takes when nobody decides, fences or names anything: the API, and the first write that the server takes.
// A process of its own, as a drill is: every local AWS has its own certificate authority, which a process reads once.

const LONGEST_MS = 120_000;

/** Promotes the pair's replica, on the same servers as a drill, by the API alone. Seconds from the call to the first write. */
const rawPromote = async (engine: 'postgres' | 'mariadb'): Promise<number> => {
  const config = await readConfigFile('local');
  for (const one of config.failover.pairs) one.engine = engine;
  const [pair] = config.failover.pairs;
  if (pair === undefined) throw new Error('the config has no pair to promote');
  const { primary, recovery } = config.regions;
  const aws = await startLocalAws({
    stage: config.stage,
    port: 0,
    engines: ['ministack', 'dynamodb', 'postgres'],
    functions: false,
  });
  try {
    await openEstate(aws, config, { databases: true });
    aws.rds.admin.hostLost(primary, pair.primary.instance);
    const rds = new RDSClient({
      region: recovery,
      endpoint: aws.endpoint,
      credentials: { accessKeyId: aws.account, secretAccessKey: 'local' },
    });
    const which = { DBInstanceIdentifier: pair.replica.instance };
    const startedMs = performance.now();
    await rds.send(new PromoteReadReplicaCommand(which));
    for (;;) {
      const { DBInstances } = await rds.send(new DescribeDBInstancesCommand(which));
      const [found] = DBInstances ?? [];
      const isDone = found?.DBInstanceStatus === 'available' && !found.ReadReplicaSourceDBInstanceIdentifier;
      if (isDone && (await isOpen[engine](aws.rds.admin.instance(recovery, pair.replica.instance)))) break;
      if (performance.now() - startedMs > LONGEST_MS) throw new Error('the promotion did not end');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return (performance.now() - startedMs) / 1000;
  } finally {
    await aws.stop();
  }
};

type Server = { query(sql: string, values: unknown[], database: string): Promise<Record<string, unknown>[]> };

/** Whether it takes writes. RDS's own user of MariaDB may write at any time: what holds for the others is asked there. */
const isOpen = {
  postgres: (server: Server) =>
    server.query('CREATE TABLE IF NOT EXISTS promoted_by_hand (at timestamptz)', [], 'ledger').then(
      () => true,
      () => false,
    ),
  mariadb: (server: Server) =>
    server.query('SELECT @@global.read_only AS refuses', [], 'ledger').then(
      ([row]) => Number(row?.refuses) === 0,
      () => false,
    ),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const seconds = await rawPromote(process.argv[2] === 'mariadb' ? 'mariadb' : 'postgres');
  process.stdout.write(JSON.stringify({ seconds }), () => process.exit(0));
}
