import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  copyOf,
  database,
  copySettings as settings,
  sight,
  snapshot,
} from '../../../../tests/snapshots/copies-samples.ts';
import { HOUR_MS } from '../calendar.ts';
import { PROTECTIONS } from '../expiry.ts';
import { GUARDS } from '../guards.ts';
import type { Confirmation, Database, Snapshot } from '../inventory.ts';
import { kindsToLookAt } from './cases.ts';
import { isLate, planCopies } from './copies.ts';
import { copyOutcomeOf } from './outcome.ts';
import { copySentence, copyWarningSentence } from './sentences.ts';
import { isInFlight } from './verdict.ts';

const slot = Date.parse('2026-08-14T10:00:00Z');
const now = slot + 20 * 60_000;
const orders = database('orders');
const hours = (ago: number) => slot - ago * HOUR_MS;
const source = (ago = 0, over: Parameters<typeof snapshot>[2] = {}) => snapshot(orders, hours(ago), over);

const planOf = (sources: Snapshot[], copies: Snapshot[] = [], over: Parameters<typeof sight>[3] = {}, more = {}) =>
  planCopies(sight([orders], sources, copies, over), { ...settings, ...more }, now);
const only = (plan: ReturnType<typeof planCopies>) => plan.databases[0];

describe('a database gets a copy of its newest good snapshot', () => {
  test('when it has none, by the name of the source, with our tags, the source’s own, and the key', () => {
    const tagged = source(0, {
      extraTags: { team: 'payments', 'aws:cloudformation:stack-name': 's', 'mainstay:verified-at': 'x' },
    });
    const plan = planOf([source(1), tagged]);
    expect(only(plan)).toMatchObject({ kind: 'copy', because: 'first', good: 0 });
    expect(plan.queue).toHaveLength(1);
    const [copy] = plan.queue;
    expect(copy).toMatchObject({ name: tagged.id, source: { arn: tagged.arn }, kmsKeyId: settings.copies.kmsKeyId });
    expect(copy?.tags).toEqual({
      'mainstay:source-snapshot': tagged.arn,
      'mainstay:stack': 'mainstay-test',
      'mainstay:snapshot': tagged.id,
      'mainstay:slot': '2026-08-14T10:00:00Z',
      'mainstay:resource-id': orders.resourceId,
      'mainstay:source': orders.arn,
      'mainstay:snapshots': 'true',
      team: 'payments',
    });
  });

  test('when its newest copy is of an older slot than may be, and not before', () => {
    const copies = [copyOf(source(6))];
    expect(only(planOf([source(0), source(6)], copies))).toMatchObject({ kind: 'copy', because: 'due' });
    expect(only(planOf([source(0), source(5)], [copyOf(source(5))]))).toMatchObject({ kind: 'skip', because: 'fresh' });
  });

  test('never of a copy, never of somebody else’s, never of one that is not available, dated after now, or of another identity', () => {
    const strangers = [
      source(0, { status: 'creating' }),
      snapshot(orders, hours(-1), { id: 'ms-ahead' }),
      source(1, { id: 'by-hand', tags: {} }),
      source(2, { extraTags: { 'mainstay:resource-id': 'db-OTHER' } }),
      source(3, { type: 'automated' }),
    ];
    expect(only(planOf(strangers))).toMatchObject({ kind: 'skip', because: 'no-good-source' });
    expect(planOf([...strangers, source(9)]).queue).toMatchObject([{ name: source(9).id }]);
  });

  test('whose key is not known to be dead: a key that nobody could ask about is RDS’s to judge', () => {
    const dead = source(0, { encrypted: true, kmsKeyId: 'dead' });
    const unasked = source(1, { encrypted: true, kmsKeyId: 'unasked' });
    const plan = planOf([dead, unasked], [], { sourceKeys: { dead: 'unusable' } });
    expect(plan.queue).toMatchObject([{ name: unasked.id, sourceKeyUsable: false }]);
  });

  test('after a rename too, and a recreated database is another one', () => {
    const renamed = { ...orders, id: 'orders-v2' };
    const seen = sight([renamed], [source(0)], [copyOf(source(1))]);
    expect(only(planCopies(seen, settings, now))).toMatchObject({ kind: 'skip', because: 'fresh' });
    const recreated = { ...orders, resourceId: 'db-NEW' };
    const plan = planCopies(sight([recreated], [source(0)], [copyOf(source(1))]), settings, now);
    expect(only(plan)).toMatchObject({ kind: 'skip', because: 'no-good-source', good: 0 });
    expect(plan.removals).toEqual([]);
  });

  test('although RDS names another resource id on the copy: our tag says whose it is', () => {
    const copy = { ...copyOf(source(1)), resourceId: 'db-ELSEWHERE' };
    expect(only(planOf([source(0)], [copy]))).toMatchObject({ kind: 'skip', because: 'fresh', good: 1 });
  });
});

describe('a database gets no copy', () => {
  test('while one of its own is on its way, whatever its slot', () => {
    const running = copyOf(source(30), { status: 'copying', percentProgress: 40 });
    const verdict = only(planOf([source(0)], [running]));
    expect(verdict).toMatchObject({ kind: 'skip', because: 'in-progress' });
    expect(verdict && copySentence(verdict)).toContain('copying, 40 %');
  });

  test('when its newest good snapshot is there already: that none has come since is the hourly run’s to say', () => {
    expect(only(planOf([source(9)], [copyOf(source(9))]))).toMatchObject({ because: 'newest-is-copied' });
  });

  test('when its tag says so; a value that cannot be read is said, means yes, and deletes nothing', () => {
    const off = database('orders', { tags: { 'mainstay:snapshots': 'true', 'mainstay:snapshots:copies': 'No' } });
    expect(only(planCopies(sight([off], [source()], []), settings, now))).toMatchObject({
      wanted: false,
      because: 'switched-off',
    });
    const typo = database('orders', { tags: { 'mainstay:snapshots': 'true', 'mainstay:snapshots:copies': 'flase' } });
    const old = Array.from({ length: 6 }, (_, index) => copyOf(source(6 + index)));
    const plan = planCopies(sight([typo], [source()], old), settings, now);
    expect(only(plan)).toMatchObject({ kind: 'copy', problems: [expect.stringContaining('copies="flase"')] });
    expect(plan.removals).toEqual([]);
    expect(planOf([source()], old).removals.length).toBeGreaterThan(0);
    expect(copyOutcomeOf(plan, []).result).toBe('PARTIAL');
  });

  test('when it is not selected for snapshots at all: it is not spoken of, and what there is of it stays', () => {
    const plan = planCopies(
      sight(
        [database('orders', { tags: {} })],
        [source()],
        [1, 2, 3, 4, 5].map((ago) => copyOf(source(ago))),
      ),
      settings,
      now,
    );
    expect(plan.databases).toEqual([]);
    expect(plan.removals).toEqual([]);
    expect(plan.warnings).toEqual([{ kind: 'none-to-copy', seen: 1 }]);
    expect(plan.warnings.map(copyWarningSentence)).toEqual([
      'No database is to be copied: of 1 database none is selected.',
    ]);
  });

  test('when its own tag says so: all of them may, and that is a wish, no fault of the run', () => {
    const off = { tags: { 'mainstay:snapshots': 'true', 'mainstay:snapshots:copies': 'false' } };
    const plan = planCopies(sight([database('orders', off), database('ledger', off)], [], []), settings, now);
    expect(plan.databases.map(({ because }) => because)).toEqual(['switched-off', 'switched-off']);
    expect(plan.warnings).toEqual([]);
    expect(copyOutcomeOf(plan, []).result).toBe('OK');
  });

  test('while copies are paused, and its verdict says by whom', () => {
    const pause = { part: 'copies', by: 'ann', why: 'a move', atMs: hours(3) } as const;
    const plan = planOf(
      [source()],
      [6, 7, 8, 9].map((ago) => copyOf(source(ago))),
      {
        orders: { pauses: [pause], confirmations: [] },
      },
    );
    expect(plan.queue).toEqual([]);
    expect(plan.removals).toEqual([]);
    expect(plan.databases.map(copySentence)).toEqual([
      'orders gets no copy now: copies are paused by ann since 2026-08-14T07:00:00Z: a move.',
    ]);
    expect(plan.warnings).toContainEqual({ kind: 'paused', pause });
  });

  test('of an engine whose snapshots RDS does not copy', () => {
    const custom = database('orders', { engine: 'custom-oracle-ee' });
    expect(only(planCopies(sight([custom], [source()], []), settings, now))).toMatchObject({
      because: 'not-copied-by-rds',
    });
  });

  test('when the name is taken by what is no copy of this snapshot', () => {
    for (const over of [{ tags: {} }, { extraTags: { 'mainstay:source-snapshot': 'arn:aws:rds:x:y:snapshot:z' } }]) {
      const copy = copyOf(source(), over);
      const foreign = { ...copy, tags: 'tags' in over ? {} : { ...copy.tags, ...over.extraTags }, status: 'failed' };
      expect(only(planOf([source()], [foreign]))).toMatchObject({ kind: 'skip', because: 'name-taken' });
    }
  });
});

describe('encryption', () => {
  const required = { copies: { ...settings.copies, encryptCopies: 'required' as const } };
  const asSource = { copies: { ...settings.copies, encryptCopies: 'as-source' as const } };
  const cluster = database('aurora', { kind: 'cluster', engine: 'aurora-postgresql' });
  const ofCluster = (over = {}) =>
    snapshot(cluster, slot, { arn: 'arn:aws:rds:eu-west-1:1:cluster-snapshot:a', ...over });
  const clusterPlan = (one: Snapshot, more: object) =>
    planCopies(sight([cluster], [one], []), { ...settings, ...more }, now);
  const encrypted = { encrypted: true, kmsKeyId: 'home' };

  test('of an encrypted source always has the destination’s key', () => {
    for (const more of [required, asSource]) {
      expect(planOf([source(0, encrypted)], [], {}, more).queue[0]?.kmsKeyId).toBe(settings.copies.kmsKeyId);
      expect(clusterPlan(ofCluster(encrypted), more).queue[0]?.kmsKeyId).toBe(settings.copies.kmsKeyId);
    }
  });

  test('of an unencrypted instance is made by the copy where it is required, and left out where it is not', () => {
    expect(planOf([source()], [], {}, required).queue[0]?.kmsKeyId).toBe(settings.copies.kmsKeyId);
    expect(planOf([source()], [], {}, asSource).queue[0]).not.toHaveProperty('kmsKeyId');
  });

  test('of an unencrypted cluster cannot be had: it is said what to do, and no plain copy is made in silence', () => {
    const plan = clusterPlan(ofCluster(), required);
    expect(plan.queue).toEqual([]);
    expect(plan.databases.map(copySentence)).toEqual([expect.stringContaining('encryptCopies: as-source')]);
    expect(only(plan)).toMatchObject({ because: 'cannot-be-encrypted' });
    expect(copyOutcomeOf(plan, []).result).toBe('PARTIAL');
    expect(clusterPlan(ofCluster(), asSource).queue[0]).not.toHaveProperty('kmsKeyId');
  });

  test('with a key that is dead stops what needs it, and is said once', () => {
    const two = [orders, database('ledger')];
    const seen = sight(
      two,
      two.map((one) => snapshot(one, slot)),
      [],
      {
        destinationKeys: { [settings.copies.kmsKeyId]: 'unusable' },
      },
    );
    const plan = planCopies(seen, settings, now);
    expect(plan.queue).toEqual([]);
    expect(plan.warnings).toEqual([{ kind: 'key-unusable', keyId: settings.copies.kmsKeyId, waiting: 2 }]);
    expect(planCopies(seen, { ...settings, ...asSource }, now).queue).toHaveLength(2);
  });

  test('of a copy whose key is dead is no good copy, and another one is due', () => {
    const copy = copyOf(source(1), { encrypted: true, kmsKeyId: 'gone' });
    expect(only(planOf([source()], [copy], { destinationKeys: { gone: 'unusable' } }))).toMatchObject({
      kind: 'copy',
      good: 0,
    });
    // Not known is not good either, but no reason to copy the same again every quarter of an hour.
    expect(only(planOf([source()], [copy]))).toMatchObject({ because: 'fresh', good: 0 });
  });
});

describe('an option group', () => {
  const timezone = source(0, { optionGroup: 'sqlserver-timezone' });

  test('without a counterpart costs this database its copy, is named, and stops no other', () => {
    const ledger = database('ledger');
    const plan = planCopies(sight([orders, ledger], [timezone, snapshot(ledger, slot)], []), settings, now);
    expect(plan.databases).toMatchObject([
      { because: 'no-option-group', detail: 'sqlserver-timezone' },
      { kind: 'copy' },
    ]);
    expect(plan.databases.map(copySentence)[0]).toContain('option group sqlserver-timezone has no counterpart');
  });

  test('with one goes by it, and RDS’s own need none', () => {
    const more = { copies: { ...settings.copies, optionGroups: { 'sqlserver-timezone': 'there' } } };
    expect(planOf([timezone], [], {}, more).queue).toMatchObject([{ optionGroup: 'there' }]);
    expect(planOf([source(0, { optionGroup: 'default:mysql-8-4' })]).queue[0]).not.toHaveProperty('optionGroup');
  });
});

describe('the limit', () => {
  const many = Array.from({ length: 6 }, (_, index) => database(`db${index}`));
  const sources = many.map((one) => snapshot(one, slot));
  const elsewhere = (over: Partial<Snapshot>) => copyOf(source(90), { id: 'x', tags: {}, ...over });

  test('counts whatever comes from another region, whoever asked for it, and nothing that is made at home', () => {
    expect(isInFlight(elsewhere({ status: 'creating' }))).toBe(true);
    expect(isInFlight(elsewhere({ status: 'pending', sourceArn: undefined as never }))).toBe(true);
    expect(isInFlight(elsewhere({ status: 'a state that is new' }))).toBe(true);
    expect(isInFlight(elsewhere({ status: 'available' }))).toBe(false);
    expect(isInFlight(elsewhere({ status: 'failed' }))).toBe(false);
    expect(isInFlight(snapshot(orders, slot, { status: 'creating' }))).toBe(false);
    const local = elsewhere({ status: 'creating' });
    expect(isInFlight({ ...local, sourceArn: local.arn })).toBe(false);
  });

  test('leaves the rest in the queue, the one that has waited longest first', () => {
    const copies = [
      copyOf(snapshot(many[0]!, hours(7))),
      copyOf(snapshot(many[1]!, hours(20))),
      copyOf(snapshot(many[2]!, hours(9))),
      ...[1, 2].map((number) => elsewhere({ id: `people-${number}`, status: 'creating' })),
    ];
    const plan = planCopies(
      sight(many, sources, copies),
      { ...settings, copies: { ...settings.copies, maxInFlight: 6 } },
      now,
    );
    expect([plan.inFlight, plan.room]).toEqual([2, 4]);
    expect(plan.queue.map(({ database: { id } }) => id)).toEqual(['db3', 'db4', 'db5', 'db1', 'db2', 'db0']);
    expect(plan.databases.filter(({ kind }) => kind === 'wait').map(({ database: { id } }) => id)).toEqual([
      'db0',
      'db2',
    ]);
    expect(copyOutcomeOf(plan, []).result).toBe('OK');
  });

  test('serves everybody in turn: no database waits longer for its next copy than a round through all of them takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 1, max: 3 }), (count, maxInFlight) => {
        const databases = Array.from({ length: count }, (_, index) => database(`d${index}`));
        const newest = new Map<string, Snapshot>();
        const round = Math.ceil(count / maxInFlight);
        for (let hour = 0; hour < count * 3; hour++) {
          const at = slot + hour * HOUR_MS;
          const seen = sight(
            databases,
            databases.map((one) => snapshot(one, at)),
            [...newest.values()],
          );
          const rules = { ...settings, copies: { ...settings.copies, everyHours: 1, maxInFlight } };
          for (const verdict of planCopies(seen, rules, at + 60_000).databases) {
            if (verdict.kind === 'copy') newest.set(verdict.database.id, copyOf(verdict.source));
            const copiedMs = verdict.kind === 'copy' ? at : (verdict.newestGoodMs ?? slot - HOUR_MS);
            expect(at - copiedMs).toBeLessThanOrEqual(round * HOUR_MS);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('of the quota at the destination is respected by kind, and said', () => {
    const plan = planCopies(
      sight(many, sources, [], { quotas: [{ kind: 'instance', max: 100, used: 98 }] }),
      settings,
      now,
    );
    expect(plan.databases.map(({ kind, because }) => (kind === 'wait' ? because : kind))).toEqual([
      ...Array(2).fill('copy'),
      ...Array(4).fill('quota'),
    ]);
    expect(copyOutcomeOf(plan, []).result).toBe('PARTIAL');
    expect(plan.forecasts).toMatchObject([{ kind: 'instance', databases: 6, max: 100 }]);
  });

  test('of the quota that RDS does not speak of leaves nothing out', () => {
    expect(planCopies(sight(many, sources, [], { quotas: [] }), settings, now).queue).toHaveLength(6);
  });
});

describe('copies expire by their own policy', () => {
  const kept = Array.from({ length: 6 }, (_, index) => copyOf(source(index * 6)));

  test('which is the destination’s, not the database’s', () => {
    const tagged: Database = {
      ...orders,
      tags: {
        'mainstay:snapshots': 'true',
        'mainstay:snapshots:policy': 'last=100',
        'mainstay:snapshots:min-keep': '50',
      },
    };
    const plan = planCopies(sight([tagged], [source()], kept), settings, now);
    expect(plan.removals.map(({ snapshot: { id } }) => id)).toEqual(kept.slice(3).map(({ id }) => id));
  });

  test('and the newest one never goes before a newer one is available, whatever policy and floor say', () => {
    const [newest, ...older] = kept;
    const rules = { ...settings, copies: { ...settings.copies, policy: {}, minKeep: 0 } };
    const slipped = (names: string[]) => ({
      ...PROTECTIONS,
      guards: GUARDS.filter(({ name }) => !names.includes(name)),
    });
    const running = copyOf(source(-0.1), { id: 'ms-running', status: 'creating' });
    const gone = (names: string[]) =>
      planCopies(sight([orders], [source()], [...kept, running]), rules, now, slipped(names)).removals.map(
        ({ snapshot: { id } }) => id,
      );
    expect(gone(['policy-keeps-nothing'])).toEqual(older.map(({ id }) => id));
    expect(gone(['policy-keeps-nothing', 'last-good'])).toContain(newest?.id);
  });

  test('not while the databases, or the orders, cannot be seen; not when somebody paused; and an orphan’s stay', () => {
    const pause = (part: 'copies' | 'expiry') => ({
      orders: { pauses: [{ part, by: 'ann', why: 'w', atMs: 0 }], confirmations: [] },
    });
    const removals = (databases: Database[], over: Parameters<typeof sight>[3]) =>
      planCopies(sight(databases, [], kept, over), { ...settings, orphanKeepDays: 1 }, now + 30 * 24 * HOUR_MS)
        .removals;
    const unseen = { sourceUnseen: [{ what: 'databases' as const, kind: 'instance' as const, detail: 'timed out' }] };
    expect(removals([], unseen)).toEqual([]);
    expect(removals([], {}).length).toBe(kept.length - 1);
    for (const over of [{ orders: undefined }, pause('copies'), pause('expiry')]) {
      expect(planOf([source()], kept, over).removals).toEqual([]);
    }
    expect(planOf([source()], kept).removals).toHaveLength(3);
    expect(planCopies(sight([], [], kept), settings, now).removals).toEqual([]);
  });

  test('only what says of itself that it is our copy: not people’s, another stack’s, nor what took our tags along', () => {
    const foreign = [
      copyOf(source(40), { id: 'by-hand', tags: {} }),
      copyOf(source(41), { id: 'with-our-tags', tags: copyOf(source(41)).tags }),
      { ...copyOf(source(42)), tags: { ...copyOf(source(42)).tags, 'mainstay:stack': 'mainstay-other' } },
      // Ours by every tag but the one of a copy.
      snapshot(orders, hours(43), { id: 'ms-taken-here' }),
    ];
    const plan = planOf([source()], [...kept, ...foreign]);
    const gone = plan.removals.map(({ snapshot: { id } }) => id);
    expect(gone).toEqual(kept.slice(3).map(({ id }) => id));
  });

  test('though copies are further apart than creation may be broken', () => {
    const rules = { ...settings, copies: { ...settings.copies, everyHours: 24 } };
    const daily = Array.from({ length: 6 }, (_, index) => copyOf(source(10 + index * 24)));
    expect(planCopies(sight([orders], [source()], daily), rules, now).removals).toHaveLength(3);
    const broken = daily.map((_, index) => copyOf(source(40 + index * 24)));
    expect(planCopies(sight([orders], [source()], broken), rules, now).removals).toEqual([]);
  });

  test('and a mass of them waits for a person', () => {
    const plan = planOf(
      [source()],
      kept,
      {},
      { maxDeletionsPerRun: 1, copies: { ...settings.copies, policy: { keepLast: 1 } } },
    );
    expect(plan.removals).toEqual([]);
    expect(plan.warnings.map(copyWarningSentence)).toEqual([expect.stringContaining('5 deletions in one run')]);
    expect(plan.warnings.map(copyWarningSentence)[0]).toMatch(
      /let it pass once: mainstay snapshots confirm --copies --why "…"\.$/,
    );
  });

  describe('that a person confirmed', () => {
    const given: Confirmation = {
      of: 'copies',
      deletions: 5,
      newestSlotMs: slot,
      by: 'ann',
      why: 'the policy is meant',
      atMs: now - 60_000,
      untilMs: now + HOUR_MS,
    };
    const more = { maxDeletionsPerRun: 1, copies: { ...settings.copies, policy: { keepLast: 1 } } };
    const planWith = (over: Partial<Confirmation>, rules = {}) =>
      planOf(
        [source()],
        kept,
        { orders: { pauses: [], confirmations: [{ ...given, ...over }] } },
        { ...more, ...rules },
      );

    test('passes, the oldest first and no more than that, and the plan says by what', () => {
      expect(planWith({})).toMatchObject({ warnings: [], confirmation: given });
      expect(planWith({}).removals).toHaveLength(5);
      const three = planWith({ deletions: 3 });
      expect(three.removals.map(({ snapshot: { id } }) => id).sort()).toEqual(
        kept
          .slice(3)
          .map(({ id }) => id)
          .sort(),
      );
      expect(three.warnings).toEqual([{ kind: 'circuit-breaker', stopped: 2, passed: 3, allowed: 1 }]);
    });

    test.each<[string, Partial<Confirmation>, object]>([
      ['of the snapshots', { of: 'snapshots' }, {}],
      ['that has lapsed', { untilMs: now }, {}],
      ['from the future', { atMs: now + 1 }, {}],
      ['of copies before these', { newestSlotMs: hours(90) }, {}],
    ])('but not by a confirmation %s', (_what, over, rules) => {
      expect(planWith(over, rules)).toMatchObject({ removals: [], confirmation: undefined });
    });

    test('and is not used up where the breaker lets them pass anyway', () => {
      expect(planWith({}, { maxDeletionsPerRun: 5 })).toMatchObject({ confirmation: undefined, warnings: [] });
    });
  });
});

describe('a copy that failed half way', () => {
  const failed = copyOf(source(), { status: 'failed' });

  test('is removed first, and its snapshot copied again', () => {
    const plan = planOf([source()], [failed]);
    expect(plan.removals).toMatchObject([{ snapshot: { id: failed.id }, because: 'failed' }]);
    expect(plan.queue).toMatchObject([{ name: failed.id, because: 'previous-failed' }]);
  });

  test('stays while expiry only plans, or while somebody holds it, and is said to be in the way', () => {
    expect(only(planOf([source()], [failed], {}, { expiry: 'plan' }))).toMatchObject({ because: 'failed-in-the-way' });
    const held = { ...failed, tags: { ...failed.tags, 'mainstay:hold': 'true' } };
    const plan = planOf([source()], [held]);
    expect(plan.removals).toEqual([]);
    expect(only(plan)).toMatchObject({ because: 'failed-in-the-way' });
  });

  test('of somebody else is not ours to remove', () => {
    expect(planOf([source(1)], [{ ...failed, tags: {} }]).removals).toEqual([]);
  });
});

describe('what cannot be seen', () => {
  test('at either end costs the copies of that kind in this run, and is said', () => {
    const unseen = [{ what: 'snapshots' as const, kind: 'instance' as const, detail: 'timed out' }];
    for (const over of [{ sourceUnseen: unseen }, { destinationUnseen: unseen }]) {
      const plan = planOf([source()], [], over);
      expect(only(plan)).toMatchObject({ kind: 'skip', because: 'unseen' });
      expect(copyOutcomeOf(plan, []).result).toBe('PARTIAL');
    }
  });

  test('of everything is a failure', () => {
    const blind = (['instance', 'cluster'] as const).map((kind) => ({ what: 'databases' as const, kind, detail: 'x' }));
    expect(copyOutcomeOf(planCopies(sight([], [], [], { sourceUnseen: blind }), settings, now), []).result).toBe(
      'FAILED',
    );
  });

  test('of the source’s snapshots does not matter where every copy is fresh or on its way', () => {
    const seen = (copies: Snapshot[]) => kindsToLookAt(sight([orders], [], copies), settings, now);
    expect(seen([copyOf(source(1))])).toEqual([]);
    expect(seen([copyOf(source(9), { status: 'creating' })])).toEqual([]);
    expect(seen([copyOf(source(9))])).toEqual(['instance']);
  });
});

test('the tags of a copy leave room for those of its proof, ours first', () => {
  const crowd = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${index}`, 'v']));
  const tags = planOf([source(0, { extraTags: crowd })]).queue[0]?.tags ?? {};
  expect(Object.keys(tags)).toHaveLength(47);
  expect(tags).toMatchObject({ 'mainstay:source-snapshot': source().arn, 'mainstay:source': orders.arn });
});

test('planning again after a plan was carried out asks for nothing more', () => {
  const copies = Array.from({ length: 6 }, (_, index) => copyOf(source(6 + index)));
  const first = planOf([source()], copies);
  const left = copies.filter(({ arn }) => !first.removals.some(({ snapshot: one }) => one.arn === arn));
  const second = planOf([source()], [...left, ...first.queue.map(({ source: one }) => copyOf(one))]);
  expect(second.queue).toEqual([]);
  expect(planOf([source()], [...left, copyOf(source())]).removals.length).toBeLessThanOrEqual(1);
});

test('a copy that is older than planned is said, and no run with one is OK; of a stopped database there is nothing newer', () => {
  const late = planOf([source(72), source(71)], [copyOf(source(72)), copyOf(source(71), { status: 'copying' })]);
  expect(late.warnings.map(copyWarningSentence)).toEqual([
    'orders has had no new copy since 2026-08-11 10:00, which is longer than planned.',
  ]);
  expect(copyOutcomeOf(late, []).result).toBe('PARTIAL');
  const resting = planOf([source(72)], [copyOf(source(72))]);
  expect(copyOutcomeOf(resting, []).result).toBe('OK');
  expect(resting.databases.some((one) => isLate(one, settings.copies, now))).toBe(false);
});
