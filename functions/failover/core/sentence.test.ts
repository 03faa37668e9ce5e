import { describe, expect, test } from '@jest/globals';
import { decide } from './decide.ts';
import type { Evidence } from './evidence.ts';
import {
  disaster,
  fencing,
  gone,
  guard,
  NOW,
  notAsked,
  ok,
  policy,
  record,
  replica,
  said,
  told,
  wrote,
} from './example.ts';
import type { HoldReason } from './phases.ts';
import type { Policy } from './policy.ts';
import type { FailoverRecord } from './record.ts';
import { sentenceOf, whatToType } from './sentence.ts';

// What somebody who was just woken reads: why it is held, and what helps.

const hold = (from: FailoverRecord, seen: Partial<Evidence> = {}, by: Partial<Policy> = {}) => {
  const decision = decide(from, disaster(seen), { ...policy, ...by }, NOW);
  return {
    reason: (decision.kind === 'hold' ? decision.reason : decision.kind) as HoldReason,
    sentence: sentenceOf(decision),
    type: whatToType(decision),
  };
};

const well = guard(wrote, { status: 'available' });
const leads = { leader: record().candidate, previousLeader: record().leader, epoch: 3 } as const;
const moved = ok({ value: 'else.example.com', ttlSeconds: 5 });
const applying = guard(gone, { securityGroups: [{ id: 'sg-fenced', active: false }] });
const announce = { id: 'ledger/3/announce', atMs: NOW - 60_000, attempts: 1, doneAtMs: NOW - 60_000 };
const down = guard(gone, { instance: 'new', resourceId: 'db-NEW' });

const cases: [HoldReason, ReturnType<typeof hold>, RegExp][] = [
  ['newer-record', hold(record({ schemaVersion: 99 })), /What helps: deploy the newer release/],
  ['paused', hold(record({ paused: said })), /resume ledger --epoch 3/],
  [
    'link-down',
    hold(record({ phase: 'healthy' }), {
      guard: well,
      witness: told(well),
      replica: replica({ lastMessageAgeMs: 90_000 }),
    }),
    /What helps: look at the replication/,
  ],
  ['gates-closed', hold(record(), {}, { mode: 'observe' }), /What helps: to let it act, set mode: approve/],
  ['gates-closed', hold(record({ vetoed: said })), /resume ledger --epoch 3/],
  [
    'awaiting-approval',
    hold(record({ phase: 'awaiting-approval' }), {}, { mode: 'approve' }),
    /approve ledger --epoch 3/,
  ],
  [
    'fence-unproven',
    hold(fencing(), { guard: applying, witness: told(applying) }),
    /abort ledger --epoch 3 .* force ledger --epoch 3 .*--accept fence/,
  ],
  [
    'switchover-not-ready',
    hold(record({ phase: 'healthy', failing: undefined, switchover: said }), { guard: well, witness: told(well) }),
    /not begun: .*abort ledger --epoch 3/s,
  ],
  [
    'names-conflict',
    hold(record({ ...leads, phase: 'switching-names' }), { names: moved }),
    /What helps: let ledger\.example\.internal lead to new\.rds\.amazonaws\.com/,
  ],
  [
    'names-unseen',
    hold(record({ ...leads, phase: 'switching-names' }), { names: notAsked }),
    /What helps: new leads and takes writes/,
  ],
  [
    'leader-down',
    hold(record({ ...leads, phase: 'degraded', intents: { announce } }), { guard: down, witness: notAsked }),
    /What helps: bring new back, or restore its newest snapshot/,
  ],
];

describe('a hold says why, and what helps', () => {
  test.each(cases)('%s', (reason, held, what) => {
    expect(held.reason).toBe(reason);
    expect(`${held.sentence} ${held.type ?? ''}`).toMatch(what);
  });

  test('who only watches is offered no command that would not help', () => {
    expect(hold(record(), {}, { mode: 'observe' }).type).toBeUndefined();
  });
});
