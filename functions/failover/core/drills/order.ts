import type { Policy } from '../policy.ts';
import type { FailoverRecord } from '../record.ts';
import { type Book, DRILL_SCHEMA_VERSION, type Drill, namesOf } from './drill.ts';

export interface DrillOrder {
  verb: 'start' | 'stop';
  pair: string;
  by: string;
  why: string;
}

export type DrillOutcome = { kind: 'done'; book: Book; sentence: string } | { kind: 'refused'; sentence: string };

/** Cost cap: two instances stand for up to four hours each time. */
const MOST_A_DAY = 3;
const DAY_MS = 86_400_000;
/** Engines of which a parameter is known with which none starts (aws/drills/stage.ts). */
const DRILLED: readonly string[] = ['postgres', 'mysql', 'mariadb'];

/** Puts a drill into the one seat, or calls the one in it off, or says why not. `name` is six random hexadecimal digits. */
export const applyDrillOrder = (
  book: Book,
  order: DrillOrder,
  { record, policy, name, nowMs }: { record: FailoverRecord | undefined; policy: Policy; name: string; nowMs: number },
): DrillOutcome => {
  const refuse = (sentence: string): DrillOutcome => ({
    kind: 'refused',
    sentence: `No drill of ${order.pair}: ${sentence}.`,
  });
  if (order.why.trim() === '') return refuse('say why with --why "…"; it is on the receipt');
  if (book.schemaVersion > DRILL_SCHEMA_VERSION) return refuse('a newer release keeps the book of drills');
  const version = book.version + 1;
  if (order.verb === 'stop') {
    if (book.open?.pair !== order.pair) return refuse('none is under way');
    if (book.open.phase === 'removing' || book.open.phase === 'over') return refuse('it is being removed already');
    const open: Drill = { ...book.open, calledOff: { by: order.by, why: order.why } };
    return {
      kind: 'done',
      book: { ...book, version, open },
      sentence: `The drill of ${order.pair} is called off by ${order.by}: ${order.why}.`,
    };
  }
  if (book.open !== undefined) return refuse(`one of ${book.open.pair} is under way (${book.open.phase})`);
  const startedMs = book.startedMs.filter((atMs) => nowMs - atMs < DAY_MS);
  if (startedMs.length >= MOST_A_DAY) return refuse(`${MOST_A_DAY} were begun in the last day, which is the limit`);
  if (record === undefined) return refuse('nothing is recorded of it yet: the reconciler has not looked');
  if (record.phase !== 'healthy') return refuse(`a drill needs a healthy pair; the phase is ${record.phase}`);
  const { leader, candidate } = record;
  if (leader.resourceId === undefined || candidate.resourceId === undefined)
    return refuse('the reconciler has not yet seen both instances well');
  if (policy.kind !== undefined)
    return refuse(
      'a drill makes throw-away DB instances, and this pair is of Aurora clusters: rehearse it by a switchover',
    );
  if (!DRILLED.includes(policy.engine ?? 'postgres'))
    return refuse(`no fault is known for an instance of ${policy.engine}: rehearse it by a switchover`);
  if (policy.fencedSecurityGroups[leader.region] === undefined)
    return refuse(`no empty security group of ${leader.region} is in the config, and its fault needs one`);
  const names = namesOf(order.pair, name, policy.names.writer);
  const open: Drill = {
    name,
    pair: order.pair,
    by: order.by,
    why: order.why,
    phase: 'asked',
    phaseSinceMs: nowMs,
    startedMs: nowMs,
    production: {
      leader: { instance: leader.instance, region: leader.region, resourceId: leader.resourceId },
      candidate: { instance: candidate.instance, region: candidate.region, resourceId: candidate.resourceId },
    },
    epoch: record.epoch,
    leader: { instance: names.leader, region: leader.region },
    replica: { instance: names.replica, region: candidate.region },
    group: { name: names.group, region: leader.region },
    writer: names.writer,
    attempts: 0,
  };
  return {
    kind: 'done',
    book: { ...book, version, open, startedMs: [...startedMs, nowMs] },
    sentence: `A drill of ${order.pair} is asked for by ${order.by}: ${order.why}. It makes ${names.leader} (${leader.region}) and ${names.replica} (${candidate.region}), fails over from one to the other, and removes both.`,
  };
};
