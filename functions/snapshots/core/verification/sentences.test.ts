import { describe, expect, test } from '@jest/globals';
import { verdictSentence, verdictText } from '../status-sentences.ts';
import { PHASES } from './phases.ts';
import { endedSentence, endSentence, stepSentence } from './sentences.ts';
import type { Decision } from './step.ts';
import type { Ended, Verification } from './verification.ts';

const now = Date.parse('2026-08-14T10:30:00Z');
const slotMs = Date.parse('2026-08-14T10:00:00Z');
const ended = (over: Partial<Ended>): string =>
  endedSentence(
    {
      ...{ name: 'msv-orders-1', kind: 'instance', databaseId: 'orders', resourceId: 'db-ORDERS', snapshotId: 'ms-1' },
      ...{ livedFromMs: now - 600_000, endedMs: now - 120_000, result: 'failed', reason: 'mismatch' },
      ...over,
    },
    now,
  );
const record = {
  name: 'msv-orders-1',
  source: { kind: 'instance', id: 'orders' },
  snapshot: { id: 'ms-1', slotMs },
  startedMs: now - 600_000,
} as Verification;

describe('what is said of a verification that ended', () => {
  test('a check that does not hold is not called a restore that failed, and is said once', () => {
    expect(ended({ detail: 'The check does not hold: 0, expected at least 1.' })).toBe(
      'ms-1 of orders restores, but FAILED its check: the check does not hold: 0, expected at least 1, 2 min ago.',
    );
    expect(ended({})).toBe('ms-1 of orders restores, but FAILED its check: the check does not hold, 2 min ago.');
  });

  test('a restore that RDS gave up on is', () => {
    expect(ended({ reason: 'restore-failed' })).toBe(
      'ms-1 of orders FAILED to restore: RDS gave up on the restore, 2 min ago.',
    );
  });

  test('what nobody could try blames no snapshot', () => {
    expect(ended({ kind: 'cluster', result: 'inconclusive', reason: 'refused', detail: 'AccessDenied: no.' })).toBe(
      'ms-1 of cluster orders was not tried to the end: RDS refused what it needs: AccessDenied: no, 2 min ago.',
    );
  });

  test('the notice says the same, with the slot and how long it took', () => {
    expect(endSentence({ ...record, result: 'ok', reason: 'checked', detail: 'The check holds: 9.' }, now)).toBe(
      'ms-1 of orders (2026-08-14 10:00 UTC) restores: the check holds: 9, after 10 min.',
    );
  });
});

test('every step that is taken is one sentence that says what is done, to what, and why', () => {
  const said = PHASES.flatMap((row) =>
    row.step === undefined || row.step === 'adopt' || row.step === 'rename'
      ? []
      : [
          stepSentence({
            ...{ kind: 'act', step: row.step, record, row, seen: undefined },
            entry: { kind: 'instance', id: 'msv-orders-1' },
          } satisfies Decision),
        ],
  );
  expect(said).toContain(
    'The verification of ms-1 of orders (2026-08-14 10:00 UTC) checks msv-orders-1: from inside the isolated network.',
  );
  expect(said).toContain(
    'The verification of ms-1 of orders (2026-08-14 10:00 UTC) tags ms-1: verified-at and the result.',
  );
});

test('where only a tag is left to go by, it says that it failed, and where to read how', () => {
  const verdict = { atMs: now - 120_000, result: 'failed' } as const;
  expect(verdictText(verdict, now)).toBe('FAILED, 2 min ago');
  expect(verdictSentence({ id: 'ms-1' }, verdict)).toBe(
    'ms-1 FAILED its verification at 2026-08-14T10:28:00Z: "mainstay snapshots verify" says how.',
  );
});
