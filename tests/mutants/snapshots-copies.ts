import type { Mutant } from './mutant.ts';

// Copies: what keeps a copy whole, alone, encrypted, and in its place in the queue.

const core = 'functions/snapshots/core';
const pure = [`${core}/copies/copies.test.ts`];
const shell = ['tests/snapshots/copies-run.test.ts', 'tests/snapshots/whose-is-it.test.ts'];

const of = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file, tests }));

export const copies: Mutant[] = [
  ...of(`${core}/copies/verdict.ts`, pure, [
    {
      id: 'copy-own-source',
      removes: "the own-check of a source: somebody else's snapshot is copied",
      find: 'isOwn(source, stack) &&\n  source.tags',
      replace: 'source.tags',
    },
    {
      id: 'copy-source-identity',
      removes: "the look whether a source is this database's",
      find: 'source.tags[OWN.resourceId] === database.resourceId &&',
      replace: '',
    },
    {
      id: 'copy-source-available',
      removes: 'the look whether a source is there yet',
      find: "source.status === 'available' &&\n  mayDecrypt",
      replace: 'mayDecrypt',
    },
    {
      id: 'copy-one-at-a-time',
      removes: 'the sight of a copy of this database on its way',
      find: 'if (running !== undefined) {',
      replace: 'if (false) {',
    },
    {
      id: 'copy-in-flight-others',
      removes: "other people's copies in the count of what is on its way",
      find: 'from !== regionOf(snapshot.arn);',
      replace: 'from !== regionOf(snapshot.arn) && SOURCE_SNAPSHOT in snapshot.tags;',
    },
    {
      id: 'copy-encrypted-key',
      removes: "the destination's key of an encrypted source",
      find: "isEncrypted || copies.encryptCopies === 'required'",
      replace: "copies.encryptCopies === 'required'",
    },
    {
      id: 'copy-required-cluster',
      removes: 'the refusal of a plain copy of a cluster where copies must be encrypted',
      find: "if (source.kind === 'cluster' && !isEncrypted && copies.encryptCopies === 'required')",
      replace: 'if (false)',
    },
    {
      id: 'copy-option-group',
      removes: 'the word that an option group has no counterpart',
      find: "counterpart === undefined ? skip('no-option-group', optionGroup) :",
      replace: 'counterpart === undefined ? needs :',
    },
    {
      id: 'copy-name-taken',
      removes: "the look whose the copy's name is",
      find: "!(isCopyOf(there, source, settings.stack) && there.status === 'failed')",
      replace: 'false',
    },
    {
      id: 'copy-paused',
      removes: 'the pause of copies',
      find: "if (one.paused !== undefined) return skip('paused', one.paused);",
      replace: '',
    },
    {
      id: 'copy-unseen',
      removes: 'the waiting while the snapshots of one end cannot be seen',
      find: "if (one.unseen !== undefined) return skip('unseen', one.unseen);",
      replace: '',
    },
  ]),
  ...of(
    `${core}/copies/copies.ts`,
    [...pure, ...shell],
    [
      {
        id: 'copies-in-flight-limit',
        removes: 'the limit of copies on their way',
        find: 'Math.max(0, maxInFlight - inFlight)',
        replace: 'maxInFlight * 1_000',
      },
      {
        id: 'copies-fair',
        removes: 'the order of the queue: who has waited longest first',
        find: 'a.standingMs - b.standingMs ||',
        replace: '',
      },
    ],
  ),
  ...of(`${core}/copies/expiry.ts`, pure, [
    {
      id: 'copies-paused-expiry',
      removes: 'the pause of copies as a pause of their deletion',
      find: " ?? pauseOf(orders, 'copies')",
      replace: '',
    },
  ]),
  ...of(
    `${core}/copies/tags.ts`,
    [...pure, 'tests/snapshots/whose-is-it.test.ts'],
    [
      {
        id: 'copies-of-the-source',
        removes: 'the dropping of what was written down about the source: that it was verified, say',
        find: 'Object.entries(source.tags).filter(([key]) => !OF_THE_SOURCE.test(key))',
        replace: 'Object.entries(source.tags)',
      },
    ],
  ),
  ...of('functions/snapshots/run/copies/act.ts', shell, [
    {
      id: 'copies-armed',
      removes: 'the stop of deletions of copies before expiry is armed',
      find: "if (plan.expiry !== 'armed') return not('not-armed');",
      replace: '',
    },
    {
      id: 'copies-paused-meanwhile',
      removes: 'the look at the orders before a copy is deleted',
      find: 'if (stopped !== undefined) return not(stopped.because, stopped.detail);',
      replace: '',
    },
    {
      id: 'copies-own-check',
      removes: 'the look whether a taken name is our copy of this snapshot',
      find: 'if (!isCopyOf(found, source, settings.stack))',
      replace: 'if (false)',
    },
    {
      id: 'copies-stop',
      removes: 'the stop at the first answer that holds for all',
      find: 'stopped ??= stopAfter(act);',
      replace: '',
    },
  ]),
  ...of(
    'functions/snapshots/aws/answers.ts',
    ['tests/snapshots/copies-wire.test.ts', 'tests/snapshots/wire.test.ts', 'tests/snapshots/wire-facts.test.ts'],
    [
      {
        id: 'quota-meanings',
        removes: 'the difference between "the quota is full" and "too many copies on their way"',
        find: "return 'copies-in-flight';",
        replace: "return 'manual-quota';",
      },
    ],
  ),
  ...of(
    `${core}/copies/destination.ts`,
    [`${core}/copies/destination.test.ts`],
    [
      {
        id: 'copies-account',
        removes: 'the refusal of an account that is not ours',
        find: 'to.account !== undefined && to.account !== from.account',
        replace: 'false',
      },
      {
        id: 'copies-region',
        removes: 'the refusal of the region that the sources are in',
        find: 'to.region === from.region',
        replace: 'false',
      },
    ],
  ),
];
