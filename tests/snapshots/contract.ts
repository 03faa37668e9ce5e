import { expect, test } from '@jest/globals';
import type { Ports } from '../../functions/snapshots/run/ports.ts';

/** A world behind the ports, as the contract needs it: one region, one ready database `orders`, one busy one `busy`. */
export interface ContractWorld {
  ports: Ports;
  /** The resource id of `orders`. */
  resourceId: string;
  /** Puts in this many manual snapshots of `orders` that are somebody else's. */
  plant(count: number): Promise<void>;
  /** An automated snapshot of `orders`, by name. */
  plantAutomated(): Promise<string>;
  /** Waits until what is being made is there. */
  settle(): Promise<void>;
}

/** What the run relies on, asked of every world in the same words. `world` is opened before the first test. */
export const portsContract = (world: () => ContractWorld): void => {
  const create = (name: string, databaseId = 'orders') =>
    world().ports.snapshots.create({ kind: 'instance', databaseId, name, tags: { 'mainstay:slot': 'x', team: 'a b' } });
  const find = (name: string) => world().ports.snapshots.find('instance', name);

  test('databases are listed with their tags and the id that survives a rename', async () => {
    const orders = (await world().ports.databases.list('instance')).find(({ id }) => id === 'orders');
    expect(orders).toMatchObject({
      kind: 'instance',
      resourceId: world().resourceId,
      status: 'available',
      tags: { 'mainstay:snapshots': 'true' },
    });
    expect(orders?.arn).toMatch(/^arn:aws:rds:[a-z0-9-]+:\d{12}:db:orders$/);
    expect(orders).not.toHaveProperty('memberOf');
    expect(await world().ports.databases.list('cluster')).toEqual([]);
  });

  test('databases are found by the id that survives a rename, and only those that there still are', async () => {
    const { databases } = world().ports;
    const found = await databases.withResourceIds('instance', [world().resourceId, 'db-OFNOBODY']);
    expect(found.map(({ id }) => id)).toEqual(['orders']);
    const many = [world().resourceId, ...Array.from({ length: 30 }, (_, index) => `db-NOBODY${index}`)];
    expect((await databases.withResourceIds('instance', many)).map(({ id }) => id)).toEqual(['orders']);
    expect(await databases.withResourceIds('instance', ['db-OFNOBODY'])).toEqual([]);
    expect(await databases.withResourceIds('cluster', [])).toEqual([]);
  });

  test('a snapshot that is being made is seen, with its tags, and cannot be deleted yet', async () => {
    expect(await create('ms-orders-one')).toEqual({ kind: 'created' });
    expect(await find('ms-orders-one')).toMatchObject({
      kind: 'instance',
      id: 'ms-orders-one',
      databaseId: 'orders',
      resourceId: world().resourceId,
      type: 'manual',
      status: 'creating',
      tags: { 'mainstay:slot': 'x', team: 'a b' },
    });
    expect(await world().ports.snapshots.delete('instance', 'ms-orders-one')).toMatchObject({ kind: 'wrong-state' });
    await world().settle();
    expect(await find('ms-orders-one')).toMatchObject({ status: 'available' });
  });

  test('a name is taken once, in any case', async () => {
    expect(await create('ms-orders-one')).toEqual({ kind: 'already-exists' });
    expect(await find('MS-Orders-One')).toMatchObject({ id: 'ms-orders-one' });
  });

  test('a database that is busy or gone is an answer, not an exception', async () => {
    expect(await create('ms-busy', 'busy')).toMatchObject({ kind: 'wrong-state' });
    expect(await create('ms-nobody', 'nobody')).toEqual({ kind: 'gone' });
  });

  test('what is not there is not found, and gone already when deleted', async () => {
    expect(await find('ms-never')).toBeUndefined();
    expect(await world().ports.snapshots.delete('instance', 'ms-never')).toEqual({ kind: 'already-gone' });
  });

  test('all manual snapshots are listed, from all pages, and no automated one', async () => {
    await world().plant(70);
    const automated = await world().plantAutomated();
    const listed = (await world().ports.snapshots.list('instance')).map(({ id }) => id);
    expect(listed).toHaveLength(71);
    expect(new Set(listed).size).toBe(71);
    expect(listed).not.toContain(automated);
    expect(await world().ports.snapshots.list('cluster')).toEqual([]);
  });

  test('the quota says what is used, and a full one refuses', async () => {
    const quota = (await world().ports.quotas.read()).find(({ kind }) => kind === 'instance');
    expect(quota).toEqual({ kind: 'instance', max: 100, used: 71 });
    await world().plant(29);
    expect(await create('ms-orders-two')).toMatchObject({ kind: 'quota-full' });
  });

  test('a deleted snapshot is gone, and makes room', async () => {
    expect(await world().ports.snapshots.delete('instance', 'ms-orders-one')).toEqual({ kind: 'deleted' });
    expect(await find('ms-orders-one')).toBeUndefined();
    expect(await create('ms-orders-two')).toEqual({ kind: 'created' });
  });
};
