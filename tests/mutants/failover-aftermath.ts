import type { Mutant } from './mutant.ts';

// Failover, what comes after: who led before, the replica that is built, whom the guard may touch, and the word of a person.

const wing = 'functions/failover';
const core = `${wing}/core`;
const built = [`${core}/rebuild.test.ts`];

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

const orders = mutants(
  'run/aftermath.ts',
  ['tests/failover/aftermath.test.ts'],
  [
    {
      id: 'aftermath-that-very-one',
      removes: 'that only the very instance that led before is snapshotted and stopped',
      find: 'if (resourceId === undefined || view.resourceId !== resourceId) {',
      replace: 'if (false) {',
    },
    {
      id: 'aftermath-lifetime',
      removes: 'the lifetime of an order about the old primary',
      find: 'if (clock.now() > order.notAfterMs) throw',
      replace: 'if (false) throw',
    },
  ],
);

const before = [
  ...mutants('core/retired.ts', built, [
    {
      id: 'retired-no-identity',
      removes: 'that who has a part in the pair now is not taken for one that was never seen well',
      find: ' || (one.resourceId === undefined && another)) return false;',
      replace: ') return false;',
    },
    {
      id: 'retired-refused-pause',
      removes: 'the longer pause after RDS refused to shut the door, in which other rows have their turn',
      find: '? SHUT_AGAIN_MS : REFUSED_AGAIN_MS;',
      replace: '? SHUT_AGAIN_MS : SHUT_AGAIN_MS;',
    },
    {
      id: 'retired-no-empty-group',
      removes: 'that nothing is ordered where the config names no empty group',
      find: 'empty === undefined || (one',
      replace: '(one',
    },
    {
      id: 'retired-known',
      removes: 'that one which was never seen well is neither snapshotted nor stopped',
      find: "view?.status === 'available' && resourceId !== undefined && view.resourceId === resourceId;",
      replace: "view?.status === 'available';",
    },
    {
      id: 'retired-runs',
      removes: 'that only one that runs is snapshotted and stopped',
      find: "view?.status === 'available' && resourceId",
      replace: 'view !== undefined && resourceId',
    },
    {
      id: 'retired-stop-after-a-minute',
      removes: 'the time that a snapshot needs before the stop',
      find: '      nowMs - savedMs > AFTERMATH_AGAIN_MS &&\n',
      replace: '',
    },
    {
      id: 'retired-stop-haste',
      removes: 'the pause between two orders to stop',
      find: " &&\n      isLongAgo(one, 'stop', nowMs, AFTERMATH_AGAIN_MS)",
      replace: '',
    },
    {
      id: 'retired-salvage-haste',
      removes: 'the pause between two orders to snapshot',
      find: " &&\n    isLongAgo(one, 'salvage', nowMs, AFTERMATH_AGAIN_MS)",
      replace: '',
    },
    {
      id: 'retired-kept-for-ever',
      removes: 'that one which a person deleted is forgotten',
      find: "filter((one) => wordOn(situation, one) !== 'gone')",
      replace: 'filter(() => true)',
    },
    {
      id: 'retired-forgotten-in-silence',
      removes: 'that silence of RDS forgets nobody',
      find: "filter((one) => wordOn(situation, one) !== 'gone')",
      replace: "filter((one) => typeof wordOn(situation, one) === 'object')",
    },
  ]),
  ...mutants(
    'core/phases.ts',
    built,
    (['old-primary-is-loose', 'salvage-owed', 'stop-owed'] as const).map((when) => ({
      id: `healthy-${when}`,
      removes: `the row ${when} of a healthy pair`,
      find: `from: 'healthy',\n    when: '${when}',`,
      replace: `from: 'degraded',\n    when: '${when}',`,
    })),
  ),
  ...mutants('core/advance.ts', built, [
    {
      id: 'retired-noted-one',
      removes: 'that an order is noted with the one that it is about, and with no other',
      find: '(one.epoch === due?.epoch ? order(one) : one)',
      replace: 'order(one)',
    },
    {
      id: 'retired-closed-one',
      removes: 'that the outcome is noted with the one that the order was about',
      find: 'intent !== undefined && givenMs(one) === lastMs',
      replace: 'intent !== undefined',
    },
    {
      id: 'swapped-roles',
      removes: 'that the standby which follows becomes the candidate',
      find: 'return { ...rest, candidate: learned(standby, candidate) };',
      replace: 'return rest;',
    },
  ]),
  ...mutants(
    'core/advance.ts',
    [`${core}/advance.test.ts`],
    [
      {
        id: 'leader-retired',
        removes: 'that who led before is remembered, with its fence',
        find: 'retired: [...record.retired, { ...record.leader, epoch: record.epoch, fence: record.fence, intents: {} }],',
        replace: '',
      },
      {
        id: 'fence-stays-with-the-old-one',
        removes: 'that the fence of the old leader is not the new one’s',
        find: 'lastWrite: undefined, fence: undefined },',
        replace: 'lastWrite: undefined },',
      },
    ],
  ),
];

const rebuilding = [
  ...mutants('core/rebuild.ts', built, [
    {
      id: 'rebuild-own-name',
      removes: 'that a replica is built under a name of its own',
      find: '{ region, instance: rebuiltName(name, record.epoch) }',
      replace: '{ region, instance: name }',
    },
    {
      id: 'rebuild-named',
      removes: 'that nothing is built where a person named a replica',
      find: ' || record.acked.replica !== undefined || template(record) === undefined) return false;',
      replace: ' || template(record) === undefined) return false;',
    },
    {
      id: 'rebuild-template',
      removes: 'that nothing is built where nothing says what it should be like',
      find: ' || record.acked.replica !== undefined || template(record) === undefined) return false;',
      replace: ' || record.acked.replica !== undefined) return false;',
    },
    {
      id: 'rebuild-pause',
      removes: 'the minute between two orders to build',
      find: ' && nowMs - asked.atMs > BUILD_AGAIN_MS);',
      replace: ');',
    },
    {
      id: 'rebuild-done',
      removes: 'that an order which RDS took is not given again',
      find: '(asked.doneAtMs === undefined && nowMs - asked.atMs',
      replace: '(nowMs - asked.atMs',
    },
    {
      id: 'rebuild-epoch',
      removes: 'that an order of an earlier epoch counts for nothing',
      find: '/rebuild` ? rebuild : undefined;',
      replace: '/rebuild` || true ? rebuild : undefined;',
    },
    {
      id: 'rearm-stuck',
      removes: 'that what will not change by itself keeps the pair from being armed',
      find: 'if (stuck !== undefined) return [stuck];',
      replace: '',
    },
    {
      id: 'rearm-asked-for',
      removes: 'that there is a standby at all',
      find: "if (standby === undefined) return ['a replica is about to be asked for'];",
      replace: 'if (standby === undefined) return [];',
    },
    {
      id: 'rearm-write',
      removes: 'that the new leader takes writes',
      find: "guardWord(evidence)?.write.kind === 'wrote' ?",
      replace: 'true ?',
    },
    {
      id: 'rearm-readers',
      removes: 'that the readers have moved',
      find: 'policy.names.reader === undefined || [',
      replace: 'true || [',
    },
    {
      id: 'rearm-available',
      removes: 'that the standby is available',
      find: "if (candidate.status !== 'available') return [",
      replace: 'if (false) return [',
    },
    {
      id: 'rearm-asked',
      removes: 'that the standby could be asked what it hears',
      find: 'if (replica === undefined) return [',
      replace: 'if (replica === undefined) return []; if (false) return [',
    },
    {
      id: 'rearm-broken',
      removes: 'that a broken standby is told',
      find: 'if (isBroken(candidate.status)) return',
      replace: 'if (false) return',
    },
    {
      id: 'rearm-address',
      removes: 'that in mode stop the standby bears the address of the record',
      find: "policy.names.mode === 'stop' &&",
      replace: 'false &&',
    },
  ]),
  ...mutants(
    'run/rebuild.ts',
    ['tests/failover/rebuild.test.ts'],
    [
      {
        id: 'build-name-taken',
        removes: 'that an instance under that name which follows somebody else is not taken for ours',
        find: "if (isInstance(there.source ?? '', leader.instance)) return;",
        replace: 'return;',
      },
      {
        id: 'build-leader-itself',
        removes: 'that the leader is the very one of the record',
        find: '  await mustBe(instances, leader);\n',
        replace: '',
      },
      {
        id: 'build-old-itself',
        removes: 'that what the replica is built like is the very old primary',
        find: '  await mustBe(instances, old);\n',
        replace: '',
      },
    ],
  ),
];

const touched = mutants(
  'core/policy.ts',
  ['tests/failover/guard.test.ts'],
  [
    {
      id: 'of-pair-number',
      removes: 'that only an epoch may follow the name of the pair',
      find: ' && /^\\d{1,9}$/.test(instance.slice(name.length + 2))',
      replace: '',
    },
    {
      id: 'of-pair-name',
      removes: 'that an instance has a name of the pair',
      find: '  instance === name || (instance',
      replace: '  true || (instance',
    },
  ],
);

const word = mutants('core/command.ts', built, [
  {
    id: 'ack-when-degraded',
    removes: 'that an incident is acknowledged only after it',
    find: "return record.phase === 'degraded'\n",
    replace: 'return true\n',
  },
  {
    id: 'ack-anew',
    removes: 'that a second word starts anew, with no replica of the first',
    find: 'done({ acked: said, standby: undefined, intents }',
    replace: 'done({ acked: said, intents }',
  },
]);

/** The old primary, the standby, whom the guard touches, and who acknowledges. */
export const aftermath = [...orders, ...before, ...rebuilding, ...touched, ...word];
