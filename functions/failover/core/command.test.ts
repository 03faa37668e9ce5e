import { expect, test } from '@jest/globals';
import { applyCommand, type Verb } from './command.ts';
import { type Accepted, type FailoverRecord, firstRecord } from './record.ts';

const record = (change: Partial<FailoverRecord> = {}): FailoverRecord => ({
  ...firstRecord('ledger', { instance: 'old', region: 'a' }, { instance: 'new', region: 'b' }, 1),
  version: 4,
  epoch: 3,
  ...change,
});
const say = (verb: Verb, on: FailoverRecord, epoch?: number, why = 'planned work') =>
  applyCommand(on, { verb, by: 'alex', why, epoch }, 9);

test('a command keeps who and why, and raises the version', () => {
  const outcome = say('pause', record());
  expect(outcome).toMatchObject({
    kind: 'done',
    record: { version: 5, paused: { by: 'alex', why: 'planned work', atMs: 9 } },
  });
  expect(outcome.sentence).toBe('ledger (epoch 3): paused by alex: planned work.');
});

test('a command about another epoch is refused and says the current one', () => {
  expect(say('pause', record(), 2).sentence).toBe('Refused ledger: the epoch is 3 now, and this command is about 2.');
});

test('a command without a reason is refused', () => {
  expect(say('pause', record(), 3, ' ').kind).toBe('refused');
});

test('an approval is bound to the epoch that was seen', () => {
  const waiting = record({ phase: 'awaiting-approval' });
  expect(say('approve', waiting).kind).toBe('refused');
  expect(say('approve', waiting, 3)).toMatchObject({ kind: 'done', record: { approved: { epoch: 3 } } });
  expect(say('approve', record({ phase: 'confirming' }), 3).kind).toBe('refused');
});

test('an abort after the point of no return is refused and says why', () => {
  expect(say('abort', record({ phase: 'promoting' }), 3).sentence).toContain('cannot be undone');
  expect(say('abort', record({ phase: 'fencing' }), 3)).toMatchObject({ record: { vetoed: { by: 'alex' } } });
});

test('a force names its epoch and what is accepted, and belongs to an incident before the point of no return', () => {
  const force = (phase: FailoverRecord['phase'], epoch: number | undefined, accepts: Accepted | undefined) =>
    applyCommand(record({ phase }), { verb: 'force', by: 'alex', why: 'the host burned', epoch, accepts }, 9);
  expect(force('fencing', 3, { fence: true, loss: 90 })).toMatchObject({
    kind: 'done',
    record: { forced: { by: 'alex', epoch: 3, accepts: { fence: true, loss: 90 } } },
    sentence:
      'ledger (epoch 3): forced, accepting that the old primary may go on taking writes, the loss of up to 90 s of commits, by alex: the host burned.',
  });
  expect(force('confirming', 3, { divergence: true })).toMatchObject({
    sentence: expect.stringContaining('accepting that the new leader has transactions which this one never had, by'),
  });
  for (const refused of [
    force('fencing', undefined, { fence: true }),
    force('fencing', 2, { fence: true }),
    force('fencing', 3, {}),
    force('fencing', 3, { loss: Number.NaN }),
    force('healthy', 3, { fence: true }),
    force('promoting', 3, { fence: true }),
  ]) {
    expect(refused.kind).toBe('refused');
  }
});

test('what is not so cannot be ended', () => {
  for (const verb of ['resume', 'ack', 'abort'] as const) expect(say(verb, record()).kind).toBe('refused');
});
