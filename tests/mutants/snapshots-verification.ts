import type { Mutant } from './mutant.ts';

// Restore verification: what stands in front of deleting a database, or setting its master password, taken out in turn.

const core = 'functions/snapshots/core';
const pure = [`${core}/verification/throw-away.test.ts`];
const worlds = ['tests/snapshots/verification.test.ts'];

const conditions: [id: string, removes: string, find: string][] = [
  ['our-tag', 'the tag of this stack', 'seen.tags[THROW_AWAY.stack] === stack,\n    otherwise'],
  ['this-record', 'the tag of this verification', 'seen.tags[THROW_AWAY.record] === record.name,\n    otherwise'],
  [
    'recorded-resource',
    'the resource id that was recorded',
    'entry.resourceId !== undefined && seen.resourceId === entry.resourceId',
  ],
  ['recorded-name', 'the name that was recorded', 'seen.id.toLowerCase() === entry.id.toLowerCase()'],
  ['not-the-source', "the source's resource id", 'seen.resourceId !== record.source.resourceId,\n    otherwise'],
];

export const verification: Mutant[] = [
  ...conditions.map(
    ([id, what, find]): Mutant => ({
      id: `remove-${id}`,
      removes: `from the leave to delete a database: ${what}`,
      file: `${core}/verification/throw-away.ts`,
      find,
      replace: find.endsWith('otherwise') ? 'true,\n    otherwise' : 'true',
      tests: pure,
    }),
  ),
  {
    id: 'adopt-age',
    removes: 'from adoption after a crash: that it is no older than the verification',
    file: `${core}/verification/throw-away.ts`,
    find: 'seen.createdMs >= record.startedMs - SKEW_MS',
    replace: 'true',
    tests: pure,
  },
  {
    id: 'adopt-cluster',
    removes: 'from adoption after a crash: that a member is in our own cluster',
    file: `${core}/verification/throw-away.ts`,
    find: 'seen.memberOf === first?.id',
    replace: 'true',
    tests: pure,
  },
  {
    id: 'gone-settles',
    removes: 'the wait before "not to be seen" is taken for "not there"',
    file: `${core}/verification/conditions.ts`,
    find: 'entry.askedMs === undefined || nowMs - entry.askedMs >= SETTLE_MS',
    replace: 'true',
    tests: worlds,
  },
  {
    id: 'overdue-unseen',
    removes: 'that a snapshot fails by time only while its restore is seen to be at work',
    file: `${core}/verification/conditions.ts`,
    find: 'HOLDS.overdue(situation) && isRestoring(situation)',
    replace: 'HOLDS.overdue(situation)',
    tests: worlds,
  },
  {
    id: 'sweep-known',
    removes: 'that a stray is taken up only by a verification that recorded its resource id',
    file: 'functions/snapshots/run/verification/sweep.ts',
    find: 'if (known === undefined) strays.push(seen);\n    else',
    replace: '',
    tests: worlds,
  },
  {
    id: 'seats',
    removes: 'the last look at the seats when a verification is opened',
    file: 'functions/snapshots/run/verification/start.ts',
    find: 'idle !== undefined || isTaken',
    replace: 'isTaken',
    tests: worlds,
  },
  {
    id: 'orders-unseen',
    removes: 'that unknown orders are no leave to begin',
    file: `${core}/verification/choice.ts`,
    find: "if (inventory.orders === undefined) return 'orders-unseen';",
    replace: 'if (inventory.orders === undefined) return undefined;',
    tests: worlds,
  },
  {
    id: 'event-logged',
    removes: 'that an event, which may carry a password, is never logged',
    file: 'shared/lambda/handler.ts',
    find: ', { logEvent: false }',
    replace: '',
    tests: ['tests/snapshots/verification-check.test.ts'],
  },
  {
    id: 'remove-look',
    removes: "the adapter's own look right before it deletes a database",
    file: 'functions/snapshots/aws/verification/throw-away-change.ts',
    find: "if (!removal.may) return { kind: 'refused', detail: removal.sentence };",
    replace: '',
    tests: ['tests/snapshots/verification-wire.test.ts'],
  },
];
