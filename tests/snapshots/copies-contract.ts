import { expect, test } from '@jest/globals';
import type { CopyPorts, NewCopy } from '../../functions/snapshots/run/copies/ports.ts';

/** Two regions behind the ports, as the contract needs them. */
export interface CopyContractWorld {
  ports: CopyPorts;
  /** ARNs of manual snapshots in the source region: one that is available, one that is encrypted, one that is being made. */
  plain: string;
  encrypted: string;
  creating: string;
  /** A key of the destination region, as its snapshots name it. */
  key: string;
  /** Waits until what is on its way is there. */
  settle(): Promise<void>;
}

/** What a run of copies relies on, asked of every world in the same words. */
export const copyContract = (world: () => CopyContractWorld): void => {
  const copy = (sourceArn: string, name: string, over: Partial<NewCopy> = {}) =>
    world().ports.destination.copier.copy({
      kind: 'instance',
      sourceArn,
      name,
      tags: { 'mainstay:slot': 'x', team: 'a b' },
      ...over,
    });
  const find = (name: string) => world().ports.destination.snapshots.find('instance', name);

  test('a copy is seen at once, on its way, with the tags that were given and its source', async () => {
    expect(await copy(world().plain, 'ms-copy-plain')).toEqual({ kind: 'copying' });
    const found = await find('ms-copy-plain');
    expect(found).toMatchObject({
      id: 'ms-copy-plain',
      type: 'manual',
      tags: { 'mainstay:slot': 'x', team: 'a b' },
      sourceArn: world().plain,
    });
    expect(found?.status).not.toBe('available');
    expect(found?.arn).toMatch(/^arn:aws:rds:eu-central-1:/);
  });

  test('an unencrypted source with a key becomes an encrypted copy', async () => {
    expect(await copy(world().plain, 'ms-copy-made-safe', { kmsKeyId: world().key })).toEqual({ kind: 'copying' });
    expect(await find('ms-copy-made-safe')).toMatchObject({ encrypted: true, kmsKeyId: world().key });
  });

  test('an encrypted source needs a key of the destination', async () => {
    expect(await copy(world().encrypted, 'ms-copy-encrypted')).toMatchObject({ kind: 'refused' });
    expect(await copy(world().encrypted, 'ms-copy-encrypted', { kmsKeyId: world().key })).toEqual({ kind: 'copying' });
  });

  test('a name is taken once', async () => {
    expect(await copy(world().plain, 'ms-copy-plain')).toEqual({ kind: 'already-exists' });
  });

  test('a source that is gone, or not there yet, is an answer, not an exception', async () => {
    expect(await copy(world().plain.replace(/[^:]*$/, 'ms-never'), 'ms-copy-never')).toMatchObject({
      kind: 'source-gone',
    });
    expect(await copy(world().creating, 'ms-copy-early')).toMatchObject({ kind: 'source-state' });
    expect(await find('ms-copy-never')).toBeUndefined();
  });

  test('a copy becomes available, and can then be deleted', async () => {
    await world().settle();
    expect(await find('ms-copy-plain')).toMatchObject({ status: 'available' });
    expect(await world().ports.destination.snapshots.delete('instance', 'ms-copy-plain')).toEqual({ kind: 'deleted' });
    expect(await find('ms-copy-plain')).toBeUndefined();
  });

  test('more than twenty on their way are refused, which passes', async () => {
    const answers: string[] = [];
    for (let number = 0; number < 21; number++) answers.push((await copy(world().plain, `ms-copy-${number}`)).kind);
    expect(answers).toEqual([...Array(20).fill('copying'), 'in-flight-full']);
    await world().settle();
    expect(await copy(world().plain, 'ms-copy-20')).toEqual({ kind: 'copying' });
  });
};
