import type { Catalogue, Mutant } from './mutant.ts';
import { copies } from './snapshots-copies.ts';
import { deletion } from './snapshots-deletion.ts';
import { verification } from './snapshots-verification.ts';

// The snapshots wing: whatever stands between a call of AWS and harm, taken out in turn. Texts are kept short, so that a
// neighbour's change does not make them stale.

const core = 'functions/snapshots/core';
const run = 'functions/snapshots/run';

const guards = [`${core}/guards.test.ts`, `${core}/plan.test.ts`];
const selection = [`${core}/selection.test.ts`];
const shell = ['tests/snapshots/run.test.ts', 'tests/snapshots/whose-is-it.test.ts'];
const wire = ['tests/snapshots/wire.test.ts'];

/** Each by its own file, as the wing is laid out. */
const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file, tests }));

const evictions = [`${core}/eviction.test.ts`];
const room = [
  ...mutants(`${core}/plan.ts`, evictions, [
    {
      id: 'evict-armed',
      removes: 'the check that expiry is armed and not paused before room is made for new snapshots',
      find: "expiry === 'armed' ? evict(",
      replace: 'expiry !== undefined ? evict(',
    },
    {
      id: 'evict-breaker',
      removes: 'the limit of the circuit breaker on what makes room',
      find: 'allowed - leaving.length',
      replace: 'Number.POSITIVE_INFINITY',
    },
  ]),
  ...mutants(`${core}/expiry.ts`, evictions, [
    {
      id: 'evict-asked',
      removes: 'the wish of the config: room is made unasked',
      find: "onQuota !== 'evict-oldest' || ",
      replace: '',
    },
    {
      id: 'evict-guards',
      removes: 'the guards in front of what makes room',
      find: 'throughGuards({ ...group, candidates: group.good }, guards).left.filter',
      replace: 'group.good.filter',
    },
  ]),
];

const ownership = mutants(`${core}/ownership.ts`, guards, [
  {
    id: 'gate-not-manual',
    removes: 'the gate that lets only manual snapshots be judged',
    find: "admits: ({ type }) => type === 'manual'",
    replace: 'admits: () => true',
  },
  {
    id: 'gate-stack',
    removes: "the gate that keeps another stack's snapshots out",
    find: 'tags[OWN.stack] === stack',
    replace: 'tags[OWN.stack] === stack || true',
  },
  {
    id: 'gate-copied-tags',
    removes: "the gate that keeps a person's copy out, which took our tags along",
    find: 'tags[OWN.name]?.toLowerCase() === id.toLowerCase()',
    replace: 'tags[OWN.name]?.toLowerCase() === id.toLowerCase() || true',
  },
  {
    id: 'gate-slot-unreadable',
    removes: 'the doubt about a snapshot whose slot cannot be read',
    find: 'slotOf(snapshot) !== undefined &&',
    replace: '',
  },
  {
    id: 'gate-resource-id',
    removes: "the doubt about a snapshot whose resource id is not AWS's",
    find: '&& snapshot.tags[OWN.resourceId] === groupOf(snapshot)',
    replace: '',
  },
  {
    id: 'gate-not-available',
    removes: 'the gate that takes only what is available for a backup',
    find: "admits: ({ status }) => status === 'available'",
    replace: 'admits: () => true',
  },
]);

const guarding = mutants(`${core}/guards.ts`, guards, [
  {
    id: 'guard-tags-unreadable',
    removes: 'what keeps everything of a database with a mistake in its tags',
    find: 'all(group.problems.length > 0, group)',
    replace: 'all(false, group)',
  },
  {
    id: 'guard-empty-policy',
    removes: 'the refusal of a policy that keeps nothing',
    find: 'all(policyProblems(group.policy).length > 0, group)',
    replace: 'all(false, group)',
  },
  {
    id: 'guard-not-selected',
    removes: 'what keeps the snapshots of a database whose tag was taken off',
    find: 'all(group.database !== undefined && !group.selected, group)',
    replace: 'all(false, group)',
  },
  {
    id: 'guard-creation-broken',
    removes: 'the stop of deletions while no new snapshot comes',
    find: '> group.creationBrokenAfterHours * HOUR_MS',
    replace: '> Number.POSITIVE_INFINITY',
  },
  {
    id: 'guard-held',
    removes: 'what keeps a snapshot that somebody holds',
    find: 'isHeld(snapshot.tags, group.nowMs)',
    replace: 'isHeld(snapshot.tags, group.nowMs) && false',
  },
  {
    id: 'guard-last-good',
    removes: 'what keeps the newest good snapshot, whatever the policy',
    find: 'candidate === group.good[0]',
    replace: 'candidate === group.good[0] && false',
  },
  {
    id: 'guard-min-keep',
    removes: 'the floor under the number of good snapshots',
    find: 'Math.max(0, group.minKeep - staying)',
    replace: '0',
  },
  {
    id: 'guard-min-keep-before',
    removes: 'the counting after the deletions, not before them',
    find: 'group.good.length - group.candidates.length',
    replace: 'group.good.length',
  },
]);

const planning = [
  ...mutants(
    `${core}/policy.ts`,
    [`${core}/wishes.test.ts`, ...guards],
    [
      {
        id: 'policy-negative',
        removes: 'the refusal of a count that is below zero or no whole number',
        find: 'Number.isSafeInteger(count) && count >= 0',
        replace: 'true',
      },
    ],
  ),
  ...mutants(
    `${core}/wishes.ts`,
    [`${core}/wishes.test.ts`],
    [
      {
        id: 'wishes-slip',
        removes: 'the word about a slip in the key of a tag, and with it the stop of deletions by the wrong policy',
        find: 'meant !== undefined && isSlip',
        replace: 'meant === key && isSlip',
      },
    ],
  ),
  ...mutants(
    `${core}/retention.ts`,
    [`${core}/retention.test.ts`],
    [
      {
        id: 'retention-future-newest',
        removes: 'the keeping of what is dated after now out of the newest',
        find: 'filter(({ slotMs }) => slotMs <= nowMs)',
        replace: 'filter(() => true)',
      },
      {
        id: 'retention-oldest',
        removes: 'the oldest one of a rule that is not used up',
        find: 'if (!isNew && index < past.length - 1) continue;',
        replace: 'if (!isNew) continue;',
      },
      {
        id: 'retention-tie',
        removes: 'the order of equal times by name',
        find: '|| (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)',
        replace: '',
      },
    ],
  ),
  ...mutants(
    `${core}/names.ts`,
    [`${core}/names.test.ts`],
    [
      {
        id: 'name-hash',
        removes: 'the hash that tells two databases of one shortened id apart',
        find: 'stamp, hash(resourceId)',
        replace: "stamp, hash('')",
      },
      {
        id: 'name-stamp',
        removes: 'the slot in the name',
        find: "hourKey(slotMs).replaceAll('-', '').toLowerCase()",
        replace: "'2026010100'.padEnd(11, '0')",
      },
    ],
  ),
  ...mutants(
    `${core}/tags.ts`,
    [`${core}/tags.test.ts`],
    [
      {
        id: 'hold-unreadable',
        removes: 'the hold by a date that cannot be read',
        find: 'untilMs === undefined || nowMs <= untilMs',
        replace: 'untilMs !== undefined && nowMs <= untilMs',
      },
      {
        id: 'tags-of-origin',
        removes: "the dropping of the tags that a restored database carries of its origin's snapshot",
        find: 'LAST_OF_OURS.has(legalKey) ||',
        replace: '',
      },
    ],
  ),
  ...mutants(`${core}/selection.ts`, selection, [
    {
      id: 'selection-member',
      removes: "the look whether an instance is a cluster's member",
      find: 'if (database.memberOf !== undefined)',
      replace: 'if (false)',
    },
    {
      id: 'selection-running',
      removes: 'the sight of our own snapshot in the making',
      find: 'if (running !== undefined)',
      replace: 'if (false)',
    },
    {
      id: 'selection-done',
      removes: 'the sight of the snapshot that this slot has already',
      find: 'if (done !== undefined)',
      replace: 'if (false)',
    },
    {
      id: 'selection-slot-closed',
      removes: 'the refusal of a trigger that comes after its successor',
      find: 'if (later !== undefined)',
      replace: 'if (false)',
    },
    {
      id: 'selection-previous',
      removes: 'the waiting for an earlier snapshot that is still in the making',
      find: 'if (previous !== undefined)',
      replace: 'if (false)',
    },
    {
      id: 'selection-state',
      removes: 'the look at the state before the call',
      find: "if (readiness === 'unusable')",
      replace: 'if (false)',
    },
  ]),
  ...mutants(
    `${core}/quota.ts`,
    [`${core}/quota.test.ts`, `${core}/plan.test.ts`],
    [
      {
        id: 'quota-stalest-first',
        removes: 'the fairness of a short quota: the stalest first',
        find: '(a.newestGoodMs ?? Number.NEGATIVE_INFINITY) - (b.newestGoodMs ?? Number.NEGATIVE_INFINITY) ||',
        replace: '',
      },
    ],
  ),
];

const acting = mutants(`${run}/act.ts`, shell, [
  {
    id: 'act-look-before-suffix',
    removes:
      'the look at what has the name, where the list shows it without our tags, before a second one is asked for',
    find: 'earlier < create.attempt',
    replace: 'earlier < 0',
  },
  {
    id: 'act-own-check',
    removes: 'the look whether a taken name is our snapshot of this slot',
    find: 'isOwn(found, stack) &&',
    replace: '',
  },
  {
    id: 'act-own-slot',
    removes: 'the look whether a taken name is of this slot',
    find: 'slotOf(found) === slotMs',
    replace: 'true',
  },
  {
    id: 'act-own-ended',
    removes: 'the sight of a failed snapshot, or of one that is being deleted, that has the name',
    find: '!isAtEnd(found.status) &&',
    replace: '',
  },
  {
    id: 'act-taken-unseen',
    removes: 'the stop at a name that is taken by what cannot be seen yet',
    find: "if (found === 'nothing')",
    replace: 'if (false)',
  },
  {
    id: 'act-quota-stop',
    removes: 'the stop of creations at the first "quota full"',
    find: 'if (full !== undefined) acts.push',
    replace: 'if (false) acts.push',
  },
]);

const answering = mutants('shared/aws/errors.ts', wire, [
  {
    id: 'answer-no-evidence',
    removes: 'the difference between a refusal and no answer',
    find: 'status !== undefined && status >= 400 && status < 500',
    replace: 'true',
  },
]);

/** Every guard of the snapshots wing that stands for itself. */
export const snapshots: Catalogue = {
  project: 'snapshots',
  mutants: [
    ...ownership,
    ...room,
    ...guarding,
    ...planning,
    ...acting,
    ...answering,
    ...deletion,
    ...copies,
    ...verification,
  ],
};
