import { CONDITIONS, type Predicate } from './conditions.ts';
import type { Evidence } from './evidence.ts';
import { type FenceDoubt, fenceDoubt, fenceNeeded, leaseLeftMs } from './fence.ts';
import { closedGates, GATES, type GateName, type GateRow } from './gates.ts';
import { type Condition, type HoldReason, PHASES, type Row, type Step } from './phases.ts';
import type { Policy } from './policy.ts';
import type { FailoverRecord, Phase } from './record.ts';
import { assess, namesPlan, type Situation } from './situation.ts';

export type WhyNot = { gate: GateName; whyNot: string };

interface Taken {
  /** The row of the phase table that applied. */
  row: Row;
  because: Condition;
  situation: Situation;
  /** Every gate that is closed in this snapshot, whether or not the row asked. */
  whyNot: WhyNot[];
  doubt?: FenceDoubt | undefined;
  conflict?: string | undefined;
}

/** What to do now: nothing, nothing and tell people why, go to another phase, or one side effect. */
export type Decision = Taken &
  (
    | { kind: 'watch' }
    | { kind: 'hold'; reason: HoldReason }
    | { kind: 'move'; to: Phase }
    | { kind: 'act'; step: Step }
  );

/** The tables that a decision is read from; tests take a row out and see the simulation fail. */
export interface Rules {
  phases: readonly Row[];
  gates: readonly GateRow[];
  conditions: Readonly<Record<Condition, Predicate>>;
}

export const RULES: Rules = { phases: PHASES, gates: GATES, conditions: CONDITIONS };

/** The decision for one snapshot: pure and total. The first row of the record's phase whose condition holds. */
export const decide = (
  record: FailoverRecord,
  evidence: Evidence,
  policy: Policy,
  nowMs: number,
  rules: Rules = RULES,
): Decision => {
  const situation = assess(record, evidence, policy, nowMs);
  const row = rules.phases.find(
    ({ from, when }) => (from === '*' || from === record.phase) && rules.conditions[when](situation, rules.gates),
  );
  const taken = (applied: Row): Taken => ({
    row: applied,
    because: applied.when,
    situation,
    whyNot: closedGates(rules.gates, situation),
    doubt: record.phase === 'fencing' ? doubtOf(situation) : undefined,
    conflict: conflictOf(situation),
  });
  // A phase of a newer release, or one without a row: look on, touch nothing.
  if (row === undefined) return { ...taken(UNKNOWN_PHASE), kind: 'hold', reason: 'newer-record' };
  if (row.step !== undefined) return { ...taken(row), kind: 'act', step: row.step };
  if (row.hold !== undefined) return { ...taken(row), kind: 'hold', reason: row.hold };
  return row.to === 'same' ? { ...taken(row), kind: 'watch' } : { ...taken(row), kind: 'move', to: row.to };
};

const UNKNOWN_PHASE: Row = {
  from: '*',
  when: 'record-is-newer',
  to: 'same',
  hold: 'newer-record',
  comment: 'a phase that this release does not know',
};

const doubtOf = (situation: Situation): FenceDoubt | undefined =>
  fenceNeeded(situation) === 'lease' && leaseLeftMs(situation) ? 'lease-runs' : fenceDoubt(situation);

const conflictOf = (situation: Situation): string | undefined => {
  const plan = namesPlan(situation);
  return plan?.kind === 'conflict' ? plan.because : undefined;
};
