import { errorText } from '../../../../shared/aws/errors.ts';
import { type DrillSituation, ownNames } from '../../core/drills/conditions.ts';
import { DRILL_SCHEMA_VERSION, type Drill, drillPair, enrolled, type Receipt } from '../../core/drills/drill.ts';
import type { DrillRow } from '../../core/drills/phases.ts';
import { type DrillDecision, nextDrillStep, receiptOf, type WorldStep, withPart } from '../../core/drills/step.ts';
import type { Look } from '../../core/drills/throw-away.ts';
import { epochName, type NameRecord } from '../../core/names.ts';
import type { Policy } from '../../core/policy.ts';
import { firstRecord } from '../../core/record.ts';
import { ask } from '../look.ts';
import type { DrillPorts } from './ports.ts';

export interface DrillReport {
  drill: Drill;
  row: DrillRow;
  kind: DrillDecision['kind'];
  /** Set when this step ended the drill. */
  receipt?: Receipt | undefined;
}

/**
 * One step of the drill that is open: look, decide, compare-and-swap, at most one side effect, write down. It can be cut between
 * any two of them: the next step starts from what is. Undefined when there is nothing to do, or another copy was faster.
 */
export const drillStep = async (
  ports: DrillPorts,
  policyOf: (pair: string) => Policy,
  rows?: readonly DrillRow[],
): Promise<DrillReport | undefined> => {
  const { drills, clock } = ports;
  const book = await drills.load();
  if (book.open === undefined || book.schemaVersion > DRILL_SCHEMA_VERSION) return undefined;
  const policy = policyOf(book.open.pair);
  const decision = nextDrillStep(await lookAtStage(ports, book.open, policy), rows);
  const { drill, kind, row } = decision;
  const changed = kind !== 'hold' || drill.keptSinceMs !== book.open.keptSinceMs;
  if (!changed) return { drill, row, kind };
  const next = { ...book, version: book.version + 1, open: drill };
  if ((await drills.save(next, book.version)) === 'conflict') return undefined;
  if (decision.kind !== 'act') return { drill, row, kind };

  const receipt = decision.step === 'keep-receipt' ? receiptOf(drill, clock.now()) : undefined;
  const outcome = await ask(() => ACTS[decision.step](ports, drill, policy));
  const after = closed(drill, decision.step, outcome.kind === 'no-answer' ? outcome.because : undefined, clock.now());
  if (receipt !== undefined) {
    if (outcome.kind !== 'ok') return { drill, row, kind };
    // The seat is free only once the receipt is kept.
    await drills.save({ ...next, version: next.version + 1, open: undefined }, next.version);
    return { drill, row, kind, receipt };
  }
  // Lost here, another copy goes on from what is.
  const saved = await drills.save({ ...next, version: next.version + 1, open: after }, next.version);
  return { drill: saved === 'saved' ? after : drill, row, kind };
};

const closed = (drill: Drill, step: WorldStep, error: string | undefined, nowMs: number): Drill => {
  if (error !== undefined) return { ...drill, lastError: error };
  const next = { ...drill, lastError: undefined };
  switch (step) {
    case 'remove-leader':
      return withPart(next, 'leader', { removedMs: nowMs });
    case 'remove-replica':
      return withPart(next, 'replica', { removedMs: nowMs });
    case 'remove-group':
      return { ...next, group: { ...next.group, removedMs: nowMs } };
    default:
      return next;
  }
};

const lookAtStage = async (
  { stage, names, records, clock }: DrillPorts,
  drill: Drill,
  policy: Policy,
): Promise<DrillSituation> => {
  const [leader, replica, group, seen, record, pair, snapshot] = await Promise.all([
    under(() => stage.find(drill.leader.region, drill.leader.instance)),
    under(() => stage.find(drill.replica.region, drill.replica.instance)),
    under(() => stage.findGroup(drill.group.region, drill.group.name)),
    ask(() => names.read(policy.names.zoneId, drill.writer)),
    ask(() => records.load(drillPair(drill.pair))),
    ask(() => records.load(drill.pair)),
    drill.phase === 'asked'
      ? ask(() => stage.newestSnapshot(drill.production.leader))
      : Promise.resolve({ kind: 'not-asked' } as const),
  ]);
  return {
    ...{ drill, leader, replica, group, names: seen, record, pair, snapshot },
    fencedSecurityGroupId: emptyGroup(policy, drill.leader.region),
    nowMs: clock.now(),
  };
};

/** The empty group of the leader's region; a drill is refused where there is none. */
const emptyGroup = (policy: Policy, region: string): string => policy.fencedSecurityGroups[region] ?? 'none';

const under = async <One>(question: () => Promise<One | undefined>): Promise<Look<One>> => {
  try {
    const one = await question();
    return one === undefined ? { kind: 'absent' } : { kind: 'seen', one };
  } catch (error) {
    return { kind: 'unseen', detail: errorText(error) };
  }
};

type Act = (ports: DrillPorts, drill: Drill, policy: Policy) => Promise<unknown>;

const ACTS: Readonly<Record<WorldStep, Act>> = {
  'make-group': ({ stage }, drill) => stage.makeGroup(drill),
  restore: ({ stage }, drill) => stage.restore(drill),
  replicate: ({ stage }, drill) => stage.replicate(drill),
  name: async ({ stage, names }, drill, policy) => {
    const { zoneId, ttlSeconds } = policy.names;
    const host = (await stage.find(drill.leader.region, drill.leader.instance))?.endpoint?.host;
    if (host === undefined) throw new Error(`${drill.leader.instance} has no endpoint`);
    const record: NameRecord = { name: drill.writer, type: 'CNAME', ttlSeconds, value: host };
    refused(await names.swap(zoneId, { deletes: [], creates: [record] }));
  },
  enrol: async ({ records, clock }, drill) => {
    const stored = await records.load(drillPair(drill.pair));
    const first = firstRecord(drillPair(drill.pair), drill.leader, drill.replica, clock.now());
    const saved = await records.save(enrolled(first, drill, stored), stored?.version ?? 0);
    if (saved === 'conflict') throw new Error("the record of the drill's pair changed meanwhile");
  },
  'take-out': ({ stage }, drill, policy) => stage.takeOut(drill, emptyGroup(policy, drill.leader.region)),
  reboot: ({ stage }, drill) => stage.reboot(drill),
  'remove-name': async ({ names }, drill, policy) => {
    const { zoneId, ttlSeconds } = policy.names;
    const seen = ownNames({ drill, names: await ask(() => names.read(zoneId, drill.writer)) });
    const deletes: NameRecord[] = [];
    if (seen.value !== undefined)
      deletes.push({ name: drill.writer, type: 'CNAME', ttlSeconds: seen.ttlSeconds ?? ttlSeconds, value: seen.value });
    if (seen.epochText !== undefined)
      deletes.push({
        ...{ name: epochName(drill.writer), type: 'TXT', value: seen.epochText },
        ttlSeconds: seen.epochTtlSeconds ?? ttlSeconds,
      });
    if (deletes.length > 0) refused(await names.swap(zoneId, { deletes, creates: [] }));
  },
  'remove-replica': ({ stage }, drill) => stage.remove(drill, 'replica'),
  'remove-leader': ({ stage }, drill) => stage.remove(drill, 'leader'),
  'remove-group': ({ stage }, drill) => stage.removeGroup(drill),
  'keep-receipt': ({ drills, clock }, drill) => drills.keep(receiptOf(drill, clock.now())),
};

const refused = (outcome: { kind: string }): void => {
  if (outcome.kind === 'conflict') throw new Error('the name changed between the look and the change: looking again');
};
