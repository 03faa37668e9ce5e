import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import type { Kind } from '../../functions/snapshots/core/inventory.ts';
import { throwAwayTags } from '../../functions/snapshots/core/verification/throw-away.ts';
import { openVerificationWorld, type VerificationWorld } from '../../functions/snapshots/run/verification/in-memory.ts';
import type { VerificationPorts } from '../../functions/snapshots/run/verification/ports.ts';
import { serveVerify } from '../../functions/snapshots/run/verification/serve.ts';
import { verifyTick } from '../../functions/snapshots/run/verification/tick.ts';
import { lengthOf } from '../counts.ts';
import { database, snapshot } from './samples.ts';
import { START_MS, verifyingSettings } from './verification-samples.ts';

// The whole of it on plain values: the run is killed at every call, the world is hostile, and what is left is counted.

const MINUTE_MS = 60_000;

const worldWith = (kind: Kind = 'instance', engine = 'postgres'): VerificationWorld => {
  const world = openVerificationWorld(START_MS + MINUTE_MS);
  const orders = database('orders', { kind, engine });
  world.databases = [orders, database('billing', { tags: {} })];
  world.snapshots = [snapshot(orders, START_MS), snapshot(orders, START_MS - HOUR_MS)];
  return world;
};

/** A tick as the function has it: 280 seconds, and a clock that goes on. */
const tick = (world: VerificationWorld, ports: VerificationPorts = world.ports, over = {}, only?: string) => {
  const endMs = world.nowMs + 280_000;
  return verifyTick(ports, verifyingSettings(over), { remainingMs: () => endMs - world.nowMs })(only);
};

/** Ticks every five minutes until nothing is open, or for `hours`. */
const untilOver = async (world: VerificationWorld, hours = 8, over = {}) => {
  const endMs = world.nowMs + hours * HOUR_MS;
  const reports = [];
  do {
    const nextMs = world.nowMs + 5 * MINUTE_MS;
    reports.push(await tick(world, world.ports, over));
    world.nowMs = Math.max(world.nowMs, nextMs);
  } while (world.nowMs < endMs && (await world.verifications.load()).open.length > 0);
  return reports;
};

const tagsOfNewest = (world: VerificationWorld) => world.snapshots[0]?.tags ?? {};
const names = (world: VerificationWorld) => world.databases.map(({ id }) => id);

describe('a snapshot is proven', () => {
  test('the newest is restored under a fresh name, secured, checked with the new password, tagged, and removed', async () => {
    const world = worldWith();
    const asked: unknown[] = [];
    world.answer = (request) => {
      asked.push(request);
      return { kind: 'ok', value: '5', sentence: 'The check holds: 5, as expected (at least 1).' };
    };
    const reports = await untilOver(world);
    expect(world.calls.map((call) => call.split(' ')[0])).toEqual(['restore', 'secure', 'tag', 'remove']);
    expect(asked).toEqual([
      expect.objectContaining({ dbname: 'shop', query: 'select count(*) from orders', username: 'master' }),
    ]);
    expect((asked[0] as { password: string }).password).toMatch(/^secret-/);
    expect(tagsOfNewest(world)).toMatchObject({
      'mainstay:verified': 'ok',
      'mainstay:verified-at': expect.stringMatching(/^2026-08-14T10:/),
    });
    expect(world.made).toEqual([]);
    expect(names(world)).toEqual(['orders', 'billing']);
    expect(world.notices).toEqual([]);
    expect(reports.flatMap(({ lines }) => lines).join('\n')).toContain('restores: the check holds: 5, as expected');
  });

  test('an Aurora cluster gets an instance, and both go, the instance first', async () => {
    const world = worldWith('cluster', 'aurora-postgresql');
    await untilOver(world);
    expect(world.calls.map((call) => call.replace(/msv-orders-\w{6}/, 'X'))).toEqual([
      'restore X',
      'restore X-1',
      'secure X',
      `tag ${world.snapshots[0]?.id}`,
      'remove X-1',
      'remove X',
    ]);
    expect(tagsOfNewest(world)).toMatchObject({ 'mainstay:verified': 'ok' });
    expect(world.made).toEqual([]);
  });

  test('another engine is proven by reaching available, and is not logged in to', async () => {
    const world = worldWith('instance', 'oracle-ee');
    world.answer = () => {
      throw new Error('nobody logs in to Oracle here');
    };
    await untilOver(world);
    expect(tagsOfNewest(world)).toMatchObject({ 'mainstay:verified': 'ok' });
    expect(world.made).toEqual([]);
  });

  test('the password is in no record, no notice and no line', async () => {
    const world = worldWith();
    const written: string[] = [];
    const { save, archive } = world.verifications;
    world.verifications.save = (book, revision) => {
      written.push(JSON.stringify(book));
      return save(book, revision);
    };
    world.verifications.archive = (record) => {
      written.push(JSON.stringify(record));
      return archive(record);
    };
    const reports = await untilOver(world);
    expect(written.length).toBeGreaterThan(8);
    expect([...written, JSON.stringify(reports), JSON.stringify(world.notices)].join()).not.toContain('secret-');
  });

  test('it is not tried again before its time, and then again', async () => {
    const world = worldWith();
    await untilOver(world);
    world.nowMs += 24 * HOUR_MS;
    await untilOver(world);
    expect(world.calls.filter((call) => call.startsWith('restore'))).toHaveLength(1);
    world.nowMs += 7 * 24 * HOUR_MS;
    await untilOver(world);
    expect(world.calls.filter((call) => call.startsWith('restore'))).toHaveLength(2);
  });
});

describe('a snapshot that does not hold what it should', () => {
  test.each([
    [
      'the check does not hold',
      (world: VerificationWorld) => {
        world.answer = () => ({
          kind: 'mismatch',
          value: '0',
          sentence: 'The check does not hold: 0, expected at least 1.',
        });
      },
      'mismatch',
    ],
    [
      'the restore ends badly',
      (world: VerificationWorld) => {
        world.restoresTo = 'incompatible-restore';
      },
      'restore-failed',
    ],
    [
      'it is never done',
      (world: VerificationWorld) => {
        world.restoreMs = 100 * HOUR_MS;
      },
      'overdue',
    ],
  ])('%s: failed on the snapshot, told, removed', async (_what, spoil, reason) => {
    const world = worldWith();
    spoil(world);
    const reports = await untilOver(world);
    expect(tagsOfNewest(world)).toMatchObject({ 'mainstay:verified': 'failed' });
    expect(world.made).toEqual([]);
    expect(world.notices).toEqual([
      expect.objectContaining({ result: 'FAILED', subject: expect.stringContaining(reason) }),
    ]);
    expect(reports.some(({ result }) => result === 'FAILED')).toBe(true);
  });

  test.each([
    [
      'nobody can log in',
      (world: VerificationWorld) => {
        world.answer = () => ({ kind: 'no-answer', because: 'unreachable', sentence: 'Nothing answers.' });
      },
      'unreachable',
    ],
    [
      'RDS could not be seen until the time was up',
      (world: VerificationWorld) => {
        const { find } = world.ports.throwAways;
        world.ports.throwAways.find = async (kind, id) => {
          const away = world.nowMs - START_MS;
          if (away > 5 * MINUTE_MS && away < 4 * HOUR_MS) throw new Error('service unavailable');
          return find(kind, id);
        };
      },
      'overdue',
    ],
  ])('%s: nothing was learnt, so nothing is said on the snapshot; told, removed', async (_what, spoil, reason) => {
    const world = worldWith();
    spoil(world);
    await untilOver(world);
    expect(tagsOfNewest(world)).not.toHaveProperty('mainstay:verified');
    expect(world.made).toEqual([]);
    expect((await world.verifications.load()).recent).toMatchObject([{ result: 'inconclusive', reason }]);
    expect(world.notices).toEqual([
      expect.objectContaining({ result: 'PARTIAL', subject: expect.stringContaining(reason) }),
    ]);
  });

  test('what RDS refuses says nothing about the snapshot: no tag, a notice, and another try hours later', async () => {
    const world = worldWith();
    world.restoreAnswer = { kind: 'refused', detail: 'DBSubnetGroupNotFoundFault: isolated' };
    await untilOver(world);
    expect(tagsOfNewest(world)).not.toHaveProperty('mainstay:verified');
    expect(world.notices).toEqual([
      expect.objectContaining({ result: 'PARTIAL', text: expect.stringContaining('isolated') }),
    ]);
    const tried = world.calls.length;
    await untilOver(world, 1);
    expect(world.calls).toHaveLength(tried);
    world.restoreAnswer = undefined;
    world.nowMs += 7 * HOUR_MS;
    await untilOver(world);
    expect(tagsOfNewest(world)).toMatchObject({ 'mainstay:verified': 'ok' });
  });
});

describe('caps', () => {
  const many = (count: number) => {
    const world = openVerificationWorld(START_MS + MINUTE_MS);
    world.databases = Array.from({ length: count }, (_, index) => database(`db${index}`));
    world.snapshots = world.databases.map((one) => snapshot(one, START_MS));
    return world;
  };

  test('never more at once than there are seats, also when two runs begin at the same time', async () => {
    const world = many(6);
    world.restoreMs = 20 * MINUTE_MS;
    await Promise.all([tick(world, world.ports, { atOnce: 2 }), tick(world, world.ports, { atOnce: 2 })]);
    expect((await world.verifications.load()).open).toHaveLength(2);
    expect(world.made).toHaveLength(2);
  });

  test('the last seat is taken once, also when a person and the schedule want it for two databases at the same moment', async () => {
    const world = many(6);
    world.restoreMs = 20 * MINUTE_MS;
    await Promise.all([tick(world, world.ports, {}, 'db5'), tick(world)]);
    expect((await world.verifications.load()).open).toHaveLength(1);
    expect(world.made).toHaveLength(1);
  });

  test('a day that is spent begins nothing more; the next day goes on', async () => {
    const world = many(8);
    world.restoreMs = HOUR_MS;
    for (const endMs = Date.parse('2026-08-14T23:50:00Z'); world.nowMs < endMs; )
      await untilOver(world, 1, { maxInstanceHoursPerDay: 3 });
    expect(world.calls.filter((call) => call.startsWith('restore'))).toHaveLength(3);
    world.nowMs = Date.parse('2026-08-15T00:30:00Z');
    await untilOver(world, 3, { maxInstanceHoursPerDay: 3 });
    expect(world.calls.filter((call) => call.startsWith('restore')).length).toBeGreaterThan(3);
  });

  test('the longest unverified comes first, and one that was never tried before all others', async () => {
    const world = many(3);
    const verified = (index: number, at: string) => {
      const one = world.snapshots[index]!;
      const old = snapshot(world.databases[index]!, START_MS - 900 * HOUR_MS, {
        extraTags: { 'mainstay:verified-at': at, 'mainstay:verified': 'ok' },
      });
      world.snapshots.push({ ...old, id: `${one.id}-old` }, old);
    };
    verified(0, '2026-07-20T00:00:00Z');
    verified(1, '2026-07-10T00:00:00Z');
    for (let index = 0; index < 30; index++) await untilOver(world, 1);
    expect(
      world.calls.filter((call) => call.startsWith('restore')).map((call) => call.replace(/.*msv-(db\d).*/, '$1')),
    ).toEqual(['db2', 'db1', 'db0']);
  });

  test('paused: nothing begins, and what stands is torn down', async () => {
    const world = worldWith();
    await tick(world);
    expect(world.made).toHaveLength(1);
    world.orders = {
      pauses: [{ part: 'verification', by: 'ada', why: 'cost', atMs: 0 }],
      confirmations: [],
    };
    await untilOver(world);
    expect(world.made).toEqual([]);
    world.nowMs += 10 * 24 * HOUR_MS;
    expect((await tick(world)).lines).toContain('No verification begins: verification is paused.');
    expect(world.calls.filter((call) => call.startsWith('restore'))).toHaveLength(1);
  });

  test('orders that cannot be read are no leave to begin', async () => {
    const world = worldWith();
    world.orders = undefined;
    const report = await tick(world);
    expect(report).toMatchObject({ result: 'PARTIAL', counts: { started: 0 } });
    expect(world.calls).toEqual([]);
  });

  test('a person starts one now by its name, due or not, within the same caps', async () => {
    const world = worldWith();
    await untilOver(world);
    expect((await tick(world, world.ports, {}, 'orders')).counts.started).toBe(1);
    expect((await tick(world, world.ports, {}, 'orders')).lines).toContain(
      'No verification begins: as many as may stand at once are under way.',
    );
    expect((await tick(world, world.ports, { atOnce: 2 }, 'orders')).lines).toContain(
      'A verification of orders is under way already.',
    );
    expect((await tick(world, world.ports, { atOnce: 2 }, 'nothing')).lines).toContain(
      'nothing is no database that is selected for snapshots here.',
    );
  });
});

class Killed extends Error {}

/** The same ports in a process that dies at its n-th call, before or after the world has acted. Nothing works in it after that. */
const mortal = (ports: VerificationPorts, dies: { at: number; when: 'before' | 'after' }) => {
  let calls = 0;
  let dead = false;
  const wrapped = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      name === 'chance'
        ? port
        : Object.fromEntries(
            Object.entries(port).map(([method, call]) => [
              method,
              method === 'nowMs'
                ? call
                : async (...args: unknown[]) => {
                    if (dead) throw new Killed();
                    calls += 1;
                    if (calls === dies.at && dies.when === 'before') dead = true;
                    if (dead) throw new Killed();
                    const answer = await (call as (...args: unknown[]) => Promise<unknown>)(...args);
                    if (calls === dies.at) dead = true;
                    if (dead) throw new Killed();
                    return answer;
                  },
            ]),
          ),
    ]),
  );
  return { ports: wrapped as unknown as VerificationPorts, calls: () => calls };
};

/** Ticks in one process until it dies or the verification is over, then in new ones. */
const withDeath = async (world: VerificationWorld, dies: { at: number; when: 'before' | 'after' }) => {
  const process = mortal(world.ports, dies);
  for (const endMs = world.nowMs + 3 * HOUR_MS; world.nowMs < endMs; ) {
    const nextMs = world.nowMs + 5 * MINUTE_MS;
    await tick(world, process.ports).catch(() => {});
    world.nowMs = Math.max(world.nowMs, nextMs);
    if (process.calls() >= dies.at || (await world.verifications.load()).open.length === 0) break;
  }
  await untilOver(world);
  return process.calls();
};

describe.each([
  ['an instance', 'instance', 'postgres', 3],
  ['an Aurora cluster', 'cluster', 'aurora-postgresql', 4],
] as const)('killed at any call, %s', (_what, kind, engine, mostDeaths) => {
  test('leaves nothing behind, deletes nothing else, and is recorded', async () => {
    const total = await withDeath(worldWith(kind, engine), { at: Number.POSITIVE_INFINITY, when: 'before' });
    expect(total).toBeGreaterThan(40);
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; at <= total; at++) {
        const world = worldWith(kind, engine);
        await withDeath(world, { at, when });
        const where = `killed ${when} call ${at} of ${total}`;
        expect({
          where,
          made: world.made,
          databases: names(world),
          open: (await world.verifications.load()).open,
        }).toEqual({ where, made: [], databases: ['orders', 'billing'], open: [] });
        expect({ where, tag: tagsOfNewest(world)['mainstay:verified'] }).toEqual({ where, tag: 'ok' });
        expect(world.deleted.every((id) => id.includes('-made-'))).toBe(true);
        expect(world.notices).toEqual([]);
      }
    }
  }, 120_000);

  test('also again and again, at random', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            at: fc.integer({ min: 1, max: 60 }),
            when: fc.constantFrom('before' as const, 'after' as const),
          }),
          {
            maxLength: mostDeaths,
          },
        ),
        async (deaths) => {
          const world = worldWith(kind, engine);
          for (const dies of deaths) {
            await tick(world, mortal(world.ports, dies).ports).catch(() => {});
            world.nowMs += 5 * MINUTE_MS;
          }
          await untilOver(world);
          expect(world.made).toEqual([]);
          expect(names(world)).toEqual(['orders', 'billing']);
          expect((await world.verifications.load()).open).toEqual([]);
          expect(tagsOfNewest(world)['mainstay:verified']).toBe('ok');
        },
      ),
      lengthOf(60, 3_000),
    );
  }, 600_000);
});

describe('a hostile world', () => {
  const chosenIds = (world: VerificationWorld) => world.made.map(({ seen }) => seen.id);

  test('somebody’s database that has the name already: another name is taken, and theirs is not touched', async () => {
    const world = worldWith();
    const theirs = database('msv-orders-000001', { tags: throwAwayTags('mainstay-test', 'msv-orders-000001') });
    world.databases.push(theirs);
    await untilOver(world);
    expect(world.databases).toContain(theirs);
    expect(tagsOfNewest(world)).toMatchObject({ 'mainstay:verified': 'ok' });
    expect(world.calls[0]).not.toContain('000001');
    expect(world.made).toEqual([]);
  });

  test('a production database that somebody put our tags on is a stray: told once, never deleted', async () => {
    const world = worldWith();
    const production = database('payroll', { tags: throwAwayTags('mainstay-test', 'msv-orders-000001') });
    world.databases.push(production);
    const reports = await untilOver(world);
    world.nowMs += HOUR_MS;
    reports.push(await tick(world));
    expect(world.databases).toContain(production);
    expect(reports.every(({ counts }) => counts.strays === 1)).toBe(true);
    expect(world.notices).toHaveLength(1);
    expect(world.notices[0]?.text).toContain('payroll (db-PAYROLL)');
  });

  test('deleted and created anew under our name, with our tags: it stays, and people are told', async () => {
    const world = worldWith();
    await tick(world);
    const [id] = chosenIds(world);
    world.made[0]!.seen = { ...world.made[0]!.seen, resourceId: 'db-PRODUCTION', status: 'available' };
    world.made[0]!.becomes = undefined;
    await untilOver(world);
    expect(chosenIds(world)).toEqual([id]);
    expect(world.deleted).toEqual([]);
    expect(tagsOfNewest(world)).not.toHaveProperty('mainstay:verified');
    const report = await tick(world);
    expect(report.counts.strays).toBe(1);
    expect(world.notices.map(({ text }) => text).join()).toContain('its resource id is not the one');
  });

  test('without its resource-id condition the same world loses that database', async () => {
    const world = worldWith();
    await tick(world);
    world.made[0]!.seen = { ...world.made[0]!.seen, resourceId: 'db-PRODUCTION' };
    world.conditions = world.conditions.filter(({ name }) => name !== 'recorded-resource');
    const { open } = await world.verifications.load();
    const record = open[0]!;
    await world.ports.throwAways.remove({ record, entry: record.throwAways[0]! });
    expect(world.deleted).toEqual(['db-PRODUCTION']);
  });

  test('somebody takes our tag off: it is theirs now', async () => {
    const world = worldWith();
    await tick(world);
    world.made[0]!.seen = { ...world.made[0]!.seen, tags: {} };
    await untilOver(world);
    expect(world.made).toHaveLength(1);
    expect(world.deleted).toEqual([]);
    expect(world.notices[0]?.text).toContain('A person has to look');
  });

  test('the record is lost: what it made is a stray for people, and is not deleted', async () => {
    const world = worldWith();
    await tick(world);
    const lost = openVerificationWorld(0).verifications;
    world.verifications = lost;
    world.orders = { pauses: [{ part: 'verification', by: 'ada', why: '', atMs: 0 }], confirmations: [] };
    for (let index = 0; index < 5; index++) {
      world.nowMs += HOUR_MS;
      expect((await tick(world)).counts.strays).toBe(1);
    }
    expect(world.deleted).toEqual([]);
    expect(world.notices).toHaveLength(1);
  });

  test('one that is over and still there is taken up again, for its record knows its resource id', async () => {
    const world = worldWith();
    await tick(world);
    const kept = structuredClone(world.made[0]!);
    await untilOver(world);
    world.made.push({ ...kept, seen: { ...kept.seen, status: 'available' }, becomes: undefined });
    await untilOver(world);
    expect(world.made).toEqual([]);
    expect(world.deleted).toEqual([kept.seen.resourceId, kept.seen.resourceId]);
    expect(tagsOfNewest(world)['mainstay:verified']).toBe('ok');
  });

  test('RDS that says nothing: no step is taken on it, and the work goes on when it speaks again', async () => {
    const world = worldWith();
    await tick(world);
    const { find } = world.ports.throwAways;
    world.ports.throwAways.find = async () => {
      throw new Error('Rate exceeded');
    };
    const before = world.calls.length;
    await tick(world);
    await tick(world);
    expect(world.calls).toHaveLength(before);
    world.ports.throwAways.find = find;
    await untilOver(world);
    expect(world.made).toEqual([]);
    expect(tagsOfNewest(world)['mainstay:verified']).toBe('ok');
  });

  test('answers that lag behind: a database that is not seen yet is not restored twice, and not forgotten', async () => {
    const world = worldWith();
    const { find, restore } = world.ports.throwAways;
    world.ports.throwAways.find = async (kind, id) =>
      world.nowMs < START_MS + 4 * MINUTE_MS ? undefined : find(kind, id);
    // The answer is lost, and the effect is not.
    world.ports.throwAways.restore = async (claim) => {
      await restore(claim);
      return { kind: 'unknown', detail: 'socket hang up' };
    };
    await untilOver(world);
    expect(world.made).toEqual([]);
    expect(world.deleted).toHaveLength(1);
    expect(tagsOfNewest(world)['mainstay:verified']).toBe('ok');
  });

  test('time is up while RDS does not show yet what it made: it is waited for, and removed', async () => {
    const world = worldWith();
    const { find, restore } = world.ports.throwAways;
    world.ports.throwAways.find = async (kind, id) =>
      world.nowMs < START_MS + 5 * MINUTE_MS ? undefined : find(kind, id);
    world.ports.throwAways.restore = async (claim) => {
      await restore(claim);
      return { kind: 'unknown', detail: 'socket hang up' };
    };
    await tick(world, world.ports, { maxMinutes: 1 });
    world.nowMs = START_MS + 4 * MINUTE_MS;
    await untilOver(world, 2, { maxMinutes: 1 });
    expect(world.made).toEqual([]);
    expect(world.deleted).toHaveLength(1);
    expect((await world.verifications.load()).open).toEqual([]);
  });

  test('a notice that fails holds no teardown back', async () => {
    const world = worldWith();
    world.answer = () => ({ kind: 'query-failed', sentence: 'The query failed.' });
    world.ports.reports.publish = async () => {
      throw new Error('topic gone');
    };
    await untilOver(world);
    expect(world.made).toEqual([]);
    expect((await world.verifications.load()).open).toEqual([]);
  });

  test('deletion protection that a person puts on is obeyed, and the verification stays open', async () => {
    const world = worldWith();
    await tick(world);
    world.answer = () => {
      world.made[0]!.protected = true;
      return { kind: 'ok', value: '1', sentence: 'The check holds.' };
    };
    const reports = await untilOver(world, 4);
    expect(world.made).toHaveLength(1);
    expect(reports.at(-1)).toMatchObject({ result: 'PARTIAL', counts: { stuck: 1 } });
    const { open } = await world.verifications.load();
    expect(open).toEqual([expect.objectContaining({ phase: 'removing', detail: 'protected' })]);
  });
});

test('a command for the list takes no step; every other is a tick', async () => {
  const world = worldWith();
  const serve = serveVerify(world.ports, verifyingSettings(), { remainingMs: () => 280_000 });
  const listed = await serve({ kind: 'command', verb: 'verifications' });
  expect([listed.reports, world.calls]).toEqual([[], []]);
  expect(listed.toCaller).toMatchObject({ open: [], recent: [] });
  const ticked = await serve({ kind: 'command', verb: 'verify', database: 'orders' });
  expect(ticked.reports).toEqual([ticked.toCaller]);
  expect(world.calls).not.toEqual([]);
});
