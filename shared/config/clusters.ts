// Pairs of Aurora clusters, as far as the config file alone can say that they cannot be failed over. What only AWS can say (a
// headless secondary, another version, a stranger to the global database) is refused when it is seen (functions/failover/core/aurora.ts).

/** What a pair is made of. */
export const KINDS = ['instance', 'aurora-replica', 'aurora-global'] as const;

interface Pair {
  engine: string;
  kind: (typeof KINDS)[number];
  primary: { instance: string };
  replica: { instance: string };
  dns: { mode: 'swap' | 'stop'; readers?: readonly { instance: string }[] | undefined };
}

export interface PairProblem {
  key: 'engine' | 'kind' | 'primary' | 'replica' | 'dns';
  input: unknown;
  /** What was expected, and what would make it possible. */
  message: string;
}

/** The one DB instance of a rebuilt replica cluster is called `<cluster>-e<epoch>-1`, and RDS takes 63 characters (docs: API_CreateDBInstance). */
const LONGEST_REPLICA_CLUSTER = 55;

/** Everything that speaks against a pair's kind, each with what would make it possible; empty where nothing does. */
export const kindProblems = ({ engine, kind, primary, replica, dns }: Pair): PairProblem[] => {
  const isAurora = engine.startsWith('aurora-');
  const problems: PairProblem[] = [];
  const expected = (key: PairProblem['key'], input: unknown, message: string) =>
    problems.push({ key, input, message: `expected ${message}` });
  if (kind === 'instance' && isAurora) {
    const kinds = engine === 'aurora-mysql' ? 'aurora-global or aurora-replica' : 'aurora-global';
    const why = 'Aurora replicates between clusters, in a global database or, Aurora MySQL alone, by the binary log';
    expected('kind', kind, `${kinds} beside engine ${engine}: ${why}`);
  }
  if (kind !== 'instance' && !isAurora) {
    const why = `clusters of Aurora. Leave kind out for instances of ${engine} with a read replica across regions`;
    expected('engine', engine, `aurora-mysql or aurora-postgresql beside kind ${kind}: ${why}`);
  }
  // docs: AuroraMySQL.Replication.CrossRegion; of Aurora PostgreSQL there is the global database alone.
  if (kind === 'aurora-replica' && engine === 'aurora-postgresql') {
    const how = 'aws rds create-global-cluster --source-db-cluster-identifier …, and a secondary cluster in the other';
    const why = 'Aurora PostgreSQL has no replica cluster in another region';
    expected('kind', kind, `aurora-global: ${why}. Make the two a global database (${how})`);
  }
  if (kind === 'aurora-global' && dns.mode === 'stop') {
    const why = 'its two records lead to fixed addresses, and a secondary is asked at another one than it leads at';
    expected('dns', dns.mode, `mode swap for a global database: ${why}, so that no pair would be armed again`);
  }
  if (kind === 'aurora-global' && dns.readers !== undefined) {
    const why =
      "a global database has one cluster in a region, and that one's DB instances share its readers' endpoint";
    expected('dns', dns.readers[0]?.instance, `no readers beside the pair's own: ${why}. Add DB instances to it`);
  }
  for (const [key, { instance }] of kind === 'aurora-replica' ? Object.entries({ primary, replica }) : []) {
    if (instance.length > LONGEST_REPLICA_CLUSTER)
      expected(
        key as 'primary' | 'replica',
        instance,
        `${LONGEST_REPLICA_CLUSTER} characters or fewer: what is rebuilt has -e<epoch> added, its DB instance -1 beside it`,
      );
  }
  return problems;
};
