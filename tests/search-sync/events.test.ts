import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { sha256 } from '../../functions/search-sync/aws/wiring.ts';
import { readRecord } from '../../functions/search-sync/core/change.ts';
import { readDelivery } from '../../functions/search-sync/core/log-events.ts';
import { readSearch } from '../../functions/search-sync/core/search-request.ts';
import { streamTarget } from '../../functions/search-sync/core/stream-target.ts';
import { readConfigFile } from '../../shared/config/file.ts';

const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), 'utf8'));
const { search } = await readConfigFile('local');

test('the sample of a stream is of the local stage, with numbers as long as those of AWS', () => {
  const { Records: records } = sample('dynamodb-stream') as { Records: { eventSourceARN: string }[] };
  const { table } = streamTarget(search.tables, records[0]?.eventSourceARN);
  const read = records.map((record, position) => readRecord(record, position, table.keys, sha256));
  expect(read.map((one) => one.kind)).toEqual(records.map(() => 'change'));
  expect(read.every((one) => one.kind === 'change' && one.change.sequence.length >= 21)).toBe(true);
});

test('the sample of a search asks for an index of the local stage', () => {
  expect(readSearch(sample('search-query'), search.tables)).toMatchObject({ table: { index: 'documents' } });
});

test('the sample of a log delivery is of a log group of the local stage', () => {
  const data = (sample('cloudwatch-logs') as { awslogs: { data: string } }).awslogs.data;
  const delivery = readDelivery(gunzipSync(Buffer.from(data, 'base64')).toString('utf8'));
  expect(delivery).toMatchObject({ kind: 'events', logGroup: search.logs[0]?.logGroup });
});
