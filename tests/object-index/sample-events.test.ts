import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseInvocation } from '../../functions/object-index/core/event.ts';

test('the sample event of the queue is read: a test message, two objects stored, one removed', () => {
  const event = JSON.parse(readFileSync(new URL('../../events/s3-object-created.json', import.meta.url), 'utf8'));
  const messages = parseInvocation(event);
  expect(messages.map(({ malformed }) => malformed)).toEqual([undefined, undefined, undefined, undefined]);
  expect(messages.map(({ facts }) => facts.map(({ kind, key }) => `${kind} ${key}`))).toEqual([
    [],
    ['created left-pad/README.md'],
    ['created @types/node/a file+plus.d.ts'],
    ['removed left-pad/README.md'],
  ]);
});
