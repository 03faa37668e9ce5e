import { describe, expect, test } from '@jest/globals';
import { drill, production, sight } from '../../../../tests/failover/drills/samples.ts';
import { isDrillInstance, namesOf } from './drill.ts';
import { isAdoptable, mayTouch, REMOVAL_CONDITIONS, type Sight } from './throw-away.ts';

const made = drill({ leader: { ...drill().leader, askedMs: 1, resourceId: 'db-THROWAWAY' } });

describe('a drill changes and deletes only its own throw-away', () => {
  test('its own, with both tags, the recorded name and the recorded resource id', () => {
    expect(mayTouch(sight(), made, 'leader')).toEqual({ may: true });
  });

  // Everything else is as it should be: one condition alone stands in front of the harm.
  test.each<[string, Partial<Sight>, string]>([
    ['an instance of another pair', { tags: { ...sight().tags, 'mainstay:drill': 'payments' } }, 'our-tag'],
    ['what an earlier drill left', { tags: { ...sight().tags, 'mainstay:drill-name': 'fedcba' } }, 'this-drill'],
    ['an instance without our tags', { tags: {} }, 'our-tag'],
    ['another one under the same name', { resourceId: 'db-SOMEBODY' }, 'recorded-resource'],
    ['another name with the same resource id: it was renamed', { instance: 'orders' }, 'recorded-name'],
    ['the same name in another region', { region: 'eu-north-1' }, 'recorded-name'],
  ])('never %s', (_what, change, because) => {
    expect(mayTouch(sight(change), made, 'leader')).toMatchObject({ may: false, because });
  });

  test.each([
    ['leader', production.leader],
    ['candidate', production.candidate],
  ])('never the %s of the pair, whatever its tags and the record say', (_role, { instance, region, resourceId }) => {
    const wrong = drill({ leader: { instance, region, askedMs: 1, resourceId } });
    const seen = sight({ instance, region, resourceId });
    expect(mayTouch(seen, wrong, 'leader')).toMatchObject({ may: false, because: 'not-the-pair' });
    const renamed = drill({ leader: { instance: 'renamed', region, askedMs: 1, resourceId } });
    expect(mayTouch(sight({ ...seen, instance: 'renamed' }), renamed, 'leader')).toMatchObject({ may: false });
    const again = drill({ leader: { instance, region, askedMs: 1, resourceId: 'db-NEW' } });
    expect(mayTouch(sight({ ...seen, resourceId: 'db-NEW' }), again, 'leader')).toMatchObject({ may: false });
  });

  test('nothing whose resource id was not recorded', () => {
    const unrecorded = drill({ leader: { ...drill().leader, askedMs: 1 } });
    expect(mayTouch(sight(), unrecorded, 'leader')).toMatchObject({ may: false, because: 'recorded-resource' });
    expect(REMOVAL_CONDITIONS).toHaveLength(5);
  });
});

describe('what was made before a crash is adopted', () => {
  const asked = drill({ leader: { ...drill().leader, askedMs: 1 } });
  test('under the recorded name, with both tags, and no older than the drill', () => {
    expect(isAdoptable(sight(), asked, 'leader')).toBe(true);
    expect(isAdoptable(sight({ createdMs: undefined }), asked, 'leader')).toBe(true);
  });

  test.each<[string, Partial<Sight>]>([
    ['an older one', { createdMs: asked.startedMs - 600_000 }],
    ["another pair's", { tags: { ...sight().tags, 'mainstay:drill': 'payments' } }],
    ["another drill's", { tags: { ...sight().tags, 'mainstay:drill-name': 'fedcba' } }],
    ['one without a resource id yet', { resourceId: '' }],
    ["the pair's own", { resourceId: production.leader.resourceId }],
  ])('not %s', (_what, change) => {
    expect(isAdoptable(sight(change), asked, 'leader')).toBe(false);
  });

  test('not before it was asked for, and not a second one', () => {
    expect(isAdoptable(sight(), drill(), 'leader')).toBe(false);
    expect(isAdoptable(sight(), made, 'leader')).toBe(false);
  });
});

test('names fit RDS and DNS, and nobody else is called like that', () => {
  const long = namesOf('a-pair-with-a-very-very-long-name', '0123ab', 'ledger.example.com');
  for (const name of [long.leader, long.replica, long.group]) {
    expect(name).toMatch(/^[a-z](-?[a-z0-9])*$/);
    expect(name.length).toBeLessThanOrEqual(63);
  }
  expect(namesOf('ledger', 'abc123', 'ledger.example.com')).toEqual({
    leader: 'mainstay-drill-ledger-abc123-a',
    replica: 'mainstay-drill-ledger-abc123-b',
    group: 'mainstay-drill-ledger-abc123',
    writer: 'drill-abc123.ledger.example.com',
  });
  expect(isDrillInstance('ledger', 'mainstay-drill-ledger-abc123-a')).toBe(true);
  expect(isDrillInstance('ledger', 'mainstay-drill-ledgers-abc123-a')).toBe(false);
  expect(isDrillInstance('ledger', 'ledger-primary')).toBe(false);
  expect(isDrillInstance('ledger', 'mainstay-drill-ledger-abc123-c')).toBe(false);
});
