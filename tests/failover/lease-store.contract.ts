import { expect, test } from '@jest/globals';
import { type Lease, renewed, returned, taken } from '../../functions/failover/core/lease.ts';
import type { LeaseStore } from '../../functions/failover/run/ports.ts';

const REGION = 'eu-west-1';
const first = (pair: string): Lease =>
  renewed(undefined, {
    pair,
    region: REGION,
    ttlMs: 9_000,
    door: { kind: 'open', groups: ['sg-app', 'sg-more'] },
    opened: false,
    atMs: 1_000,
  }) as Lease;

/** What every lease store must keep: the same tests for the table and for the one in memory, by one region or by two. */
export const leaseStoreContract = (open: () => { here: LeaseStore; there: LeaseStore }): void => {
  test('a lease that nobody wrote is undefined, and can be written once', async () => {
    const { here, there } = open();
    expect(await here.load('first')).toBeUndefined();
    expect(await here.save(first('first'), 0)).toBe('saved');
    expect(await here.save(first('first'), 0)).toBe('conflict');
    expect(await there.load('first')).toEqual(first('first'));
  });

  test('what the other region took is taken: a renewal on the seq before is a conflict, and changes nothing', async () => {
    const { here, there } = open();
    const kept = first('second');
    await here.save(kept, 0);
    const gone = taken(kept, 'eu-central-1', 4);
    expect(await there.save(gone, kept.seq)).toBe('saved');
    expect(await here.save({ ...kept, seq: kept.seq + 1 }, kept.seq)).toBe('conflict');
    expect(await here.load('second')).toEqual(gone);
  });

  test('everything of a lease comes back, and nothing that was taken out', async () => {
    const { here, there } = open();
    const kept = first('third');
    await here.save(kept, 0);
    const back = returned(taken(kept, 'eu-central-1', 4), REGION);
    await here.save(back, kept.seq);
    expect(await there.load('third')).toEqual({ ...back, reopen: true });
    const { reopen: _reopen, ...without } = { ...back, seq: back.seq + 1 };
    await here.save(without, back.seq);
    expect(await there.load('third')).toEqual(without);
  });

  test('of many writers on one seq in two regions at most one wins, and the winner is what is stored', async () => {
    const { here, there } = open();
    const kept = first('fourth');
    await here.save(kept, 0);
    const writers = Array.from({ length: 20 }, (_, at) => ({
      store: at % 2 === 0 ? here : there,
      lease: { ...kept, seq: kept.seq + 1, renewedAtMs: 2_000 + at },
    }));
    const outcomes = await Promise.all(
      writers.map(({ store, lease }) => store.save(lease, kept.seq).catch(() => 'no answer')),
    );
    expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1);
    expect(await there.load('fourth')).toEqual(writers[outcomes.indexOf('saved')]?.lease);
  });

  test('one pair knows nothing of another', async () => {
    const { here } = open();
    await here.save(first('fifth'), 0);
    expect(await here.load('sixth')).toBeUndefined();
  });
};
