import { advance, closed, isWorthWriting } from '../core/advance.ts';
import { type Decision, decide, RULES, type Rules } from '../core/decide.ts';
import type { Policy } from '../core/policy.ts';
import { type FailoverRecord, recordOf } from '../core/record.ts';
import { sentenceOf, whatToType } from '../core/sentence.ts';
import { assess } from '../core/situation.ts';
import { joined } from '../core/streak.ts';
import { type ActPorts, act } from './act.ts';
import { type LookOptions, type LookPorts, look } from './look.ts';
import type { RecordStore } from './ports.ts';

export interface ReconcilerPorts extends LookPorts, ActPorts {
  records: RecordStore;
  instances: LookPorts['instances'] & ActPorts['instances'];
}

export interface StepReport {
  pair: string;
  /** `lost-the-race`: another copy of the reconciler wrote first, and nothing was done here. */
  outcome: 'done' | 'lost-the-race';
  decision: Decision;
  record: FailoverRecord;
  sentence: string;
  /** When the latest tick's run began of those that wrote the record which this step met. */
  metRunMs?: number | undefined;
}

export interface StepOptions extends LookOptions {
  /** When this tick's run of the reconciler began. */
  runMs?: number | undefined;
  /** What this run knows already, with what it saw while the record was out of reach. */
  seen?: FailoverRecord | undefined;
}

/**
 * One step: load, look, decide, compare-and-swap the intent, at most one side effect, record the outcome. It can be cut
 * between any two of them: the next step starts from what is. Throws only when the store is out of reach, with nothing done.
 */
export const step = async (
  ports: ReconcilerPorts,
  policy: Policy,
  rules: Rules = RULES,
  { runMs, seen, ...options }: StepOptions = {},
): Promise<StepReport> => {
  const { records, clock } = ports;
  const record = withSeen(recordOf(await records.load(policy.pair), policy, clock.now()), seen);
  const evidence = await look(ports, record, policy, options);
  const decision = decide(record, evidence, policy, clock.now(), rules);
  const report = (outcome: StepReport['outcome'], after: FailoverRecord): StepReport => ({
    pair: policy.pair,
    outcome,
    decision,
    record: after,
    sentence: sentenceOf(decision),
    metRunMs: record.lastRunMs,
  });
  // A record of a newer release is read, and never written.
  if (decision.kind === 'hold' && decision.reason === 'newer-record') return report('done', record);

  const next = { ...advance(decision, clock.now()), lastRunMs: latest(record.lastRunMs, runMs) };
  if (!isWorthWriting(record, decision, next)) return report('done', record);
  if ((await records.save(next, record.version)) === 'conflict') return report('lost-the-race', record);
  await tell(ports, record, decision, next);
  if (decision.kind !== 'act') return report('done', next);

  const { error, receipt } = await act(ports, next, decision);
  const after = closed(next, decision.step, clock.now(), error, receipt);
  // Lost here, another copy goes on from what is: the side effect is in the world, where the next look finds it.
  const saved = await records.save(after, next.version);
  return report('done', saved === 'saved' ? after : next);
};

/**
 * One more look while the record is out of reach. Nothing is decided and nothing can be ordered; but a loss that is seen
 * only once the record is back could not be bounded, for nobody knows what was acknowledged meanwhile.
 */
export const lookOn = async (
  ports: LookPorts,
  policy: Policy,
  seen: FailoverRecord | undefined,
  options: LookOptions = {},
): Promise<FailoverRecord | undefined> => {
  if (seen === undefined) return undefined;
  const evidence = await look(ports, seen, policy, options);
  const { failing, agreed, lost } = assess(seen, evidence, policy, ports.clock.now());
  return { ...seen, failing, agreed, lost };
};

/** What this run saw of the same leader in the same epoch; where another run has written since, both runs' looks together. */
const withSeen = (record: FailoverRecord, seen: FailoverRecord | undefined): FailoverRecord => {
  if (seen === undefined || seen.epoch !== record.epoch || seen.leader.resourceId !== record.leader.resourceId)
    return record;
  const { failing, agreed, lost } = seen;
  if (seen.version === record.version) return { ...record, failing, agreed, lost };
  return {
    ...record,
    failing: record.failing && {
      ...joined(record.failing, failing),
      receivedLsn: failing?.receivedLsn ?? record.failing.receivedLsn,
    },
    agreed: record.agreed && joined(record.agreed, agreed),
    // What one run saw before a guard opened its door says nothing of the time after.
    lost: seen.lease?.openings === record.lease?.openings ? record.lost && joined(record.lost, lost) : record.lost,
  };
};

const latest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);

/** History for every change, and one page for a hold that is new or a failover that goes on. A page that fails stops nothing. */
const tell = async (
  { records, announce, clock }: ReconcilerPorts,
  before: FailoverRecord,
  decision: Decision,
  next: FailoverRecord,
) => {
  const newHold = decision.kind === 'hold' && before.hold?.because !== decision.reason;
  if (decision.kind === 'watch' || (decision.kind === 'hold' && !newHold)) return;
  const sentence = sentenceOf(decision);
  const { pair, epoch, version, phase } = next;
  const type = whatToType(decision);
  await Promise.allSettled([
    records.append(pair, { epoch, version, atMs: clock.now(), phase, sentence }),
    decision.kind === 'act'
      ? undefined
      : announce.page(
          pair,
          `${pair}: ${newHold ? 'held' : next.phase}`,
          type === undefined ? sentence : `${sentence} Type: ${type}`,
        ),
  ]);
};
