import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { memoryDeadLetters } from '../../functions/search-sync/aws/memory.ts';
import { memoryIndex } from '../../functions/search-sync/aws/memory-index.ts';
import { sha256 } from '../../functions/search-sync/aws/wiring.ts';
import type { BulkAnswer } from '../../functions/search-sync/core/outcome.ts';
import { indexLogs } from '../../functions/search-sync/run/logs.ts';
import type { LetterBox } from '../../functions/search-sync/run/ports.ts';
import { replayLetters } from '../../functions/search-sync/run/replay.ts';
import { replayLogs } from '../../functions/search-sync/run/replay-logs.ts';

const LOG_GROUP = '/aws/rds/instance/ledger/postgresql';
const DAY = 'postgresql-2026.11.21';
const AT_MS = Date.UTC(2026, 10, 21, 12);
const groups = [{ logGroup: LOG_GROUP, indexPrefix: 'postgresql' }];

const packed = (logGroup: string, messages: readonly string[]) =>
  gzipSync(
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logGroup,
      logStream: 'ledger.0',
      logEvents: messages.map((message, n) => ({ id: `event-${n}`, timestamp: AT_MS, message })),
    }),
  ).toString('base64');

const open = () => {
  let refusal: string | undefined = 'failed to parse';
  let down: BulkAnswer | undefined;
  const memory = memoryIndex({
    nowMs: () => AT_MS,
    gcDeletesMs: 60_000,
    aliases: [],
    refuses: (source) => (source.includes('POISON') ? refusal : undefined),
  });
  const deadLetters = memoryDeadLetters();
  const ports = {
    index: {
      ...memory,
      bulk: async (operations: Parameters<typeof memory.bulk>[0]) => down ?? memory.bulk(operations),
    },
    days: { ensure: async () => {}, forget: () => {} },
    deadLetters,
    hash: sha256,
    patience: { nowMs: () => AT_MS, sleep: async () => {}, chance: () => 1, remainingMs: () => 0 },
  };
  /** What lies in the bucket: letters of ours, and what Lambda left. */
  const left = new Map<string, string>();
  const box: LetterBox = {
    list: async () => {
      for (const [name, letter] of deadLetters.letters) {
        if (!left.has(name)) left.set(name, JSON.stringify(letter));
      }
      deadLetters.letters.clear();
      return { names: [...left.keys()] };
    },
    read: async (name) => left.get(name),
    remove: async (name) => void left.delete(name),
  };
  return {
    left,
    documents: () => [...memory.documents(DAY).keys()].sort(),
    deliver: (messages: readonly string[]) => indexLogs(ports, groups, packed(LOG_GROUP, messages)),
    replay: async (of: readonly (typeof groups)[number][] = groups) =>
      (await replayLetters(box, new Map(), replayLogs(ports, of), { remove: true })).map(({ kind }) => kind),
    mend: () => {
      refusal = undefined;
    },
    breakDown: (answer: BulkAnswer | undefined) => {
      down = answer;
    },
  };
};

/** As Lambda keeps an event that it gave up (docs: invocation-async-retain-records). */
const givenUp = (data: string) =>
  JSON.stringify({
    version: '1.0',
    requestContext: {
      functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:logs',
      condition: 'RetriesExhausted',
    },
    requestPayload: { awslogs: { data } },
    responsePayload: { errorType: 'LogsNotIndexedError' },
  });

test('a document of a log that was refused is put back from its letter, and the letter goes only then', async () => {
  const world = open();
  expect(await world.deliver(['fine', 'POISON', 'fine too'])).toMatchObject({ written: 2, refused: 1 });
  expect(await world.replay()).toEqual(['still-refused']);
  world.mend();
  expect(await world.replay()).toEqual(['settled']);
  expect(world.documents()).toEqual(['event-0', 'event-1', 'event-2']);
  expect(await world.replay()).toEqual([]);
});

test('a delivery that Lambda gave up is brought in whole, once, however often it is replayed', async () => {
  const world = open();
  world.left.set('aws/lambda/async/1', givenUp(packed(LOG_GROUP, ['one', 'two'])));
  world.left.set('aws/lambda/async/2', givenUp(packed(LOG_GROUP, ['one', 'two'])));
  expect(await world.replay()).toEqual(['settled', 'settled']);
  expect(world.documents()).toEqual(['event-0', 'event-1']);
  expect([...world.left]).toEqual([]);
});

test('while the index stands still letters stay where they are', async () => {
  const world = open();
  await world.deliver(['POISON']);
  world.left.set('aws/lambda/async/1', givenUp(packed(LOG_GROUP, ['one'])));
  world.mend();
  world.breakDown({ kind: 'refused', status: 403, type: 'security_exception', reason: 'no permissions' });
  expect(await world.replay()).toEqual(['failed', 'failed']);
  world.breakDown(undefined);
  expect(await world.replay()).toEqual(['settled', 'settled']);
});

test('what nobody can read, and the log of a group that the config does not name, stay and are said', async () => {
  const world = open();
  world.left.set('unreadable', givenUp('not base64 of gzip'));
  world.left.set('foreign', givenUp(packed('/another', ['x'])));
  world.left.set('a letter of ours', JSON.stringify({ source: 'logs', reason: 'no gzip', record: { data: 'x' } }));
  await world.deliver(['POISON']);
  world.mend();
  expect(await world.replay([])).toEqual(['unreadable', 'unreadable', 'unreadable', 'unreadable']);
  expect(world.left.size).toBe(4);
});
