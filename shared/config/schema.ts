import * as v from 'valibot';
import { KINDS, kindProblems } from './clusters.ts';
import { ENGINES } from './engine.ts';
import { leastLossSeconds } from './lease.ts';
import { ambiguities } from './object-patterns.ts';
import { mrscProblems } from './record.ts';

// One schema for the deployment's config file (config/<stage>.yml). Existing resources are named here; what Mainstay
// creates itself is named `mainstay-<stage>-…` and needs no entry.

const name = (what: string) => v.pipe(v.string(), v.minLength(1, `expected ${what}`));
const region = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region such as eu-west-1'));
const count = v.pipe(v.number(), v.integer('expected a whole number'), v.minValue(0, 'expected 0 or more'));
const atLeastOne = v.pipe(v.number(), v.integer('expected a whole number'), v.minValue(1, 'expected 1 or more'));
const seconds = v.pipe(v.number(), v.minValue(0, 'expected seconds, 0 or more'));

/** A regular expression as text, with one named group that the rule reads. */
const patternWith = (group: string) =>
  v.pipe(
    v.string(),
    v.check((text) => compiles(text), 'expected a regular expression that compiles'),
    v.check((text) => text.includes(`(?<${group}>`), `expected a named group (?<${group}>…)`),
  );

const compiles = (text: string): boolean => {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
};

const network = v.strictObject({
  subnetIds: v.pipe(v.array(name('a subnet id')), v.minLength(1, 'expected at least one subnet')),
  securityGroupIds: v.pipe(
    v.array(name('a security group id')),
    v.minLength(1, 'expected at least one security group'),
  ),
});

const keeps = (policy: Record<string, number | undefined>): boolean =>
  Object.values(policy).some((value) => (value ?? 0) > 0);
const EMPTY_POLICY = 'expected at least one rule above 0: an empty policy would keep nothing';

const Policy = v.strictObject({
  keepLast: v.optional(count),
  keepHourly: v.optional(count),
  keepDaily: v.optional(count),
  keepWeekly: v.optional(count),
  keepMonthly: v.optional(count),
  keepYearly: v.optional(count),
  keepWithinHours: v.optional(count),
});

/** Copies of the newest good snapshots in the recovery region. */
const Copies = v.strictObject({
  /** A database's newest copy is never older than this by plan; each copy is of the newest good snapshot. */
  everyHours: v.optional(v.pipe(atLeastOne, v.maxValue(168, 'expected 168 (a week) or less')), 1),
  policy: v.pipe(Policy, v.check(keeps, EMPTY_POLICY)),
  minKeep: v.optional(atLeastOne, 1),
  /** A key of the recovery region. One for all: another key makes the next copy a full one. */
  kmsKeyId: name('the ARN of a KMS key in the recovery region'),
  /** `required`: an unencrypted source still has an encrypted copy. `as-source`: it stays as it is. */
  encryptCopies: v.optional(v.picklist(['required', 'as-source'], 'expected required or as-source'), 'required'),
  /** Source option group → option group in the recovery region. */
  optionGroups: v.optional(v.record(v.string(), v.string()), {}),
  /** RDS takes 20 copies in progress per destination region and account; the rest is left to people. */
  maxInFlight: v.optional(v.pipe(atLeastOne, v.maxValue(20, 'expected 20 or less: RDS takes no more')), 15),
});

/** What must be true of one cell of a query's first row. */
const Expectation = v.union(
  [
    v.strictObject({ equals: v.union([v.string(), v.number(), v.boolean()]) }),
    v.strictObject({ atLeast: v.number() }),
    v.strictObject({ rows: count }),
  ],
  'expected { equals }, { atLeast } or { rows }',
);

/** Restores the newest snapshot to a throw-away database, checks it, and removes it. */
const Verification = v.strictObject({
  everyHours: v.optional(v.pipe(atLeastOne, v.maxValue(2160, 'expected 2160 (90 days) or less')), 168),
  /** How many throw-away databases there may be at once. */
  atOnce: v.optional(v.pipe(atLeastOne, v.maxValue(10, 'expected 10 or less')), 1),
  /** One that is not done by then has failed, and is removed. */
  maxMinutes: v.optional(atLeastOne, 180),
  /** Cost cap: no new one starts in a UTC day in which throw-away databases have lived this long together. */
  maxInstanceHoursPerDay: v.optional(v.pipe(v.number(), v.minValue(1, 'expected 1 or more')), 8),
  /** Class of the throw-away; that of the snapshot's database when absent. */
  instanceClass: v.optional(v.pipe(v.string(), v.regex(/^db\./, 'expected a class such as db.t4g.medium'))),
  /** A DB subnet group without a way out, and a security group that only the checking function may enter. */
  subnetGroup: name('a DB subnet group'),
  securityGroupIds: v.pipe(
    v.array(name('a security group id')),
    v.minLength(1, 'expected at least one security group: without one RDS takes the default group of the VPC'),
  ),
  /** Where the checking function runs. */
  network,
  /** PostgreSQL only. The first that matches a database's name is used; without one, connecting is the check. */
  checks: v.optional(
    v.array(
      v.strictObject({
        database: v.pipe(
          v.string(),
          v.check((text) => compiles(text), 'expected a regular expression that compiles'),
        ),
        /** The PostgreSQL database to connect to. */
        dbname: name('a database name'),
        query: name('a query'),
        expect: Expectation,
      }),
    ),
    [],
  ),
});

const Snapshots = v.strictObject({
  /** A database is selected when it carries this tag with a true value. */
  tagKey: v.optional(name('a tag key'), 'mainstay:snapshots'),
  /** First letters of every snapshot's name. */
  prefix: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]{0,9}$/, 'expected 1 to 10 lower-case letters or digits')),
    'ms',
  ),
  expiry: v.optional(v.picklist(['plan', 'armed'], 'expected plan or armed'), 'plan'),
  policy: v.pipe(Policy, v.check(keeps, EMPTY_POLICY)),
  /** Never fewer good snapshots than this per database. */
  minKeep: v.optional(atLeastOne, 1),
  /** Circuit breaker: more deletions than this in one run need a confirmation. */
  maxDeletionsPerRun: v.optional(atLeastOne, 50),
  /** Expiry stops for a database whose newest good snapshot is older than this: creation is broken. */
  creationBrokenAfterHours: v.optional(atLeastOne, 6),
  includeReplicas: v.optional(v.boolean(), false),
  /** What is left of a deleted database: kept for good, or until its newest snapshot is that many days old (the last good one stays). */
  orphanKeepDays: v.optional(atLeastOne),
  /** Where the quota is too small for the policies: new snapshots wait until somebody raises it, or the oldest that only the policy keeps goes (armed only; never below minKeep). */
  onQuota: v.optional(v.picklist(['wait', 'evict-oldest'], 'expected wait or evict-oldest'), 'wait'),
  /** A snapshot of ours that failed is no backup, and counts against the quota: it goes after this. */
  failedKeepHours: v.optional(atLeastOne, 24),
  /** One series of ages per database, instead of only the worst of all: each is a custom metric that CloudWatch charges for. */
  metricsPerDatabase: v.optional(v.boolean(), false),
  /** For what `plan` says that its deletions would free, at most. */
  usdPerGibMonth: v.optional(v.pipe(v.number(), v.minValue(0, 'expected 0 or more')), 0.095),
  copies: v.optional(Copies),
  verification: v.optional(Verification),
});

const Login = v.variant('kind', [
  v.strictObject({
    kind: v.literal('secret'),
    /** A Secrets Manager secret: JSON with host, port, dbname, username, password. */
    secretId: name('the name or ARN of a secret'),
  }),
  v.strictObject({
    kind: v.literal('iam'),
    dbname: name('a database name'),
    username: name('a database user with the role rds_iam'),
  }),
]);

/** A rebuilt instance is called `<identifier>-e<epoch>`, and RDS takes 63 characters (docs: API_CreateDBInstance). */
const LONGEST_INSTANCE = 57;
const instance = v.pipe(
  name('the identifier of a DB instance or cluster'),
  v.maxLength(LONGEST_INSTANCE, `expected ${LONGEST_INSTANCE} characters or fewer: a rebuilt one has -e<epoch> added`),
);

const dnsName = v.pipe(v.string(), v.regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/, 'expected a DNS name without a final dot'));

const Pair = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens')),
  engine: v.picklist(
    ENGINES,
    'expected postgres, mysql or mariadb (RDS instances with a read replica across regions), or aurora-mysql or aurora-postgresql with a kind (functions/failover/README.md, Aurora): other engines are not built',
  ),
  /** What the pair is made of. Of clusters, `instance` is the cluster's identifier everywhere. */
  kind: v.optional(v.picklist(KINDS, 'expected instance, aurora-replica or aurora-global'), 'instance'),
  primary: v.strictObject({ instance }),
  replica: v.strictObject({
    instance,
    /** A security group without rules in the replica's VPC. Once the replica leads, nothing fails over again without it. */
    fencedSecurityGroupId: v.optional(name('a security group id')),
  }),
  mode: v.optional(v.picklist(['observe', 'approve', 'armed'], 'expected observe, approve or armed'), 'observe'),
  fence: v.optional(v.picklist(['confirmed', 'lease', 'none'], 'expected confirmed, lease or none'), 'confirmed'),
  login: Login,
  /** Roles that applications log in with: the fence takes their LOGIN away. */
  applicationRoles: v.optional(v.array(name('a role name')), []),
  /** A security group without rules in the primary's VPC. */
  fencedSecurityGroupId: name('a security group id'),
  dns: v.strictObject({
    zoneId: v.pipe(v.string(), v.regex(/^Z[A-Z0-9]{1,31}$/, 'expected a hosted zone id such as Z0123456789ABC')),
    writer: dnsName,
    /** One weighted record per reader: the leader's replicas, or the leader itself while it has none. */
    reader: v.optional(dnsName),
    /** Read replicas beside the pair's own: each is read from as long as it follows the leader. */
    readers: v.optional(
      v.array(
        v.strictObject({
          instance: name('the identifier of a DB instance or cluster'),
          region: v.picklist(['primary', 'recovery'], 'expected primary or recovery'),
        }),
      ),
    ),
    /** `swap` replaces the record; `stop` (standby takes over primary) lets a health check choose between two that are there. */
    mode: v.optional(v.picklist(['swap', 'stop'], 'expected swap or stop'), 'swap'),
    /** Who says what the name leads to: a public zone's servers, or the resolver of the replica's VPC. */
    zone: v.optional(v.picklist(['public', 'private'], 'expected public or private'), 'public'),
    ttlSeconds: v.pipe(
      v.number(),
      v.integer('expected a whole number'),
      v.minValue(1, 'expected 1 or more'),
      v.maxValue(60, 'expected 60 or less: clients keep the old answer that long'),
    ),
  }),
  /** Secrets and SSM parameters (JSON) whose host and port follow the leader: one in each region, for a replica secret cannot be written. */
  secondChannel: v.optional(
    v.pipe(
      v.strictObject({
        secretIds: v.optional(
          v.pipe(
            v.array(name('the name of a secret')),
            v.minLength(1, 'expected at least one secret: leave secretIds out where there is none'),
          ),
        ),
        parameterNames: v.optional(
          v.pipe(
            v.array(
              v.pipe(
                v.string(),
                v.regex(/^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, 'expected the name of a parameter'),
              ),
            ),
            v.minLength(1, 'expected at least one parameter: leave parameterNames out where there is none'),
          ),
        ),
      }),
      v.check(
        ({ secretIds, parameterNames }) => secretIds !== undefined || parameterNames !== undefined,
        'expected secretIds, parameterNames or both: leave secondChannel out where there is neither',
      ),
    ),
  ),
  /** For fence: lease. In the table of failover.record where that is mrsc, or in one of yours: docs/verify-on-aws.md. */
  lease: v.optional(
    v.strictObject({
      table: v.optional(
        v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{3,255}$/, 'expected the name of a DynamoDB table')),
      ),
      /** Without renewal for this long, the guard shuts its leader out. */
      seconds: v.pipe(
        v.number(),
        v.minValue(3, 'expected 3 or more: a renewal may take a second'),
        v.maxValue(30, 'expected 30 or less: the promotion waits for longer than that'),
      ),
    }),
  ),
  confirmSeconds: v.optional(seconds, 60),
  selfHealSeconds: v.optional(seconds, 300),
  maxLossSeconds: v.optional(seconds, 30),
  cooldownSeconds: v.optional(seconds, 3600),
  /** While an incident is open the reconciler looks again after this many seconds. */
  stepSeconds: v.optional(v.pipe(v.number(), v.minValue(0.2, 'expected 0.2 or more')), 5),
});

/** Where who leads is written down. An eventually consistent table is no choice: in each of its regions a condition sees its own copy. */
const RecordKeeping = v.variant(
  'kind',
  [
    /** A table of the recovery region alone: without it nothing is promoted, and no lease can be kept in it. */
    v.strictObject({ kind: v.literal('dr-only') }),
    /** A global table with strong consistency: the pair's two regions, and a third one of their set (shared/config/record.ts). */
    v.strictObject({
      kind: v.literal('mrsc'),
      third: v.optional(region),
      thirdIs: v.optional(v.picklist(['witness', 'replica'], 'expected witness or replica'), 'witness'),
    }),
  ],
  'expected dr-only or mrsc: over an eventually consistent table (mrec) each region could commit an epoch of its own',
);

/** A pattern whose named group says one thing of a key: all that is ambiguous about it at once. */
const clearPattern = (group: 'customer' | 'value') =>
  v.pipe(
    patternWith(group),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || !compiles(dataset.value)) return;
      for (const message of ambiguities(dataset.value, group)) addIssue({ message });
    }),
  );
const metadataKey = v.pipe(
  v.string(),
  v.regex(
    /^(?!x-amz-)[a-z0-9][a-z0-9._-]{0,127}$/,
    'expected the lower-case name of user metadata, without x-amz-meta-',
  ),
);
const tagKey = v.pipe(
  v.string(),
  v.minLength(1, 'expected a tag key'),
  v.maxLength(128, 'expected 128 letters or less'),
);

/** A value is in the row and in an index entry: beyond 1 KB each write costs twice, and items end at 400 KB. */
const ATTRIBUTE_BYTES = 1024;
const maxBytes = v.optional(
  v.pipe(
    atLeastOne,
    v.maxValue(ATTRIBUTE_BYTES, `expected ${ATTRIBUTE_BYTES} or less: longer values would exceed the size of a row`),
  ),
);

const Bucket = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected an S3 bucket name')),
  /** Whose an object is: from its key; or, with one HEAD for each new object, from its user metadata or a tag. */
  customer: v.union(
    [
      v.strictObject({ pattern: clearPattern('customer') }),
      v.strictObject({ metadata: metadataKey }),
      v.strictObject({ tag: tagKey }),
    ],
    'expected { pattern } with a named group (?<customer>…), { metadata } or { tag }',
  ),
  /** What can be asked for by value. A longer value is kept up to maxBytes (256). */
  attributes: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,30}$/, 'expected lower-case letters, digits and underscores')),
      v.union(
        [
          v.strictObject({ pattern: clearPattern('value'), maxBytes }),
          v.strictObject({ contentType: v.literal(true), maxBytes }),
          v.strictObject({ metadata: metadataKey, maxBytes }),
          v.strictObject({ tag: tagKey, maxBytes }),
        ],
        'expected { pattern } with a named group (?<value>…), { contentType: true }, { metadata } or { tag }',
      ),
    ),
    {},
  ),
});

/** Sparse indexes that the table has for attributes (resources/object-index.yml). */
const ATTRIBUTES = 3;

const ObjectIndex = v.strictObject({
  buckets: v.pipe(
    v.array(Bucket),
    v.check(
      (buckets) => new Set(buckets.flatMap(({ attributes }) => Object.keys(attributes))).size <= ATTRIBUTES,
      `expected at most ${ATTRIBUTES} attributes over all buckets: the table has an index for each`,
    ),
    v.check(
      (buckets) => new Set(buckets.map((bucket) => bucket.name)).size === buckets.length,
      'expected each bucket once: whose its objects are would be ambiguous',
    ),
  ),
  /** Totals by day of last modification: two more writes per object where customers hold few objects each. */
  statistics: v.optional(v.strictObject({ days: v.optional(v.boolean(), false) }), {}),
  /** Objects of at least so many bytes can be listed by size: one more index write each. */
  largestFromBytes: v.optional(count, 1_048_576),
  shards: v.optional(
    v.strictObject({
      totals: v.optional(v.pipe(atLeastOne, v.maxValue(64, 'expected 64 or less')), 16),
      dates: v.optional(v.pipe(atLeastOne, v.maxValue(64, 'expected 64 or less')), 4),
    }),
    {},
  ),
});

const SearchTable = v.strictObject({
  name: name('a table name'),
  /** The ARN of the table's stream, with its label; `describe-table` prints it as LatestStreamArn. */
  streamArn: v.pipe(
    v.string(),
    v.regex(/^arn:aws[a-z-]*:dynamodb:[^:]+:\d{12}:table\/[^/]+\/stream\/.+$/, 'expected the ARN of a stream'),
  ),
  /** The alias that is searched; the index behind it is versioned. */
  index: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,60}$/, 'expected lower-case letters, digits and hyphens')),
  keys: v.strictObject({
    partition: name('the partition key attribute'),
    sort: v.optional(name('the sort key attribute')),
  }),
  project: v.optional(
    v.strictObject({
      include: v.optional(v.array(name('an attribute'))),
      exclude: v.optional(v.array(name('an attribute'))),
      rename: v.optional(v.record(v.string(), v.string())),
    }),
  ),
  /** A file beside the config with mappings of your own, in OpenSearch's words: { properties, settings? }. */
  mapping: v.optional(v.pipe(v.string(), v.regex(/\.json$/, 'expected the name of a .json file'))),
});

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, 'gi') !== undefined;
  } catch {
    return false;
  }
};

const SearchSettings = v.strictObject({
  domainEndpoint: v.pipe(v.string(), v.regex(/^https:\/\/[^/]+$/, 'expected https://host, without a path')),
  domainArn: v.pipe(
    v.string(),
    v.regex(/^arn:aws[a-z-]*:(es|aoss):[^:]+:\d{12}:.+$/, 'expected the ARN of a domain or collection'),
  ),
  /** `sigv4`: each function is its role. Or a user of the domain's fine-grained access control: a secret of { username, password }. */
  auth: v.optional(
    v.union(
      [
        v.literal('sigv4'),
        v.strictObject({
          secretArn: v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:.+$/)),
        }),
      ],
      'expected sigv4, or { secretArn } with the ARN of a secret',
    ),
    'sigv4',
  ),
  tables: v.array(SearchTable),
  /** Every table is compared with its index by the clock, at the price of reading it once; absent, only `mainstay search drift` does. */
  driftCheck: v.optional(
    v.strictObject({
      every: v.picklist(['day', 'week'], 'expected day or week'),
      /** Bring together what differs; without it people are told. */
      repair: v.optional(v.boolean(), false),
    }),
  ),
  logs: v.optional(
    v.array(
      v.strictObject({
        logGroup: name('a log group'),
        indexPrefix: v.pipe(
          v.string(),
          v.regex(/^[a-z][a-z0-9-]{0,40}$/, 'expected lower-case letters, digits and hyphens'),
        ),
        /** Whole days older than this are deleted; absent, they stay for ever. */
        keepDays: v.optional(v.pipe(atLeastOne, v.maxValue(3650, 'expected 3650 or less'))),
        /** `postgresql`: prefix, severity, durations and statements become fields, and lines of one event one document. */
        format: v.optional(v.picklist(['plain', 'postgresql'], 'expected plain or postgresql'), 'plain'),
        /** As the server's parameter of that name; the default is that of RDS (docs: USER_LogAccess.Concepts.PostgreSQL). */
        logLinePrefix: v.optional(
          v.pipe(
            v.string(),
            v.regex(/^(?:[^%]|%-?\d*[audrhbpPtmnieclsvxQLq%])*$/, "expected only PostgreSQL's own escapes"),
            v.regex(
              /%-?\d*[tmnpc]/,
              'expected %t, %m, %n, %p or %c in it: without one no line can be told from another',
            ),
          ),
          '%t:%r:%u@%d:[%p]:',
        ),
        /** Regular expressions of secrets, beside those that are always masked; the group (?<secret>…), else the whole match. */
        mask: v.optional(v.array(v.pipe(v.string(), v.check(isPattern, 'expected a regular expression'))), []),
      }),
    ),
    [],
  ),
});

const Search = v.pipe(
  SearchSettings,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { auth, domainArn } = dataset.value;
    // Serverless collections know signed requests only.
    if (auth === 'sigv4' || domainArn.split(':')[2] === 'es') return;
    addIssue({
      message: 'expected sigv4: a serverless collection has no users of its own',
      input: auth,
      path: [{ type: 'object', origin: 'value', input: dataset.value, key: 'auth', value: auth }],
    });
  }),
);

// docs: USER_CopySnapshot — snapshots do not leave their partition: China and GovCloud are partitions of their own.
const partitionOf = (region: string): string => /^(cn|us-gov)-/.exec(region)?.[1] ?? 'commercial';

/** `ledger-e3` is what `ledger` is rebuilt as in epoch 3: two pairs must not take it for their own. */
const isRebuiltOf = (instance: string, of: string): boolean =>
  instance.startsWith(`${of}-e`) && /^\d+$/.test(instance.slice(of.length + 2));

export const ConfigSchema = v.pipe(
  v.strictObject({
    stage: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]{0,15}$/, 'expected lower-case letters and digits')),
    account: v.pipe(v.string('expected 12 digits in quotes'), v.regex(/^\d{12}$/, 'expected 12 digits in quotes')),
    regions: v.strictObject({ primary: region, recovery: region, witness: region }),
    network: v.strictObject({ primary: network, recovery: network }),
    snapshots: Snapshots,
    failover: v.strictObject({ record: v.optional(RecordKeeping, { kind: 'dr-only' }), pairs: v.array(Pair) }),
    objectIndex: ObjectIndex,
    search: Search,
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { stage, regions, failover, snapshots } = dataset.value;
    if (new Set(Object.values(regions)).size < 3) {
      addIssue({
        message: 'expected three different regions: a witness in the region of another sees nothing of its own',
        input: regions,
        path: [{ type: 'object', origin: 'value', input: dataset.value, key: 'regions', value: regions }],
      });
    }
    if (snapshots.copies && partitionOf(regions.primary) !== partitionOf(regions.recovery)) {
      addIssue({
        message: `expected a region of the partition of ${regions.primary}: RDS copies no snapshot to another one`,
        input: regions.recovery,
        path: [
          { type: 'object', origin: 'value', input: dataset.value, key: 'regions', value: regions },
          { type: 'object', origin: 'value', input: regions, key: 'recovery', value: regions.recovery },
        ],
      });
    }
    const { record } = failover;
    for (const { at, input, message } of record.kind === 'mrsc' ? mrscProblems(regions, record) : []) {
      addIssue({
        message,
        input,
        path:
          at === 'third'
            ? [
                { type: 'object', origin: 'value', input: dataset.value, key: 'failover', value: failover },
                { type: 'object', origin: 'value', input: failover, key: 'record', value: record },
                { type: 'object', origin: 'value', input: record, key: 'third', value: input },
              ]
            : [
                { type: 'object', origin: 'value', input: dataset.value, key: 'regions', value: regions },
                { type: 'object', origin: 'value', input: regions, key: at, value: input },
              ],
      });
    }
    failover.pairs.forEach((pair, index) => {
      const inPair = (key: keyof typeof pair, input: unknown, message: string) =>
        addIssue({
          message,
          input,
          path: [
            { type: 'object', origin: 'value', input: dataset.value, key: 'failover', value: failover },
            { type: 'object', origin: 'value', input: failover, key: 'pairs', value: failover.pairs },
            { type: 'array', origin: 'value', input: failover.pairs, key: index, value: pair },
            { type: 'object', origin: 'value', input: pair, key, value: pair[key] },
          ],
        });
      for (const { key, input, message } of kindProblems(pair)) inPair(key, input, message);
      const { writer, reader } = pair.dns;
      if (reader === writer) inPair('dns', reader, 'expected a reader other than the writer: one name cannot be both');
      const others = failover.pairs.slice(0, index);
      const taken = others.flatMap(({ dns }) => [dns.writer, dns.reader].filter((one) => one !== undefined));
      for (const one of [writer, reader]) {
        if (one !== undefined && taken.includes(one)) inPair('dns', one, 'expected a name that no other pair moves');
      }
      const readers = (pair.dns.readers ?? []).map(({ instance }) => instance);
      if (readers.length > 0 && reader === undefined) {
        inPair('dns', readers[0], 'expected a reader beside readers: the name that leads to them');
      }
      const known = [pair.primary.instance, pair.replica.instance];
      readers.forEach((one, at) => {
        if (readers.indexOf(one) < at || known.some((own) => own === one || isRebuiltOf(one, own)))
          inPair('dns', one, "expected each reader once, and none of the pair's own two: they are readers anyway");
      });
      if (others.some((other) => other.name === pair.name)) {
        inPair('name', pair.name, 'expected a name that no other pair has: its record is kept under it');
      }
      const shut = pair.replica.fencedSecurityGroupId;
      if (shut !== undefined && shut === pair.fencedSecurityGroupId) {
        inPair('replica', shut, "expected a security group of the replica's VPC: a group belongs to one VPC");
      }
      for (const side of ['primary', 'replica'] as const) {
        const own = pair[side].instance;
        const twin = failover.pairs.find((other) => other !== pair && isRebuiltOf(own, other[side].instance));
        if (twin) inPair(side, own, `expected a name that is not ${twin.name}'s: its rebuilt instances are called so`);
        if (others.some((other) => other[side].instance === own)) {
          inPair(side, own, 'expected an instance that no other pair has');
        }
      }
      // The guard logs in by its own secret, whose host the failover must not change under it.
      if (pair.login.kind === 'secret' && pair.secondChannel?.secretIds?.includes(pair.login.secretId)) {
        inPair('secondChannel', pair.login.secretId, "expected secrets of clients, not the guard's own login");
      }
      const { fence, lease, maxLossSeconds, stepSeconds } = pair;
      if (fence === 'lease' && lease === undefined) {
        inPair(
          'fence',
          fence,
          'expected a lease beside it: { seconds }, with failover.record: { kind: mrsc }, or { table, seconds } with a table that outlives the recovery region',
        );
      }
      if (lease !== undefined && fence !== 'lease') {
        inPair('lease', lease, `expected fence: lease beside it, or no lease: with fence: ${fence} nobody keeps it`);
      }
      const dies =
        'a table of one region dies with it, and losing the recovery region must never shut a healthy leader out';
      if (lease?.table?.startsWith(`mainstay-${stage}-`)) {
        inPair(
          'lease',
          lease.table,
          record.kind === 'mrsc'
            ? 'expected no table: the lease is then kept beside the record'
            : `expected a global table with strong consistency, none of this stack's: ${dies}`,
        );
      }
      if (lease !== undefined && lease.table === undefined && record.kind !== 'mrsc') {
        inPair('lease', lease, `expected a table, or failover.record: { kind: mrsc }: ${dies}`);
      }
      const least = lease && leastLossSeconds(lease.seconds, stepSeconds);
      if (fence === 'lease' && least !== undefined && maxLossSeconds < least) {
        const why = 'so much is committed before a lease that nobody renews has closed the leader for certain';
        inPair('maxLossSeconds', maxLossSeconds, `expected ${least} or more: ${why}`);
      }
    });
  }),
);

export type Config = v.InferOutput<typeof ConfigSchema>;
export type PairConfig = Config['failover']['pairs'][number];
export type LoginConfig = PairConfig['login'];
export type BucketConfig = Config['objectIndex']['buckets'][number];
export type SearchTableConfig = Config['search']['tables'][number];
export type RegionRole = keyof Config['regions'];
