import { S3Client } from '@aws-sdk/client-s3';
import { composeQueries } from '../functions/object-index/aws/compose.ts';
import { s3Notifications } from '../functions/object-index/aws/s3-notifications.ts';
import { eventsFor, type NotificationEntry } from '../functions/object-index/core/notification.ts';
import { QueryError } from '../functions/object-index/core/query.ts';
import { compileRules, needsTags } from '../functions/object-index/core/rules.ts';
import type { Totals } from '../functions/object-index/core/totals.ts';
import { attach } from '../functions/object-index/run/attach.ts';
import type { ListedObject } from '../functions/object-index/run/ports.ts';
import {
  listObjects,
  type QueryDeps,
  readAllTotals,
  readClosings,
  readPeriods,
  readTotalQuery,
  readTotals,
} from '../functions/object-index/run/query-objects.ts';
import { clientConfig, isLocalEndpoint } from '../shared/aws/client-config.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from './command.ts';
import { attributeOf, nothingMore, only, textOf } from './objects-input.ts';
import { jobCommands } from './objects-jobs.ts';
import { bytesText, objectText, versionsText } from './objects-text.ts';
import { table } from './table.ts';

const range = {
  from: { type: 'string', description: 'first day or instant, UTC, such as 2026-03-01 (last modified)' },
  to: { type: 'string', description: 'day or instant that is no longer in it' },
  order: { type: 'string', description: 'newest (default) or oldest first' },
  limit: { type: 'string', description: 'objects on a page, 1 to 1000 (default 100)' },
  cursor: { type: 'string', description: 'the cursor that the page before ended with' },
} as const;

const total: Command = {
  wing: 'objects',
  verb: 'total',
  summary: 'How many objects and bytes, exact: of everything, of one customer, or of each',
  example: 'mainstay objects total --customer acme',
  options: {
    customer: { type: 'string', description: 'of one customer' },
    'by-customer': { type: 'boolean', description: 'of every customer' },
    by: { type: 'string', description: 'class (default), customer, day or month (of last modification, UTC)' },
    from: { type: 'string', description: 'first day, for --by day or month' },
    to: { type: 'string', description: 'day that is no longer in it' },
  },
  run: async (call) => {
    nothingMore(call);
    const deps = composeQueries(call.config, call.region);
    const asked = given({
      by: textOf(call, 'by') ?? (call.values['by-customer'] ? 'customer' : undefined),
      customer: textOf(call, 'customer'),
      from: textOf(call, 'from'),
      to: textOf(call, 'to'),
    });
    const { by, customer } = await orUsage(async () => readTotalQuery(asked));
    if (by === 'day' || by === 'month') return await periods({ ...asked, by }, deps);
    if (by === 'customer') {
      const all = await readAllTotals(deps);
      const rows = [...all].sort((a, b) => (a.bytes === b.bytes ? 0 : a.bytes > b.bytes ? -1 : 1));
      const text = table(
        ['customer', 'objects', 'bytes', ''],
        rows.map(({ customer, objects, bytes }) => [customer, objects, bytes, bytesText(bytes)]),
      );
      return { json: all, text: `${text}\n\n${rows.length} customers hold something.` };
    }
    const totals = await readTotals(customer, deps);
    return { json: { customer: customer ?? null, ...totals }, text: totalsText(customer, totals) };
  },
};

const periods = async (asked: { by: 'day' | 'month' }, deps: QueryDeps): Promise<CommandResult> => {
  const { by } = asked;
  const found = await orUsage(() => readPeriods(asked, deps));
  const rows = found.map(({ period, objects, bytes }) => [period, objects, bytes, bytesText(bytes)]);
  const text = rows.length === 0 ? 'Nothing in that time.' : table([by, 'objects', 'bytes', ''], rows);
  return { json: found, text };
};

/** A wrong query is wrong usage. */
const orUsage = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof QueryError) throw new UsageError(error.message);
    throw error;
  }
};

const given = (asked: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));

const closing: Command = {
  wing: 'objects',
  verb: 'closing',
  summary: "Totals as they were closed after a day's end: yesterday's of everyone, or a customer's over days",
  example: 'mainstay objects closing --customer acme --from 2026-03-01 --to 2026-03-31',
  options: {
    customer: { type: 'string', description: 'of one customer' },
    day: { type: 'string', description: 'of this day (default: yesterday, UTC)' },
    from: { type: 'string', description: "with --customer: the first day's" },
    to: { type: 'string', description: 'with --customer: to that of this day' },
  },
  run: async (call) => {
    nothingMore(call);
    const names = ['customer', 'day', 'from', 'to'];
    const asked = given(Object.fromEntries(names.map((name) => [name, textOf(call, name)])));
    const found = await orUsage(() => readClosings(asked, composeQueries(call.config, call.region)));
    if (found.length === 0) return { json: found, text: 'Nothing was closed then.', exitCode: 1 };
    const rows = found.map((one) => [
      one.day,
      one.customer ?? '(everything)',
      one.objects,
      one.bytes,
      one.noncurrent.bytes,
      one.closedAt,
    ]);
    return { json: found, text: table(['day', 'customer', 'objects', 'bytes', 'noncurrent bytes', 'closed at'], rows) };
  },
};

const totalsText = (customer: string | undefined, { objects, bytes, byClass, noncurrent }: Totals): string => {
  const sentence = `${customer === undefined ? 'All customers hold' : `${customer} holds`} ${objects} objects of ${bytes} bytes (${bytesText(bytes)}).${noncurrentText(noncurrent)}`;
  if (byClass.length === 0) return sentence;
  const rows = byClass.map((one) => [one.storageClass, one.objects, one.bytes, bytesText(one.bytes)] as const);
  return `${table(['storage class', 'objects', 'bytes', ''], rows)}\n\n${sentence}`;
};

const noncurrentText = ({ objects, bytes, deleteMarkers }: Totals['noncurrent']): string =>
  objects === 0n && deleteMarkers === 0n
    ? ''
    : ` Beside them ${objects} noncurrent versions of ${bytes} bytes (${bytesText(bytes)}) and ${deleteMarkers} delete markers.`;

const list = async (call: CommandCall, query: Record<string, unknown>): Promise<CommandResult> => {
  const named = Object.fromEntries(['from', 'to', 'order', 'cursor'].map((name) => [name, textOf(call, name)]));
  const limit = textOf(call, 'limit');
  const asked = given({ ...query, ...named, limit: limit === undefined ? undefined : Number(limit) });
  const page = await orUsage(() => listObjects(asked, composeQueries(call.config, call.region)));
  return { json: page, text: pageText(page.objects, page.cursor) };
};

const pageText = (objects: readonly ListedObject[], cursor: string | undefined): string => {
  if (objects.length === 0) return cursor === undefined ? 'No objects.' : `None so far; go on with --cursor ${cursor}`;
  const rows = objects.map(({ date, customer, sizeBytes, storageClass, key }) => [
    date,
    customer,
    sizeBytes,
    storageClass,
    key,
  ]);
  const bytes = objects.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n);
  const sentence = `${objects.length} objects of ${bytes} bytes (${bytesText(bytes)})`;
  return `${table(['last modified (UTC)', 'customer', 'bytes', 'class', 'key'], rows)}\n\n${sentence}${
    cursor === undefined ? '; that is all.' : `; the next page: --cursor ${cursor}`
  }`;
};

const byCustomer: Command = {
  wing: 'objects',
  verb: 'by-customer',
  summary: 'Objects of one customer, in order of date',
  usage: 'CUSTOMER [--attribute NAME=VALUE]',
  example: 'mainstay objects by-customer acme --from 2026-03-01 --to 2026-04-01',
  options: { ...range, attribute: { type: 'string', description: 'only those with this attribute: NAME=VALUE' } },
  run: (call) => {
    const pair = textOf(call, 'attribute');
    return list(call, { query: 'by-customer', customer: only(call, 'a customer'), ...(pair ? attributeOf(pair) : {}) });
  },
};

const byDate: Command = {
  wing: 'objects',
  verb: 'by-date',
  summary: 'Objects of everyone, in order of date',
  example: 'mainstay objects by-date --from 2026-03-01 --to 2026-03-08',
  options: range,
  run: async (call) => {
    nothingMore(call);
    return await list(call, { query: 'by-date' });
  },
};

const byAttribute: Command = {
  wing: 'objects',
  verb: 'by-attribute',
  summary: 'Objects with a declared attribute, in order of date',
  usage: 'NAME=VALUE [--customer CUSTOMER]',
  example: 'mainstay objects by-attribute extension=pdf --from 2026-03-01',
  options: { ...range, customer: { type: 'string', description: 'only of this customer' } },
  run: (call) =>
    list(call, { query: 'by-attribute', ...attributeOf(only(call, 'NAME=VALUE')), customer: textOf(call, 'customer') }),
};

const largest: Command = {
  wing: 'objects',
  verb: 'largest',
  summary: 'The largest objects, of everyone or of one customer (from objectIndex.largestFromBytes up)',
  example: 'mainstay objects largest --customer acme --limit 20',
  options: {
    customer: { type: 'string', description: 'only of this customer' },
    order: { type: 'string', description: 'largest (default) or smallest first' },
    limit: range.limit,
    cursor: range.cursor,
  },
  run: async (call) => {
    nothingMore(call);
    return await list(call, { query: 'largest', customer: textOf(call, 'customer') });
  },
};

const show: Command = {
  wing: 'objects',
  verb: 'show',
  summary: 'All that the index knows of one object, and why',
  usage: 'BUCKET/KEY',
  example: 'mainstay objects show estate-objects/acme/report.pdf',
  run: async (call) => {
    const [bucket = '', ...rest] = only(call, 'BUCKET/KEY').split('/');
    const key = rest.join('/');
    if (key === '') throw new UsageError('expected BUCKET/KEY');
    const { reader } = composeQueries(call.config, call.region);
    const row = await reader.readRow({ bucket, key });
    const versions = await reader.readVersions({ bucket, key });
    return {
      json: row === undefined ? null : { ...row, versions },
      text: objectText({ bucket, key }, row) + versionsText(versions),
      exitCode: row?.state === 'live' ? 0 : 1,
    };
  },
};

const attachment = (verb: 'attach' | 'detach', summary: string): Command => ({
  wing: 'objects',
  verb,
  summary,
  usage: 'BUCKET [--yes]',
  example: `mainstay objects ${verb} estate-objects --yes`,
  options: { yes: { type: 'boolean', description: 'write it; without this the difference is only shown' } },
  run: async (call) => {
    const bucket = only(call, 'a bucket');
    const { account, region, config } = call;
    if (!config.objectIndex.buckets.some(({ name }) => name === bucket)) {
      throw new UsageError(
        `${bucket} is not in the config's objectIndex.buckets: nobody could say whose its objects are`,
      );
    }
    const queueArn = `arn:aws:sqs:${region}:${account}:mainstay-${config.stage}-object-events`;
    const client = new S3Client({ ...clientConfig(region), forcePathStyle: isLocalEndpoint() });
    const write = call.values.yes === true;
    const events = eventsFor({ needsTags: needsTags(compileRules(config.objectIndex), bucket) });
    const result = await attach({ bucket, queueArn, events, verb, write }, s3Notifications(client));
    const { plan, written } = result;
    const lines = 'added' in plan ? [...plan.removed.map(entryText('-')), ...plan.added.map(entryText('+')), ''] : [];
    const end = written ? 'Written.' : 'added' in plan ? 'Nothing is written without --yes.' : '';
    return {
      json: result,
      text: [...lines, plan.sentence, end].filter((line, index) => line !== '' || index < lines.length).join('\n'),
      exitCode: plan.kind === 'refuse' ? 1 : 0,
    };
  },
});

const entryText = (sign: string) => (entry: NotificationEntry) =>
  `${sign} ${entry.id ?? '(no id)'}: ${entry.events.join(', ')} → ${entry.target}`;

export const commands: readonly Command[] = [
  total,
  byCustomer,
  byDate,
  byAttribute,
  largest,
  closing,
  show,
  attachment('attach', "Lets a bucket's events reach the index, beside what it has; shows the difference first"),
  attachment('detach', "Takes our entry out of a bucket's notifications; shows the difference first"),
  ...jobCommands,
];
