import { beforeEach, expect, test } from '@jest/globals';
import type { Condition, Operation } from '../../functions/search-sync/core/operation.ts';
import type { SearchIndex } from '../../functions/search-sync/run/ports.ts';

export interface IndexUnderTest {
  index: SearchIndex;
  alias: string;
  /** Makes all writes visible to searches. */
  refresh(): Promise<void>;
  /** A document that the mapping refuses. */
  poison: string;
}

/** What any SearchIndex must do: the one in memory is held to what the real one does. */
export const searchIndexContract = (open: () => Promise<IndexUnderTest>): void => {
  let under: IndexUnderTest;
  beforeEach(async () => {
    under = await open();
  });

  const document = (text: string, sequence = '1', stream = 'label', state = 'ok', id = 'a') =>
    `{"text":"${text}","_sync":{"k":{"id":{"S":"${id}"}},"i":"${id}","s":"${sequence}","g":"${stream}","st":"${state}"}}`;
  const operation = (id: string, condition: Condition, text?: string): Operation => ({
    index: under.alias,
    viaAlias: true,
    id,
    condition,
    write: text === undefined ? { kind: 'delete' } : { kind: 'index', document: text },
  });
  const atLeast = (version: bigint): Condition => ({ kind: 'at-least', version });
  const above = (version: bigint): Condition => ({ kind: 'above', version });
  const statuses = async (...operations: Operation[]) => {
    const answer = await under.index.bulk(operations);
    return answer.kind === 'items' ? answer.items.map(({ status }) => status) : answer;
  };
  // Two versions that a float can't tell apart.
  const OLD = 1_790_000_000_123_456_788n;
  const NEW = 1_790_000_000_123_456_789n;

  test('an older version is refused, the same one is taken again, to the last of 19 digits', async () => {
    expect(await statuses(operation('a', atLeast(NEW), document('new')))).toEqual([201]);
    expect(await statuses(operation('a', atLeast(OLD), document('old')))).toEqual([409]);
    expect(await statuses(operation('a', atLeast(NEW), document('again')))).toEqual([200]);
    expect((await under.index.reads(under.alias, ['a']))[0]).toMatchObject({ version: NEW, source: document('again') });
  });

  test('a delete leaves its version behind: an older write does not bring the document back', async () => {
    await statuses(operation('a', atLeast(OLD), document('there')));
    expect(await statuses(operation('a', atLeast(NEW)))).toEqual([200]);
    expect(await statuses(operation('a', atLeast(OLD), document('ghost')))).toEqual([409]);
    expect((await under.index.reads(under.alias, ['a']))[0]).toBeUndefined();
  });

  test('deleting what was never there is 404 without an error, and keeps the version too', async () => {
    const answer = await under.index.bulk([operation('never', atLeast(NEW))]);
    expect(answer).toMatchObject({ kind: 'items', items: [{ status: 404, result: 'not_found' }] });
    expect(answer.kind === 'items' && answer.items[0]?.error).toBeUndefined();
    expect(await statuses(operation('never', atLeast(OLD), document('ghost')))).toEqual([409]);
  });

  test('a strict version refuses the same one, and says which version it met', async () => {
    await statuses(operation('a', atLeast(NEW), document('there')));
    const answer = await under.index.bulk([operation('a', above(NEW), document('late'))]);
    expect(answer).toMatchObject({ items: [{ status: 409, error: { type: 'version_conflict_engine_exception' } }] });
    expect(answer.kind === 'items' && answer.items[0]?.error?.reason).toContain(`current version [${NEW}]`);
  });

  test('a write on condition of what was read takes effect once, one version higher', async () => {
    await statuses(operation('a', atLeast(OLD), document('read')));
    const read = (await under.index.reads(under.alias, ['a']))[0];
    const unchanged: Condition = {
      kind: 'unchanged',
      seqNo: read?.seqNo ?? -1,
      primaryTerm: read?.primaryTerm ?? -1,
    };
    expect(await statuses(operation('a', unchanged, document('first')))).toEqual([200]);
    expect(await statuses(operation('a', unchanged, document('second')))).toEqual([409]);
    expect(await statuses(operation('a', unchanged))).toEqual([409]);
    expect((await under.index.reads(under.alias, ['a']))[0]).toMatchObject({ version: NEW, source: document('first') });
  });

  test('a create is refused when the document is there', async () => {
    const create = operation('event', { kind: 'absent' }, document('once'));
    expect(await statuses(create)).toEqual([201]);
    expect(await statuses(create)).toEqual([409]);
  });

  test('operations are answered in their order, each for itself', async () => {
    await statuses(operation('b', atLeast(NEW), document('b')));
    const answer = await statuses(
      operation('a', atLeast(NEW), document('a')),
      operation('b', atLeast(OLD), document('older')),
      operation('c', atLeast(NEW)),
      operation('d', atLeast(NEW), under.poison),
      operation('e', atLeast(NEW), document('e')),
    );
    expect(answer).toEqual([201, 409, 404, 400, 201]);
  });

  test('a refused document leaves nothing behind', async () => {
    await statuses(operation('d', atLeast(NEW), under.poison));
    expect((await under.index.reads(under.alias, ['d']))[0]).toBeUndefined();
    expect(await statuses(operation('d', atLeast(OLD), document('good')))).toEqual([201]);
  });

  test('stamps come in the order asked, before any refresh', async () => {
    await statuses(
      operation('a', atLeast(NEW), document('a', '42', 'x')),
      operation('b', atLeast(NEW), document('b', '7')),
    );
    expect(await under.index.stamps(under.alias, ['b', 'nothing', 'a'])).toEqual([
      { sequence: '7', stream: 'label', digest: '' },
      undefined,
      { sequence: '42', stream: 'x', digest: '' },
    ]);
  });

  test('without its alias nothing is written, no index is made, and a read throws', async () => {
    const nowhere = (write: Operation['write']): Operation => ({
      index: `${under.alias}-nowhere`,
      viaAlias: true,
      id: 'a',
      condition: atLeast(NEW),
      write,
    });
    expect(await statuses(nowhere({ kind: 'index', document: document('a') }))).toEqual([404]);
    expect(await statuses(nowhere({ kind: 'delete' }))).toMatchObject({ kind: 'refused', status: 404 });
    await expect(under.index.reads(`${under.alias}-nowhere`, ['a'])).rejects.toThrow('no such index');
    await expect(under.index.stamps(`${under.alias}-nowhere`, ['a'])).rejects.toThrow('no such index');
  });

  test('a search finds documents page by page with their keys, and no stubs', async () => {
    const found = (id: string, state = 'ok') =>
      operation(id, atLeast(NEW), document('needle in hay', '1', 'label', state, id));
    await statuses(found('a'), found('b'), found('c'), found('stub', 'stub'));
    await under.refresh();
    const first = await under.index.search(under.alias, { query: 'needle', size: 2 });
    expect(first.total).toBe(3);
    const after = first.hits.at(-1)?.cursor;
    const second = await under.index.search(under.alias, { query: 'needle', size: 2, after });
    expect([...first.hits, ...second.hits].map(({ keys }) => keys.id?.S).sort()).toEqual(['a', 'b', 'c']);
    expect((await under.index.search(under.alias, { query: 'nowhere', size: 2 })).hits).toEqual([]);
  });
};
