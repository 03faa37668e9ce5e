import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf } from '../../../../tests/counts.ts';
import { START_MS, verification, verificationSettings } from '../../../../tests/snapshots/verification-samples.ts';
import { PHASES } from './phases.ts';
import { nextStep } from './step.ts';
import { type Look, throwAwayTags } from './throw-away.ts';
import type { Phase } from './verification.ts';

const ALL: readonly Phase[] = [
  'chosen',
  'restoring',
  'adding',
  'securing',
  'checking',
  'recording',
  'removing',
  'over',
];
const stack = 'mainstay-test';

test('every phase ends in otherwise, so every situation has an outcome', () => {
  for (const phase of ALL) expect(PHASES.filter(({ from }) => from.includes(phase)).at(-1)?.when).toBe('otherwise');
});

test('a result is given only on the way out, and nobody is removed before it is given', () => {
  for (const { ends, to, step } of PHASES) {
    if (ends !== undefined) expect(['recording', 'over']).toContain(to);
    if (step === 'remove') expect(to).toBe('same');
  }
  expect(PHASES.filter(({ step }) => step === 'remove').every(({ from }) => from.join() === 'removing')).toBe(true);
});

describe('whatever is seen', () => {
  const name = verification().name;
  const id = 'msv-orders-000001';
  const look = fc.oneof(
    fc.constant<Look>({ kind: 'absent' }),
    fc.constant<Look>({ kind: 'unseen', detail: 'Rate exceeded' }),
    fc
      .record({
        resourceId: fc.constantFrom('db-MADE', 'db-PRODUCTION', 'db-ORDERS'),
        status: fc.constantFrom('creating', 'available', 'deleting', 'failed', 'new-word'),
        tags: fc.constantFrom(throwAwayTags(stack, name), throwAwayTags(stack, 'another'), {}),
        createdMs: fc.constantFrom(undefined, 0, START_MS + 1),
      })
      .map((seen): Look => ({ kind: 'seen', database: { kind: 'instance', id, ...seen } })),
  );
  const situation = fc.record({
    phase: fc.constantFrom(...ALL),
    look,
    resourceId: fc.constantFrom(undefined, 'db-MADE'),
    askedMs: fc.constantFrom(undefined, START_MS),
    attempts: fc.nat(25),
    minutes: fc.nat(400),
    refused: fc.boolean(),
    passwordKnown: fc.boolean(),
    result: fc.constantFrom(undefined, 'ok' as const, 'inconclusive' as const),
  });

  test('there is one step; nothing is removed or secured but what is its own; no answer moves nothing', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const { phase, attempts, refused, result } = one;
        // Nothing is asked for before the phase is left in which its name is chosen.
        const { resourceId, askedMs } = phase === 'chosen' ? { resourceId: undefined, askedMs: undefined } : one;
        const record = verification({
          ...{ phase, attempts, refused, result, triedMs: START_MS },
          throwAways: [{ kind: 'instance', id, resourceId, askedMs }],
        });
        const decision = nextStep(
          {
            record,
            looks: [one.look],
            settings: verificationSettings,
            stack,
            nowMs: START_MS + one.minutes * 60_000,
            passwordKnown: one.passwordKnown,
          },
          [{ kind: 'instance', id: 'another' }],
        );
        if (one.look.kind === 'unseen' && phase !== 'recording' && phase !== 'over')
          expect(decision).toMatchObject({ kind: 'hold', record });
        if (decision.kind !== 'act') return;
        if (decision.step === 'remove' || decision.step === 'secure' || decision.step === 'check') {
          expect(decision.seen).toMatchObject({ id, resourceId: 'db-MADE', tags: throwAwayTags(stack, name) });
          expect(resourceId).toBe('db-MADE');
        }
        // Written down before it is asked for, and only where nothing stands.
        if (decision.step === 'restore') {
          expect(one.look.kind).toBe('absent');
          expect(decision.entry.askedMs).toBe(START_MS + one.minutes * 60_000);
        }
      }),
      lengthOf(3_000, 200_000),
    );
  });
});
