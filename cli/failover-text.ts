import {
  type Answer,
  type Evidence,
  type GuardReport,
  type ReplicaReport,
  reportOf,
} from '../functions/failover/core/evidence.ts';
import type { GateName } from '../functions/failover/core/gates.ts';
import { GATES } from '../functions/failover/core/gates.ts';
import type { LeaseReport } from '../functions/failover/core/lease.ts';
import type { Policy } from '../functions/failover/core/policy.ts';
import type { Check } from '../functions/failover/core/readiness-finding.ts';
import type { FailoverRecord } from '../functions/failover/core/record.ts';
import type { HistoryEntry } from '../functions/failover/run/ports.ts';
import { table } from './table.ts';

export interface PairStatus {
  policy: Policy;
  record: FailoverRecord;
  evidence: Evidence;
  sentence: string;
  type: string | undefined;
}

/** One pair, for a person who was just woken. */
export const statusText = ({ policy, record, evidence, sentence, type }: PairStatus): string =>
  [
    `${policy.pair}  ${record.phase}  epoch ${record.epoch}  mode ${policy.mode}  fence ${policy.fence}`,
    `  leader   ${record.leader.instance} (${record.leader.region})${record.leader.endpoint ? `  ${record.leader.endpoint.host}` : ''}`,
    `  guard    ${said(evidence.guard, guardText)}`,
    `  witness  ${said(evidence.witness, ({ guard }) => `reached the guard: ${said(guard, guardText)}`)}`,
    `  replica  ${said(evidence.replica, (one) =>
      one.inRecovery ? `standby, last heard ${heardText(one)}` : 'takes writes',
    )}`,
    ...(policy.fence === 'lease' ? [`  lease    ${said(evidence.lease ?? { kind: 'not-asked' }, leaseText)}`] : []),
    ...(record.standby ? [`  standby  ${record.standby.instance} (${record.standby.region}) is to follow`] : []),
    `  name     ${policy.names.writer} → ${said(evidence.names, ({ value, answered }) => `${value ?? 'nothing'} (DNS answers ${answered ?? 'differently or not at all'})`)}`,
    ...record.retired.map(
      ({ instance, region, epoch }) =>
        `  retired  ${instance} (${region}) led until epoch ${epoch}; it is kept closed until you delete it`,
    ),
    `  ${sentence}`,
    ...(record.hold ? [`  held since ${new Date(record.hold.sinceMs).toISOString()}`] : []),
    ...(type === undefined ? [] : [`  type: ${type}`]),
  ].join('\n');

/** The younger of what is proven and what may be. */
const heardText = ({ lastMessageAgeMs, mayHearAgeMs }: ReplicaReport): string => {
  const provenMs = lastMessageAgeMs ?? Number.POSITIVE_INFINITY;
  const ageMs = Math.min(provenMs, mayHearAgeMs ?? Number.POSITIVE_INFINITY);
  if (ageMs === Number.POSITIVE_INFINITY) return 'nothing';
  return `${ageMs < provenMs ? 'perhaps ' : ''}${Math.round(ageMs / 100) / 10} s ago`;
};

/** Every gate with what it says; past the point of no return none is asked any more. */
export const explainText = (
  { sentence, type }: Pick<PairStatus, 'sentence' | 'type'>,
  whyNot: readonly { gate: GateName; whyNot: string }[] | 'not-asked',
): string =>
  [
    sentence,
    ...(type === undefined ? [] : [`Type: ${type}`]),
    '',
    whyNot === 'not-asked'
      ? 'No gate is asked any more: this failover is past its point of no return.'
      : table(
          ['gate', 'asks', 'answer'],
          GATES.map(({ name, asks }) => [name, asks, whyNot.find(({ gate }) => gate === name)?.whyNot ?? 'open']),
        ),
  ].join('\n');

/** Every check with its sentence, and below it what to do. */
export const readinessText = ({ pair, checks }: { pair: string; checks: readonly Check[] }): string =>
  [
    pair,
    ...checks.flatMap(({ name, state, sentence, fix }) => [
      `  ${state.padEnd(7)}  ${name.padEnd(15)}  ${sentence}`,
      ...(fix === undefined ? [] : [`${' '.repeat(28)}${fix}`]),
    ]),
  ].join('\n');

/** The newest decisions first. */
export const historyText = (entries: readonly HistoryEntry[]): string =>
  entries.length === 0
    ? 'Nothing was decided yet.'
    : table(
        ['at', 'epoch', 'phase', 'sentence'],
        entries.map(({ atMs, epoch, phase, sentence }) => [new Date(atMs).toISOString(), epoch, phase, sentence]),
      );

const said = <Report>(answer: Answer<Report>, words: (report: Report) => string): string => {
  const report = reportOf(answer);
  if (report !== undefined) return words(report);
  return answer.kind === 'no-answer' ? `no answer (${answer.because})` : 'not asked';
};

const leaseText = ({ atMs, lease }: LeaseReport): string =>
  lease === undefined
    ? 'nobody keeps it'
    : `held by ${lease.holder}, renewed ${Math.round((atMs - lease.renewedAtMs) / 1000)} s ago${lease.closesAfterSeconds === undefined ? '; its guard only watches' : ''}`;

const guardText = ({ instance, write }: GuardReport): string => {
  const status = reportOf(instance)?.status ?? 'unknown';
  const probe = write.kind === 'wrote' ? `write accepted in ${write.latencyMs} ms` : `${write.kind}: ${write.because}`;
  return `RDS says ${status}; ${probe}`;
};
