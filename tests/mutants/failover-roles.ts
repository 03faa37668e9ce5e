import type { Mutant } from './mutant.ts';

// Failover, the roles: who led before, the replica that is built, and the swap.

const wing = 'functions/failover';
const core = `${wing}/core`;
const built = [`${core}/rebuild.test.ts`, 'tests/failover/rebuild.test.ts'];

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

/** What readiness says of rebuilt instances and of the readers. */
const readiness = [
  ...mutants(
    'core/readiness-tags.ts',
    [`${core}/readiness-tags.test.ts`],
    [
      {
        id: 'ready-tag',
        removes: 'that a rebuilt instance without the tag which IAM asks for blocks',
        find: 'return pairTag === pair\n',
        replace: 'return true\n',
      },
      {
        id: 'ready-tag-of-pair',
        removes: "that the tag must name this pair and not another one's",
        find: 'return pairTag === pair\n',
        replace: 'return pairTag !== undefined\n',
      },
      {
        id: 'ready-tag-own-names',
        removes: 'that instances under the names of the config need no tag',
        find: 'instance !== nameIn(policy, region)',
        replace: 'true',
      },
      {
        id: 'ready-tag-silence',
        removes: 'that silence of RDS is no missing tag',
        find: "if (answer.kind !== 'ok') return unknown(",
        replace: "if (answer.kind !== 'ok') return blocked(",
      },
    ],
  ),
  ...mutants(
    'core/readiness-readers.ts',
    [`${core}/readiness-readers.test.ts`],
    [
      {
        id: 'ready-reader-each',
        removes: 'that each further reader is looked at',
        find: '...readers.map((one): Check',
        replace: '...[].map((one: Target): Check',
      },
      {
        id: 'ready-reader-follows',
        removes: 'that a further reader follows the pair',
        find: "if (!sources.some((source) => isInstance(view.source ?? '', source)))",
        replace: 'if (false)',
      },
      {
        id: 'ready-reader-gone',
        removes: 'that an instance which is not there is told',
        find: "if (view === 'gone')",
        replace: "if (view === 'gone') return ready(out); if (false)",
      },
      {
        id: 'ready-reader-record',
        removes: 'that a missing record is told',
        find: 'if (mine === undefined) return missing(',
        replace: 'if (mine === undefined) return ready(',
      },
      {
        id: 'ready-reader-leads',
        removes: 'that a record which leads elsewhere is told',
        find: 'if (!leadsThere(mine))',
        replace: 'if (false)',
      },
      {
        id: 'ready-reader-identifier-first',
        removes: 'that a record under our identifier is looked at before one that leads there',
        find: 'seen.records.find(({ identifier }) => identifier === instance) ?? ',
        replace: '',
      },
      {
        id: 'ready-reader-weight',
        removes: 'that a record without a weight is told',
        find: ' || mine.weight === undefined)',
        replace: ')',
      },
      {
        id: 'ready-reader-health-check',
        removes: 'that a record on no health check of its own is told',
        find: 'if (mine.healthCheckId !== check)',
        replace: 'if (false)',
      },
      {
        id: 'ready-reader-health-check-made',
        removes: 'that a reader without any health check is told',
        find: 'if (check === undefined)',
        replace: "if (check === undefined) return ready('');\n  if (false)",
      },
      {
        id: 'ready-reader-identifier',
        removes: 'that a record under another identifier is told',
        find: 'if (mine.identifier !== instance)',
        replace: 'if (false)',
      },
    ],
  ),
];

/** The old primary, the standby, the guard that touches only its pair, and what readiness says of those that were built. */
export const roles = [
  ...readiness,
  ...mutants('core/retired.ts', built, [
    {
      id: 'retired-identity',
      removes: 'that a restored instance under the old name is another one',
      find: 'const isAnother = resourceId !== undefined &&',
      replace: 'const isAnother = false &&',
    },
    {
      id: 'retired-stop-after-salvage',
      removes: 'that the old primary is stopped only after its snapshot',
      find: '      savedMs !== undefined &&\n      nowMs - savedMs > AFTERMATH_AGAIN_MS &&\n',
      replace: '',
    },
    {
      id: 'retired-salvage-once',
      removes: 'that the old primary is snapshotted once',
      find: '    one.intents.salvage?.doneAtMs === undefined &&\n',
      replace: '',
    },
    {
      id: 'retired-haste',
      removes: 'the pause between two orders to shut the door',
      find: "return !isShut(view, empty) && isLongAgo(one, 'fence-old', nowMs, again);",
      replace: 'return !isShut(view, empty);',
    },
  ]),
  ...mutants('core/rebuild.ts', built, [
    {
      id: 'rebuild-acknowledged',
      removes: 'that a person has acknowledged before anything is built',
      find: 'if (record.acked === undefined || record.acked.replica',
      replace: 'if (record.acked?.replica',
    },
    {
      id: 'rebuild-once',
      removes: 'that a replica is asked for once',
      find: 'return asked === undefined || (asked.doneAtMs === undefined && nowMs - asked.atMs > BUILD_AGAIN_MS);',
      replace: 'return true;',
    },
    {
      id: 'rearm-acknowledged',
      removes: 'that a person has acknowledged before the pair is armed again',
      find: "if (record.acked === undefined) return ['nobody has acknowledged the incident yet'];",
      replace: '',
    },
    {
      id: 'rearm-source',
      removes: 'that the standby must be a replica of the new leader',
      find: "if (candidate.status === 'available' && !isInstance(candidate.source ?? '', leader.instance))",
      replace: 'if (false)',
    },
    {
      id: 'rearm-hears',
      removes: 'that the standby must hear from the new leader',
      find: 'if (!mayReceive(evidence, receivingWithinMs(policy)))',
      replace: 'if (false)',
    },
    {
      id: 'rearm-heartbeat',
      removes: "that the standby must show the leader's heartbeat of this epoch",
      find: 'return replica.heartbeat?.epoch === record.epoch',
      replace: 'return true',
    },
    {
      id: 'rearm-group',
      removes: 'that the new leader can be fenced before the pair is armed again',
      find: 'if (policy.fencedSecurityGroups[leader.region] === undefined)',
      replace: 'if (false)',
    },
    {
      id: 'rearm-cooldown',
      removes: 'the cooldown before the pair is armed again',
      find: '...(cooldownUntilMs > nowMs ?',
      replace: '...(false ?',
    },
    {
      id: 'rearm-of-pair',
      removes: 'that the guard may touch the standby',
      find: 'if (standby !== undefined && !isOfPair(policy, standby))',
      replace: 'if (false)',
    },
  ]),
  ...mutants('run/rebuild.ts', built, [
    {
      id: 'build-looks-first',
      removes: 'that a replica which is there already is looked at',
      find: 'if (there !== undefined) {',
      replace: 'if (false) {',
    },
    {
      id: 'build-identity',
      removes: 'that leader and old primary are known by their identity',
      find: 'if (resourceId === undefined || view.resourceId !== resourceId) {',
      replace: 'if (false) {',
    },
    {
      id: 'build-lifetime',
      removes: 'the lifetime of an order to build',
      find: 'if (clock.now() > (intents.rebuild?.atMs ?? 0) + COMMAND_LIFETIME_MS)',
      replace: 'if (false)',
    },
    {
      id: 'build-groups',
      removes: 'that a replica is never made without security groups',
      find: 'if (groups.length === 0) throw',
      replace: 'if (false) throw',
    },
  ]),
  ...mutants(
    'core/record.ts',
    [`${core}/record.test.ts`],
    [
      {
        id: 'record-upgraded',
        removes: 'that a record of the release before is read',
        find: 'if (stored.schemaVersion >= 3) return stored;',
        replace: 'if (stored.schemaVersion >= 2) return stored;',
      },
    ],
  ),
];
