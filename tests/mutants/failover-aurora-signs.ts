import type { Mutant } from './mutant.ts';

// Aurora pairs, what is known of them: a secondary's own view, and events of clusters.

const wing = 'functions/failover';
const volume = `${wing}/core/aurora-volume.test.ts`;
const wire = 'tests/failover/aurora-wire.test.ts';
const readiness = `${wing}/core/readiness-clusters.test.ts`;
const names = `${wing}/core/names-cluster.test.ts`;
const readers = `${wing}/core/names-readers.test.ts`;
const signal = `${wing}/core/signal.test.ts`;

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

export const auroraSigns: readonly Mutant[] = [
  ...mutants(
    'core/aurora-volume.ts',
    [volume],
    [
      {
        id: 'volume-own-region',
        removes: 'that a secondary is told by the volume of its own region',
        find: 'volumes.find((one) => one.region === region)',
        replace: 'volumes.find(() => true)',
      },
      {
        id: 'volume-log-is-news',
        removes: 'that log which came makes a secondary young',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source file
        find: '`${lsn}/',
        replace: '`/',
      },
      {
        id: 'volume-idle',
        removes: "that an idle leader's secondary is young by Aurora's comparison",
        find: 'lastMessageAgeMs: comparedAgeMs(own)',
        replace: 'lastMessageAgeMs: (comparedAgeMs(own), nowMs - heard.sinceMs)',
      },
      {
        id: 'volume-may-hear',
        removes: 'that a secondary which still gets log is not called silent for its lag',
        find: ', mayHearAgeMs: nowMs - heard.sinceMs',
        replace: '',
      },
      {
        id: 'volume-lag-grows',
        removes: 'that a lag which grows is age, though somebody goes on comparing',
        find: ' + (lagMs as number)',
        replace: '',
      },
      {
        id: 'volume-not-said',
        removes: 'that a time which nobody says is no evidence',
        find: '![lagMs, comparedMs, askedMs].every(Number.isFinite) || ',
        replace: '',
      },
      {
        id: 'volume-of-leader',
        removes: 'that a reader of the leader is no secondary',
        find: 'if (comparedMs === 0)',
        replace: 'if (comparedMs === -1)',
      },
    ],
  ),
  ...mutants(
    'core/position.ts',
    [volume],
    [
      {
        id: 'volume-beat-came',
        removes:
          "that a volume has a position only with the heartbeat that was written there: Aurora tells the leader's LSN late",
        find: ' && mine.beatMs >= its.beatMs',
        replace: '',
      },
      {
        id: 'volume-log-came',
        removes: 'that a volume has a position only with its log',
        find: 'mine.lsn >= its.lsn && ',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'aws/aurora-sql.ts',
    [wire],
    [
      {
        id: 'volume-silent-write',
        removes: 'that a write which was accepted is one, whatever is said of the volume',
        find: '.catch(() => undefined);\n        return',
        replace: ';\n        return',
      },
      {
        id: 'volume-reader-unsaid',
        removes: 'that a server which does not say whether it is a reader gives no view',
        find: 'if (number !== 0 && number !== 1) throw',
        replace: 'if (false) throw',
      },
      {
        id: 'volume-remembered',
        removes: 'that who asks remembers since when nothing came',
        find: '[heard.get(key), before]',
        replace: '[heard.get(key)]',
      },
    ],
  ),
  ...mutants(
    'core/signal.ts',
    [signal],
    [
      {
        id: 'signal-cluster',
        removes: 'that an event of a cluster is a hint',
        find: "arn[5] !== 'db' && arn[5] !== 'cluster'",
        replace: "arn[5] !== 'db'",
      },
      {
        id: 'signal-snapshot',
        removes: "that an event of a cluster's snapshot is noise",
        find: "if (arn[5] !== 'db' && arn[5] !== 'cluster')",
        replace: 'if (false)',
      },
      {
        id: 'signal-write-block',
        removes: 'that a blocked write is about the cluster which the message names',
        find: 'toldOf(message) ?? named',
        replace: 'named',
      },
    ],
  ),
  ...mutants(
    'core/readiness.ts',
    [readiness],
    [
      {
        id: 'ready-cluster-pair',
        removes: 'that what two clusters are not to each other is found before the day',
        find: 'if (amiss !== undefined) return amiss;\n  if (!isInstance',
        replace: 'if (!isInstance',
      },
      {
        id: 'ready-replica-of-replica',
        removes: 'that a replica of a replica is refused by name',
        find: '  if (source !== undefined)\n    return blocked(',
        replace: '  if (false)\n    return blocked(',
      },
    ],
  ),
  ...mutants(
    'core/readiness-clusters.ts',
    [readiness],
    [
      {
        id: 'ready-cluster-unseen',
        removes: 'that a leader of which RDS says nothing is no clean bill',
        find: 'follower.cluster === undefined)\n    return unknown(',
        replace: 'follower.cluster === undefined)\n    return undefined && unknown(',
      },
      {
        id: 'ready-cluster-members',
        removes: 'that fewer DB instances than the leader has are found',
        find: 'members < its &&',
        replace: 'false &&',
      },
      {
        id: 'ready-cluster-backups',
        removes: 'that younger backups than the leader has are found',
        find: 'one.backupRetentionDays < leader.backupRetentionDays',
        replace: 'false',
      },
    ],
  ),
  ...mutants(
    'core/names-reader.ts',
    [names, readers],
    [
      {
        id: 'readers-both-names',
        removes: "that both of a cluster's names are the pair's",
        find: 'known.some((host) => sameDatabase(host, value))',
        replace: 'known.some((host) => sameHost(host, value))',
      },
    ],
  ),
  ...mutants(
    'core/situation.ts',
    [readers],
    [
      {
        id: 'readers-of-leading-cluster',
        removes: "that a cluster is read from by its readers' name, also when it leads",
        find: 'host: readersHostOf(from.endpoint.host)',
        replace: 'host: from.endpoint.host',
      },
    ],
  ),
];
