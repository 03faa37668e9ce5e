import type { Mutant } from './mutant.ts';

// The drill, step by step: what is written before it is asked for, in which order it goes, and what calls RDS.

const wing = 'functions/failover';
const core = `${wing}/core`;
const worlds = [`${core}/drills/step.test.ts`, 'tests/failover/drills/drill.test.ts'];
/** One step at a time: each fails at once, where a world would turn for ever. */
const conditions = [`${core}/drills/conditions.test.ts`];
const orders = [`${core}/drills/order.test.ts`];
const steps = ['tests/failover/drills/step.test.ts'];
const stage = ['tests/failover/drills/stage.test.ts'];

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

/** The drill's course, its adapter and its book. */
export const drilled = [
  ...mutants(
    'core/drills/step.ts',
    worlds,
    (['leader', 'replica'] as const).map((part) => ({
      id: `drill-writes-${part}-first`,
      removes: `that the ${part} is written down before RDS is asked for it`,
      find: `return withPart(next, '${part}', { askedMs: nowMs });`,
      replace: 'return next;',
    })),
  ),
  ...mutants('core/drills/step.ts', worlds, [
    {
      id: 'drill-writes-group-first',
      removes: 'that the group is written down before RDS is asked for it',
      find: 'return { ...next, group: { ...next.group, askedMs: nowMs } };',
      replace: 'return next;',
    },
    {
      id: 'drill-records-leader',
      removes: 'that the resource id of what was made is written down',
      find: "return withPart(drill, 'leader', { resourceId: resourceIdOf(situation, 'leader') });",
      replace: 'return drill;',
    },
    {
      id: 'drill-kept-is-told',
      removes: 'that what was left standing is told',
      find: "if (row.when === 'kept-for-good') next =",
      replace: 'if (false) next =',
    },
  ]),
  ...mutants('core/drills/conditions.ts', conditions, [
    {
      id: 'drill-replica-goes-first',
      removes: 'that the primary goes after its replica',
      find: "'leader-stands': (s) => isGone(s, 'replica') && stands",
      replace: "'leader-stands': (s) => stands",
    },
    {
      id: 'drill-cut-off-first',
      removes: 'that the engine is rebooted only behind the empty group',
      find: "      isCutOff(s) &&\n      one?.status === 'available' &&",
      replace: "      one?.status === 'available' &&",
    },
  ]),
  ...mutants('core/drills/conditions.ts', worlds, [
    {
      id: 'drill-own-alone',
      removes: 'the leave, when a change or a deletion is decided',
      find: 'mayTouch(seen, drill, part, conditions ?? REMOVAL_CONDITIONS).may ?',
      replace: 'true ?',
    },
    {
      id: 'drill-called-off',
      removes: 'that a person calls it off',
      find: "'called-off': ({ drill }) => drill.calledOff !== undefined,",
      replace: "'called-off': () => false,",
    },
    {
      id: 'drill-follows-its-own',
      removes: 'that the failover is the one of its own replica',
      find: "record?.phase === 'degraded' && record.leader.instance === s.drill.replica.instance;",
      replace: 'record !== undefined;',
    },
    {
      id: 'drill-all-gone',
      removes: 'that the seat is free only when nothing is left',
      find: '!hasOwnNames(s) && parts.every((part) => isGone(s, part)) && isGroupGone(s),',
      replace: '!hasOwnNames(s),',
    },
  ]),
  ...mutants('core/drills/order.ts', orders, [
    {
      id: 'drill-of-a-healthy-pair',
      removes: 'that a pair in an incident is not drilled',
      find: "if (record.phase !== 'healthy') return",
      replace: 'if (false) return',
    },
    {
      id: 'drill-of-a-known-pair',
      removes: 'that a pair whose instances were never seen well is not drilled',
      find: 'if (leader.resourceId === undefined || candidate.resourceId === undefined)',
      replace: 'if (false)',
    },
    {
      id: 'drill-needs-a-group',
      removes: 'that a drill needs the empty group of the leader’s region',
      find: 'if (policy.fencedSecurityGroups[leader.region] === undefined)',
      replace: 'if (false)',
    },
    {
      id: 'drill-newer-book',
      removes: 'that the book of a newer release is left alone',
      find: 'if (book.schemaVersion > DRILL_SCHEMA_VERSION) return',
      replace: 'if (false) return',
    },
  ]),
  ...mutants('run/drills/step.ts', worlds, [
    {
      id: 'drill-silence',
      removes: 'that an answer which is not to be had is not taken for nothing there',
      find: "return { kind: 'unseen', detail: errorText(error) };",
      replace: "return { kind: 'absent' };",
    },
  ]),
  ...mutants('run/drills/step.ts', steps, [
    {
      id: 'drill-newer-book-stepped',
      removes: 'that a drill of a newer release is not stepped',
      find: ' || book.schemaVersion > DRILL_SCHEMA_VERSION) return undefined;',
      replace: ') return undefined;',
    },
    {
      id: 'drill-receipt-first',
      removes: 'that the seat is free only once the receipt is kept',
      find: "    if (outcome.kind !== 'ok') return { drill, row, kind };\n",
      replace: '',
    },
    {
      id: 'drill-removed-for-certain',
      removes: 'that an order to remove which RDS refused is not taken for carried out',
      find: 'if (error !== undefined) return { ...drill, lastError: error };',
      replace: 'if (error !== undefined && error === drill.lastError) return { ...drill, lastError: error };',
    },
  ]),
  ...mutants('aws/drills/stage.ts', stage, [
    {
      id: 'drill-fresh-look',
      removes: 'the leave, asked again with a fresh look right before the call',
      find: 'if (!removal.may) throw new Error(removal.sentence);',
      replace: '',
    },
    {
      id: 'drill-removes-own',
      removes: 'the fresh look before a deletion',
      find: '      await own(drill, part);\n',
      replace: '',
    },
    {
      id: 'drill-takes-own-out',
      removes: 'the fresh look before the network is taken away',
      find: "const leader = await own(drill, 'leader');",
      replace: 'const leader = await like(drill.leader);',
    },
    {
      id: 'drill-reboots-own',
      removes: 'the fresh look before the reboot',
      find: "    reboot: async (drill) => {\n      await own(drill, 'leader');\n",
      replace: '    reboot: async (drill) => {\n',
    },
    {
      id: 'drill-own-snapshot',
      removes: 'that a snapshot of an earlier instance of that name is not restored',
      find: ' || DbiResourceId !== resourceId) continue;',
      replace: ') continue;',
    },
  ]),
  ...mutants(
    'aws/drills/store.ts',
    ['tests/failover/drills/store.test.ts'],
    [
      {
        id: 'drill-store-swap',
        removes: 'the compare-and-swap of the book',
        find: "ConditionExpression: '#version = :expected'",
        replace: "ConditionExpression: '#version <> :expected OR #version = :expected'",
      },
    ],
  ),
];
