import { afterEach, describe, expect, test } from '@jest/globals';
import { openClock } from '../../local/clock.ts';
import type { Clients } from '../../local/lambda/clients.ts';
import type { OpenMapping, StreamMapping } from '../../local/lambda/mapping.ts';
import { lanesOf } from '../../local/lambda/stream-lanes.ts';
import { openStreamMapping } from '../../local/lambda/stream-mapping.ts';
import { until } from './stage.ts';

// What the engine at hand never does by itself: shards that split, TTL deletes. Its wire is played here.

const STREAM = 'arn:aws:dynamodb:eu-west-1:111122223333:table/documents/stream/now';

interface Played {
  eventName: string;
  userIdentity?: unknown;
  dynamodb: { SequenceNumber: string; Keys: { id: { S: string } }; NewImage?: unknown };
}
const put = (id: string, sequence: number, kind = 'a'): Played => ({
  eventName: 'MODIFY',
  dynamodb: {
    SequenceNumber: String(sequence),
    Keys: { id: { S: id } },
    NewImage: { id: { S: id }, kind: { S: kind } },
  },
});

/** A stream of shards: an open one has no end, and a reader of it is told of nothing new. */
const wireOf = (shards: Record<string, { parent?: string; records: Played[]; open?: boolean }>): Clients => {
  const wire = async (_region: string, target: string, body: Record<string, unknown>) => {
    if (target.endsWith('DescribeTable')) return { Table: { LatestStreamArn: STREAM } };
    if (target.endsWith('DescribeStream')) {
      const Shards = Object.entries(shards).map(([ShardId, { parent }]) => ({
        ShardId,
        ...(parent && { ParentShardId: parent }),
      }));
      return { StreamDescription: { Shards } };
    }
    if (target.endsWith('GetShardIterator')) return { ShardIterator: `${body.ShardId}/0` };
    const [name = '', from] = String(body.ShardIterator).split('/');
    const { records = [], open } = shards[name] ?? {};
    return {
      Records: records.slice(Number(from)),
      ...(open && { NextShardIterator: `${name}/${records.length}` }),
    };
  };
  return { wire } as unknown as Clients;
};

let opened: OpenMapping | undefined;
afterEach(() => opened?.stop());

const started = (
  clients: Clients,
  over: Partial<StreamMapping>,
  work: (ids: string[]) => Promise<void> = async () => {},
) => {
  const batches: { ids: string[]; records: Played[] }[] = [];
  const mapping: StreamMapping = {
    id: 'mapping',
    region: 'eu-west-1',
    functionName: 'sync',
    functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:sync',
    sourceArn: STREAM,
    batchSize: 2,
    windowSeconds: 0,
    reportsItemFailures: true,
    filters: [],
    enabled: true,
    startingPosition: 'TRIM_HORIZON',
    bisect: false,
    parallelization: 1,
    maxRetries: -1,
    maxAgeSeconds: -1,
    ...over,
  };
  opened = openStreamMapping(mapping, {
    clock: openClock(),
    clients,
    onError: () => {},
    invoke: async (payload) => {
      const { Records } = JSON.parse(payload) as { Records: Played[] };
      const ids = Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
      await work(ids);
      batches.push({ ids, records: Records });
      return { kind: 'ok', payload: '{"batchItemFailures":[]}' } as never;
    },
  });
  return { batches, sequences: () => batches.flatMap(({ ids }) => ids) };
};

describe('a stream whose engine splits shards and deletes by TTL', () => {
  test('a child is read when its parent is read to its end, and not before', async () => {
    const clients = wireOf({
      child1: { parent: 'parent', records: [put('a', 20), put('a', 21)], open: true },
      child2: { parent: 'parent', records: [put('b', 22)], open: true },
      parent: { records: [put('a', 10), put('b', 11), put('a', 12)] },
    });
    const { sequences } = started(clients, {}, async (ids) => {
      // The parent is slow: its children wait all the same.
      if (ids.includes('10')) await new Promise((resolve) => setTimeout(resolve, 300));
    });
    await until(async () => sequences().length === 6);
    expect(sequences().slice(0, 3)).toEqual(['10', '11', '12']);
    expect(sequences().slice(3).sort()).toEqual(['20', '21', '22']);
  });

  test('a delete by TTL says who did it', async () => {
    const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
    const { NewImage: _, ...dynamodb } = put('a', 1).dynamodb;
    const { batches } = started(wireOf({ one: { records: [{ eventName: 'REMOVE', userIdentity, dynamodb }] } }), {});
    await until(async () => batches.length === 1);
    expect(batches[0]?.records).toMatchObject([{ eventName: 'REMOVE', userIdentity }]);
  });

  test('what the filters keep out is passed over, and what is behind it comes', async () => {
    const clients = wireOf({ one: { records: [put('a', 1, 'b'), put('a', 2), put('a', 3, 'b'), put('b', 4)] } });
    const filters = [{ dynamodb: { NewImage: { kind: { S: ['a'] } } } }];
    const { sequences } = started(clients, { filters });
    await until(async () => sequences().length === 2);
    expect(sequences()).toEqual(['2', '4']);
  });

  test('with a parallelization factor batches run at once, and an item keeps its order', async () => {
    const records = Array.from({ length: 40 }, (_, i) => put(`item-${i % 8}`, i + 1));
    let running = 0;
    let most = 0;
    const { batches, sequences } = started(wireOf({ one: { records } }), { parallelization: 4 }, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
    });
    await until(async () => sequences().length === 40);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    const seen = batches.flatMap((batch) => batch.records);
    for (let item = 0; item < 8; item++) {
      const order = seen
        .filter(({ dynamodb }) => dynamodb.Keys.id.S === `item-${item}`)
        .map((one) => Number(one.dynamodb.SequenceNumber));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  test('lanes: every record once, an item in one lane', () => {
    const lanes = lanesOf(['a1', 'b1', 'a2', 'c1', 'b2'], 3, (record) => record[0] ?? '');
    expect(lanes.flat().sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1']);
    for (const item of ['a', 'b', 'c']) {
      const inLanes = lanes.filter((lane) => lane.some((record) => record.startsWith(item)));
      expect(inLanes.length).toBe(1);
      expect(inLanes[0]?.filter((record) => record.startsWith(item))).toEqual(
        ['1', '2'].slice(0, item === 'c' ? 1 : 2).map((n) => item + n),
      );
    }
  });
});
