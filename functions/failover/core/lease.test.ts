import { describe, expect, test } from '@jest/globals';
import {
  guardDuty,
  handed,
  isKeptFor,
  type Lease,
  leaseEndMs,
  leaseSeen,
  leaseWaitMs,
  leastLossSeconds,
  mayHaveOpened,
  openingDoubt,
  renewed,
  returned,
  taken,
} from './lease.ts';

const TTL_MS = 9_000;
const lease: Lease = {
  pair: 'ledger',
  epoch: 0,
  holder: 'eu-west-1',
  seq: 7,
  open: true,
  groups: ['sg-app'],
  renewedAtMs: 100_000,
  closesAfterSeconds: TTL_MS / 1000,
  openings: 0,
};
const OPEN = { kind: 'open', groups: ['sg-app'] } as const;
const CLOSED = { kind: 'closed' } as const;
const next = (before: Lease | undefined, change: Partial<Parameters<typeof renewed>[1]> = {}) =>
  renewed(before, {
    pair: 'ledger',
    region: 'eu-west-1',
    ttlMs: TTL_MS,
    door: { ...OPEN, groups: ['sg-app'] },
    opened: false,
    atMs: 103_000,
    ...change,
  });

describe('a renewal', () => {
  test('the first one writes what is there', () => {
    expect(next(undefined)).toEqual({ ...lease, seq: 1, renewedAtMs: 103_000 });
  });

  test('of a guard that only watches promises nothing, and takes back what was promised', () => {
    expect(next(lease, { watchesOnly: true })).not.toHaveProperty('closesAfterSeconds');
  });

  test('goes up by one, and learns the groups of an open door', () => {
    expect(next(lease, { door: { kind: 'open', groups: ['sg-new'] } })).toEqual({
      ...lease,
      seq: 8,
      groups: ['sg-new'],
      renewedAtMs: 103_000,
    });
  });

  test('a lease in another region is taken, whatever the time', () => {
    expect(next(taken(lease, 'eu-central-1', 3))).toBe('taken');
  });

  test('a door that a person closed while the lease was kept stays closed, through a lapse too', () => {
    const closed = next(lease, { door: CLOSED });
    expect(closed).toMatchObject({ open: false, groups: ['sg-app'] });
    expect(next(closed as Lease, { door: CLOSED, atMs: 200_000 })).not.toHaveProperty('reopen');
  });

  test('after a lapse the door is to be opened, until it was', () => {
    const back = next(lease, { door: CLOSED, atMs: 200_000 }) as Lease;
    expect(back).toMatchObject({ reopen: true, open: true, groups: ['sg-app'] });
    const still = next(back, { door: CLOSED, atMs: 203_000 }) as Lease;
    expect(still.reopen).toBe(true);
    expect(next(still, { opened: true, atMs: 206_000 })).not.toHaveProperty('reopen');
  });

  test('that tells the guard to open its door is counted, and so is the one that ends it', () => {
    const openings = (one: Lease | 'taken') => (one as Lease).openings;
    const back = next(lease, { door: CLOSED, atMs: 200_000 }) as Lease;
    const still = next(back, { door: CLOSED, atMs: 203_000 }) as Lease;
    const done = next(still, { opened: true, atMs: 206_000 }) as Lease;
    expect([lease, back, still, done, next(done, { atMs: 209_000 })].map(openings)).toEqual([0, 1, 2, 3, 3]);
  });

  test('after a lapse in which only logins were taken the door is opened as well', () => {
    expect(next(lease, { atMs: 200_000 })).toMatchObject({ reopen: true });
  });

  test('who closed it while the answers to its renewals were lost opens it again', () => {
    expect(next(lease, { door: CLOSED, closed: true })).toMatchObject({ reopen: true });
  });

  test('who closed it opens it again, though another run that renewed meanwhile found it closed and wrote that down', () => {
    const found = { ...lease, open: false };
    expect(next(found, { door: CLOSED, closed: true })).toMatchObject({ reopen: true, open: true });
  });

  test('of a run to which the store was silent: what it finds closed may have been closed by another run', () => {
    expect(next(lease, { door: CLOSED, silent: true })).toMatchObject({ reopen: true, open: true });
    expect(next(lease, { door: { kind: 'unseen' }, silent: true })).toHaveProperty('reopen');
    expect(next(lease, { silent: true })).not.toHaveProperty('reopen');
    expect(next({ ...lease, open: false }, { door: CLOSED, silent: true })).not.toHaveProperty('reopen');
  });

  test('a lapse is longer than the ttl', () => {
    expect(next(lease, { door: CLOSED, atMs: 109_000 })).not.toHaveProperty('reopen');
    expect(next(lease, { door: CLOSED, atMs: 109_001 })).toHaveProperty('reopen');
  });

  test('RDS that does not answer changes nothing that is known of the door', () => {
    expect(next(lease, { door: { kind: 'unseen' } })).toMatchObject({ open: true, groups: ['sg-app'] });
  });
});

test('taken and returned, the door is opened if it stood open', () => {
  const back = returned(taken(lease, 'eu-central-1', 3), 'eu-west-1');
  expect(back).toMatchObject({ holder: 'eu-west-1', seq: 9, reopen: true });
  expect(returned(taken({ ...lease, open: false }, 'eu-central-1', 3), 'eu-west-1')).not.toHaveProperty('reopen');
});

test("handed, it is the new leader's: nothing is promised, noted or owed until its guard has renewed", () => {
  const leader = { instance: 'new', region: 'eu-central-1' };
  const policy = { primary: { instance: 'old', region: 'eu-west-1' } };
  const before = { ...taken(lease, 'eu-central-1', 3), reopen: true };
  const now = handed(before, 'ledger', leader, 3);
  expect(now).toEqual({
    ...{ pair: 'ledger', epoch: 3, holder: 'eu-central-1', seq: 9, open: false, groups: [] },
    ...{ renewedAtMs: 100_000, keeper: leader },
  });
  expect([lease, now].map((one) => isKeptFor(one, policy.primary, policy))).toEqual([true, false]);
  expect(isKeptFor(now, leader, policy)).toBe(true);
  expect(isKeptFor(now, { ...leader, instance: 'new-e9' }, policy)).toBe(false);
  expect(handed(undefined, 'ledger', leader, 3)).toMatchObject({ seq: 1, keeper: leader });
});

test.each([
  [{ kind: 'taken' }, 0, 'close'],
  [{ kind: 'no-answer' }, 8_999, 'nothing'],
  [{ kind: 'no-answer' }, 9_000, 'close'],
  [{ kind: 'renewed', lease }, 90_000, 'nothing'],
  [{ kind: 'renewed', lease: { ...lease, reopen: true } }, 0, 'open'],
] as const)('a guard with the word %j, %d ms after its renewal: %s', (word, sinceMs, duty) => {
  expect(guardDuty(word, sinceMs, TTL_MS)).toBe(duty);
});

describe('what the reconciler remembers', () => {
  const at = (atMs: number, one: Lease) => ({ atMs, lease: one });
  const seen = leaseSeen(undefined, at(1_000, lease), 'eu-central-1');

  test('the same seq says that nobody renewed since it was first seen', () => {
    expect(leaseSeen(seen, at(9_000, lease), 'eu-central-1')?.sinceMs).toBe(1_000);
  });
  test('another seq starts anew', () => {
    expect(leaseSeen(seen, at(9_000, { ...lease, seq: 8 }), 'eu-central-1')?.sinceMs).toBe(9_000);
  });
  test('our own taking on that seq goes on with it', () => {
    expect(leaseSeen(seen, at(9_000, taken(lease, 'eu-central-1', 1)), 'eu-central-1')?.sinceMs).toBe(1_000);
  });
  test('a taking on a later seq does not: the guard had renewed', () => {
    const late = taken({ ...lease, seq: 8 }, 'eu-central-1', 1);
    expect(leaseSeen(seen, at(9_000, late), 'eu-central-1')?.sinceMs).toBe(9_000);
  });
  test('a leader that takes a write after the lease has run out has no guard that closes it, until one renews', () => {
    const ranOutMs = 1_000 + leaseWaitMs(9);
    const wrote = (atMs: number) => leaseSeen(seen, at(ranOutMs + 5_000, lease), 'eu-central-1', atMs);
    expect(wrote(ranOutMs)).not.toHaveProperty('broken');
    const broken = wrote(ranOutMs + 1);
    expect(broken).toHaveProperty('broken', true);
    expect(leaseEndMs(broken, { lease: { table: 'mainstay-lease', seconds: 9 } })).toBeUndefined();
    // Taking it does not mend it; a renewal does.
    expect(leaseSeen(broken, at(99_000, taken(lease, 'eu-central-1', 1)), 'eu-central-1')).toHaveProperty('broken');
    expect(leaseSeen(broken, at(99_000, { ...lease, seq: 8 }), 'eu-central-1')).not.toHaveProperty('broken');
  });
  test('no answer leaves what was known', () => {
    expect(leaseSeen(seen, undefined, 'eu-central-1')).toBe(seen);
  });
});

describe('a door that a guard may be opening', () => {
  const by = { lease: { table: 'mainstay-lease', seconds: 9 } };
  const look = (before: ReturnType<typeof leaseSeen>, atMs: number, change: Partial<Lease> = {}) =>
    leaseSeen(before, { atMs, lease: { ...lease, ...change } }, 'eu-central-1');
  const doubt = (seen: ReturnType<typeof leaseSeen>, nowMs: number) => seen && openingDoubt(seen, by, nowMs);

  test('is out of doubt a ttl, and a slow call to RDS, after the first look that found no order to open it', () => {
    const first = look(undefined, 1_000);
    const later = look(first, 20_000, { seq: 12 });
    expect(doubt(later, 1_000 + 24_000 - 1)).toContain('a moment ago');
    expect(doubt(later, 1_000 + 24_000)).toBeUndefined();
    // The guard promises more than this side reckons with: a run of it opens for as long.
    expect(doubt(look(undefined, 1_000, { closesAfterSeconds: 30 }), 40_000)).toContain('another 6 s');
  });

  test('is in doubt anew when it was ordered between two looks, though neither found the order', () => {
    const later = look(look(undefined, 1_000), 60_000, { seq: 30, openings: 3 });
    expect(doubt(later, 60_000)).toContain('another 24 s');
  });

  test('is in doubt while the order stands, and from then on', () => {
    const told = look(look(undefined, 1_000), 60_000, { seq: 30, openings: 1, reopen: true });
    expect(doubt(told, 99_000)).toContain('is opening the door');
    // Given back by this side, the order stands before the guard has counted it.
    expect(doubt(look(look(undefined, 1_000), 60_000, { seq: 30, reopen: true }), 99_000)).toContain('is opening');
    expect(doubt(look(told, 63_000, { seq: 31, openings: 2 }), 63_000)).toContain('another 24 s');
  });

  test('may have been opened after every moment before that, and two clocks', () => {
    const opened = (seen: ReturnType<typeof leaseSeen>, atMs: number) => seen && mayHaveOpened(seen, by, atMs);
    const later = look(look(undefined, 1_000), 60_000, { seq: 30, openings: 3 });
    expect([85_999, 86_000].map((atMs) => opened(later, atMs))).toEqual([true, false]);
    // While the order stands a run acts on it for a ttl after its last renewal, taken by this side or not.
    const told = look(later, 90_000, { seq: 31, openings: 4, reopen: true });
    expect([115_999, 116_000].map((atMs) => opened(told, atMs))).toEqual([true, false]);
    expect(opened(look(undefined, 1_000, { openings: undefined }), 999_000)).toBe(true);
  });

  test('stays in doubt where the guard counts nothing', () => {
    expect(doubt(look(undefined, 1_000, { openings: undefined }), 99_000)).toContain('of an earlier release');
  });
});

test('the end is reckoned by the longer of two ttls, and not at all for a guard that only watches', () => {
  const policy = { lease: { table: 'mainstay-lease', seconds: 9 } };
  const seen = { seq: 7, holder: 'eu-west-1', epoch: 0, sinceMs: 1_000, closesAfterSeconds: 9 };
  expect(leaseEndMs(seen, policy)).toBe(1_000 + leaseWaitMs(9));
  expect(leaseEndMs({ ...seen, closesAfterSeconds: 30 }, policy)).toBe(1_000 + leaseWaitMs(30));
  expect(leaseEndMs({ ...seen, closesAfterSeconds: 3 }, policy)).toBe(1_000 + leaseWaitMs(9));
  expect(leaseEndMs({ ...seen, closesAfterSeconds: undefined }, policy)).toBeUndefined();
});

test('the wait is the sum of its terms, and the least loss allows for it', () => {
  expect(leaseWaitMs(9)).toBe(3_000 + 15_000 + 9_000 + 15_000 + 2_000);
  expect(leastLossSeconds(9, 5)).toBe(74);
});
