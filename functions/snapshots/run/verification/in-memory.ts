import type { Database, Kind, Orders, Snapshot } from '../../core/inventory.ts';
import type { CheckAnswer, CheckRequest } from '../../core/verification/check.ts';
import {
  mayRemove,
  REMOVAL_CONDITIONS,
  type RemovalCondition,
  type SeenDatabase,
  THROW_AWAY,
  throwAwayTags,
} from '../../core/verification/throw-away.ts';
import { type Book, emptyBook, type Verification } from '../../core/verification/verification.ts';
import type { Notice } from '../ports.ts';
import type { ChangeAnswer, Claim, RestoreAnswer, VerificationPorts, Verifications } from './ports.ts';

/** Verifications in memory: the same rules as the table's. */
export const memoryVerifications = (): Verifications => {
  let book: Book = emptyBook();
  const over = new Map<string, Verification>();
  return {
    load: async () => structuredClone(book),
    save: async (next, expectedRevision) => {
      if (book.revision !== expectedRevision) return 'conflict';
      book = structuredClone(next);
      return 'saved';
    },
    archive: async (record) => void over.set(record.name, structuredClone(record)),
    archived: async (name) => structuredClone(over.get(name)),
  };
};

/** A database of the world below: what is seen of it, and when its present state passes. */
export interface Made {
  seen: SeenDatabase;
  password: string;
  protected: boolean;
  /** `becomes` at `atMs`; `gone` removes it. */
  becomes?: { atMs: number; status: string } | undefined;
}

/** An RDS of plain values with a clock of its own, for what restores and removals need. */
export interface VerificationWorld {
  nowMs: number;
  databases: Database[];
  snapshots: Snapshot[];
  made: Made[];
  orders: Orders | undefined;
  verifications: Verifications;
  notices: Notice[];
  /** Every change, in order: `restore ID`, `secure ID`, `remove ID`, `tag ID`. */
  calls: string[];
  /** Resource ids of what was deleted, in order. */
  deleted: string[];
  restoreMs: number;
  /** How restores end. */
  restoresTo: string;
  restoreAnswer: RestoreAnswer | undefined;
  answer: (request: CheckRequest) => CheckAnswer;
  /** Called when somebody sleeps or looks: the world goes on. */
  conditions: readonly RemovalCondition[];
  ports: VerificationPorts;
}

const CHANGE_MS = 20_000;

/** Opens an empty one, at a moment. */
export const openVerificationWorld = (startMs: number): VerificationWorld => {
  let number = 0;
  const world: VerificationWorld = {
    nowMs: startMs,
    databases: [],
    snapshots: [],
    made: [],
    orders: { pauses: [], confirmations: [] },
    verifications: memoryVerifications(),
    notices: [],
    calls: [],
    deleted: [],
    restoreMs: 10 * 60_000,
    restoresTo: 'available',
    restoreAnswer: undefined,
    answer: () => ({ kind: 'ok', value: '1', sentence: 'The check holds: 1, as expected (1).' }),
    conditions: REMOVAL_CONDITIONS,
    ports: {} as VerificationPorts,
  };

  const settle = () => {
    for (const one of world.made) {
      if (one.becomes === undefined || world.nowMs < one.becomes.atMs) continue;
      one.seen = { ...one.seen, status: one.becomes.status, createdMs: one.seen.createdMs ?? one.becomes.atMs };
      if (one.becomes.status === 'available') one.seen = { ...one.seen, passwordPending: false };
      one.becomes = undefined;
    }
    world.made = world.made.filter(({ seen }) => seen.status !== 'gone');
  };
  const under = (kind: Kind, id: string): Made | undefined => {
    settle();
    return world.made.find(({ seen }) => seen.kind === kind && seen.id === id);
  };
  const isTaken = (kind: Kind, id: string) =>
    under(kind, id) !== undefined || world.databases.some((one) => one.kind === kind && one.id === id);
  const seenOf = (one: Database): SeenDatabase => ({
    kind: one.kind,
    id: one.id,
    resourceId: one.resourceId,
    status: one.status,
    tags: one.tags,
  });

  const make = ({ record, entry }: Claim, memberOf?: string): RestoreAnswer => {
    world.calls.push(`restore ${entry.id}`);
    if (world.restoreAnswer !== undefined) return world.restoreAnswer;
    if (isTaken(entry.kind, entry.id)) return { kind: 'name-taken' };
    if (!world.snapshots.some(({ arn }) => arn === record.snapshot.arn))
      return { kind: 'refused', detail: 'DBSnapshotNotFound' };
    const resourceId = `${entry.kind}-made-${++number}`;
    world.made.push({
      seen: {
        kind: entry.kind,
        id: entry.id,
        resourceId,
        status: 'creating',
        tags: throwAwayTags(STACK, record.name),
        endpoint: { host: `${entry.id}.local`, port: 5432 },
        masterUsername: 'master',
        memberOf,
      },
      password: `of ${record.source.id}`,
      protected: false,
      becomes: { atMs: world.nowMs + world.restoreMs, status: world.restoresTo },
    });
    return { kind: 'made', resourceId };
  };
  // As the adapter on AWS: a fresh look right before the call, and not without leave.
  const change = ({ record, entry }: Claim, act: (one: Made) => ChangeAnswer): ChangeAnswer => {
    settle();
    const one = under(entry.kind, entry.id);
    const other = world.databases.find(({ kind, id }) => kind === entry.kind && id === entry.id);
    const seen = one?.seen ?? (other && seenOf(other));
    if (seen === undefined) return { kind: 'refused', detail: 'not found' };
    const removal = mayRemove(seen, record, entry, STACK, world.conditions);
    if (!removal.may) return { kind: 'refused', detail: removal.sentence };
    if (one === undefined) {
      world.deleted.push(seen.resourceId);
      world.databases = world.databases.filter((database) => database !== other);
      return { kind: 'done' };
    }
    return act(one);
  };

  world.ports = {
    verifications: {
      load: () => world.verifications.load(),
      save: (book, revision) => world.verifications.save(book, revision),
      archive: (record) => world.verifications.archive(record),
      archived: (name) => world.verifications.archived(name),
    },
    throwAways: {
      find: async (kind, id) => {
        const other = world.databases.find((one) => one.kind === kind && one.id === id);
        return structuredClone(under(kind, id)?.seen ?? (other && seenOf(other)));
      },
      tagged: async () => {
        settle();
        return structuredClone(
          [...world.made.map(({ seen }) => seen), ...world.databases.map(seenOf)].filter(
            ({ tags }) => THROW_AWAY.stack in tags,
          ),
        );
      },
      restore: async (claim) => make(claim),
      addMember: async (claim) => make(claim, claim.record.throwAways[0]?.id),
      secure: async (claim, password) =>
        change(claim, (one) => {
          world.calls.push(`secure ${claim.entry.id}`);
          if (one.seen.status !== 'available') return { kind: 'busy', detail: one.seen.status };
          one.password = password;
          one.protected = false;
          one.seen = { ...one.seen, status: 'resetting-master-credentials', passwordPending: true };
          one.becomes = { atMs: world.nowMs + CHANGE_MS, status: 'available' };
          return { kind: 'done' };
        }),
      remove: async (claim) =>
        change(claim, (one) => {
          world.calls.push(`remove ${claim.entry.id}`);
          if (one.seen.status === 'deleting') return { kind: 'busy', detail: 'deleting' };
          if (one.protected) return { kind: 'refused', detail: 'protected' };
          const members = world.made.filter(({ seen }) => seen.memberOf === one.seen.id && one.seen.kind === 'cluster');
          if (members.length > 0) return { kind: 'busy', detail: 'it has members' };
          world.deleted.push(one.seen.resourceId);
          one.seen = { ...one.seen, status: 'deleting' };
          one.becomes = { atMs: world.nowMs + CHANGE_MS, status: 'gone' };
          return { kind: 'done' };
        }),
    },
    snapshotTags: {
      add: async (arn, tags) => {
        const index = world.snapshots.findIndex((one) => one.arn === arn);
        const snapshot = world.snapshots[index];
        if (snapshot === undefined) return { kind: 'refused', detail: 'DBSnapshotNotFound' };
        world.calls.push(`tag ${snapshot.id}`);
        world.snapshots = world.snapshots.with(index, { ...snapshot, tags: { ...snapshot.tags, ...tags } });
        return { kind: 'done' };
      },
    },
    checks: {
      check: async (request) => {
        settle();
        const one = world.made.find(({ seen }) => seen.endpoint?.host === request.host);
        if (one?.password !== request.password)
          return { kind: 'no-answer', because: 'login-refused', sentence: 'The login was refused.' };
        return world.answer(request);
      },
    },
    databases: { list: async (kind) => structuredClone(world.databases.filter((one) => one.kind === kind)) },
    snapshots: { list: async (kind) => structuredClone(world.snapshots.filter((one) => one.kind === kind)) },
    keys: { state: async () => 'usable' },
    control: {
      orders: async () => {
        if (world.orders === undefined) throw new Error('no answer about orders');
        return world.orders;
      },
    },
    reports: { publish: async (notice) => void world.notices.push(notice) },
    chance: {
      hex: () => (++number).toString(16).padStart(6, '0'),
      password: () => `secret-${++number}`,
    },
    clock: {
      nowMs: () => world.nowMs,
      sleep: async (ms) => {
        world.nowMs += ms;
      },
    },
  };
  return world;
};

/** The stack that the world belongs to. */
export const STACK = 'mainstay-test';
