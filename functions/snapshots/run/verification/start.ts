import { errorText } from '../../../../shared/aws/errors.ts';
import { type Inventory, type KeyState, KINDS, type Orders, type Snapshot } from '../../core/inventory.ts';
import { isOwn } from '../../core/ownership.ts';
import {
  type Candidate,
  type Choice,
  chooseVerifications,
  type Idle,
  idleBecause,
} from '../../core/verification/choice.ts';
import { idleSentence, withoutGoodSentence } from '../../core/verification/sentences.ts';
import { throwAwayId, throwAwaysFor } from '../../core/verification/throw-away.ts';
import { type Book, SCHEMA_VERSION, type Verification } from '../../core/verification/verification.ts';
import { changeBook, loadBook } from './book.ts';
import type { VerificationPorts } from './ports.ts';
import type { VerifyingSettings } from './steps.ts';

export interface Started {
  started: Verification[];
  lines: string[];
  trouble: boolean;
  worstAgeMs?: number | undefined;
  neverProven?: number | undefined;
}

/** All snapshots are listed for a look: not at every tick, but soon again while some are waiting. */
const LOOK_MS = 60 * 60_000;
const LOOK_SOON_MS = 15 * 60_000;

/** Begins what is due, as far as seats, the day and people's orders allow; or the one database that a person names. */
export const startDue = async (
  ports: VerificationPorts,
  settings: VerifyingSettings,
  only?: string,
): Promise<Started> => {
  const nowMs = ports.clock.nowMs();
  const none = (line: string, trouble: boolean): Started => ({ started: [], lines: [line], trouble });
  const book = await loadBook(ports.verifications);
  if (only === undefined && nowMs < book.nextLookMs) return { started: [], lines: [], trouble: false };
  const orders = await ports.control.orders().catch(() => undefined);
  const idle = idleBecause(book, { ...(orders && { orders }) }, settings.verification, nowMs);
  if (idle !== undefined) return none(idleSentence(idle), idle === 'orders-unseen' || only !== undefined);

  let choice: Choice;
  try {
    choice = chooseVerifications(await observe(ports, settings, orders), book, settings, nowMs, only);
  } catch (error) {
    return none(`What is due for a verification could not be seen: ${errorText(error)}.`, true);
  }
  const started: Verification[] = [];
  const lines = choice.withoutGood.map(withoutGoodSentence);
  for (const candidate of choice.starts) {
    const opened = await open(ports, settings, candidate, orders);
    if (typeof opened === 'string') lines.push(idleSentence(opened));
    else if (opened !== undefined) started.push(opened);
  }
  const nextLookMs = nowMs + (choice.waiting > 0 ? LOOK_SOON_MS : LOOK_MS);
  if (only === undefined) await changeBook(ports.verifications, (now) => ({ ...now, nextLookMs }));
  else if (started.length === 0 && choice.withoutGood.length === 0) lines.push(notStarted(only, choice, book));
  return { started, lines, trouble: only !== undefined && started.length === 0, ...agesOf(choice, nowMs) };
};

const notStarted = (only: string, { standings }: Choice, { open }: Book): string =>
  open.some(({ source }) => source.id === only)
    ? `A verification of ${only} is under way already.`
    : standings.some(({ database }) => database.id === only)
      ? `No verification of ${only} begins: somebody was faster.`
      : `${only} is no database that is selected for snapshots here.`;

const agesOf = ({ standings }: Choice, nowMs: number): Pick<Started, 'worstAgeMs' | 'neverProven'> => {
  const proven = standings.flatMap(({ provenMs }) => provenMs ?? []);
  const neverProven = standings.length - proven.length;
  return {
    neverProven,
    worstAgeMs: neverProven > 0 || proven.length === 0 ? undefined : nowMs - Math.min(...proven),
  };
};

/** Writes a new verification into the book, if there is still a seat for it: nothing has been asked of RDS yet. */
const open = async (
  ports: VerificationPorts,
  settings: VerifyingSettings,
  { database, snapshot, slotMs }: Candidate,
  orders: Orders | undefined,
): Promise<Verification | Idle | undefined> => {
  const nowMs = ports.clock.nowMs();
  const id = throwAwayId(settings.prefix, database.id, ports.chance.hex());
  const { kind, resourceId, arn } = database;
  const engine = snapshot.engine ?? database.engine;
  const record: Verification = {
    schemaVersion: SCHEMA_VERSION,
    name: id,
    revision: 0,
    phase: 'chosen',
    phaseSinceMs: nowMs,
    startedMs: nowMs,
    source: { kind, id: database.id, resourceId, arn, engine },
    snapshot: { id: snapshot.id, arn: snapshot.arn, slotMs },
    throwAways: throwAwaysFor(kind, engine, id),
    attempts: 0,
  };
  let idle: Idle | undefined;
  const saved = await changeBook(ports.verifications, (book) => {
    idle = idleBecause(book, { ...(orders && { orders }) }, settings.verification, nowMs);
    const isTaken = book.open.some((one) => one.source.resourceId === resourceId || one.name === record.name);
    return idle !== undefined || isTaken ? undefined : { ...book, open: [...book.open, record] };
  });
  return saved === undefined ? idle : record;
};

/** Databases, snapshots and the state of the keys that ours are encrypted with. Throws when one list cannot be had: half a list would choose wrongly. */
const observe = async (
  { databases, snapshots, keys }: VerificationPorts,
  { stack }: VerifyingSettings,
  orders: Orders | undefined,
): Promise<Inventory> => {
  const [databasesSeen, snapshotsSeen] = await Promise.all([
    Promise.all(KINDS.map((kind) => databases.list(kind))),
    Promise.all(KINDS.map((kind) => snapshots.list(kind))),
  ]);
  const own = snapshotsSeen.flat().filter((one) => isOwn(one, stack));
  return {
    databases: databasesSeen.flat(),
    snapshots: own,
    quotas: [],
    unseen: [],
    keys: await statesOf(keys, own),
    ...(orders && { orders }),
  };
};

const statesOf = async (
  keys: VerificationPorts['keys'],
  own: readonly Snapshot[],
): Promise<Record<string, KeyState>> => {
  const ids = [
    ...new Set(own.flatMap(({ kmsKeyId, status }) => (kmsKeyId && status === 'available' ? [kmsKeyId] : []))),
  ];
  const states: Record<string, KeyState> = {};
  for (const id of ids) states[id] = await keys.state(id);
  return states;
};
