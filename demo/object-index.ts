import { readFile } from 'node:fs/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { packageFiles, packageOf, type TreeFile } from './package-tree.ts';
import { clientOf, type Finding, inParallel, invoke, mainstay, type Stage, until } from './stage.ts';

const FILES = 5_000;
const OVERWRITTEN = 200;
const DELETED = 100;
const UNSEEN_PUTS = 150;
const UNSEEN_REMOVALS = 40;

/** Files → S3 → SQS → function → table; then the totals against a walk of the files. */
export const objectIndex = async (stage: Stage): Promise<Finding[]> => {
  const bucket = stage.config.objectIndex.buckets[0]?.name ?? '';
  const s3 = new S3Client({ ...clientOf(stage, stage.config.regions.primary), forcePathStyle: true });
  const files = await packageFiles(FILES);
  await mainstay(stage, 'objects', 'attach', bucket, '--yes');

  stage.say(
    `object index: putting ${files.length} files of ${new Set(files.map(({ key }) => packageOf(key))).size} packages into s3://${bucket}`,
  );
  const put = async ({ key, path }: TreeFile) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(path) }));
  };
  const started = performance.now();
  const startedMs = stage.aws.clock.now();
  await inParallel(files, 16, put);
  await inParallel(files.slice(0, OVERWRITTEN), 16, put);
  const gone = files.slice(-DELETED);
  await inParallel(
    gone,
    16,
    async ({ key }) => void (await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))),
  );
  const putSeconds = (performance.now() - started) / 1000;

  const kept = files.slice(0, -DELETED);
  const walked = { objects: kept.length, bytes: kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  const total = () => invoke(stage, 'primary', 'query-objects', { query: 'total' });
  const seen = await until(
    'the index',
    90,
    total,
    (answer) => Number(answer.objects) === walked.objects && Number(answer.bytes) === walked.bytes,
  ).catch(total);
  const drainedSeconds = (performance.now() - started) / 1000;

  const customers = Map.groupBy(kept, ({ key }) => packageOf(key));
  let agreeing = 0;
  for (const [customer, owned] of customers) {
    const bytes = owned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const answer = await invoke(stage, 'primary', 'query-objects', { query: 'total', customer });
    if (Number(answer.objects) === owned.length && Number(answer.bytes) === bytes) agreeing += 1;
  }
  return [
    {
      wing: 'object index',
      did: `${files.length} files put, ${OVERWRITTEN} overwritten, ${DELETED} deleted in ${putSeconds.toFixed(0)} s; indexed after ${drainedSeconds.toFixed(0)} s`,
      check: `file walk: ${walked.objects} files, ${walked.bytes} bytes; index: ${seen.objects} objects, ${seen.bytes} bytes`,
      ok: Number(seen.objects) === walked.objects && Number(seen.bytes) === walked.bytes,
    },
    {
      wing: 'object index',
      did: `totals asked for ${customers.size} packages`,
      check: `file walk agrees on ${agreeing} of ${customers.size}`,
      ok: agreeing === customers.size,
    },
    ...(await queries(stage, kept, startedMs)),
    ...(await lostEvents(stage, s3, bucket, kept)),
  ];
};

/** Events that were never sent: the audit finds what differs, the repair puts right exactly that. */
const lostEvents = async (
  stage: Stage,
  s3: S3Client,
  bucket: string,
  kept: readonly TreeFile[],
): Promise<Finding[]> => {
  stage.say('object index: detached for a while; repair, audit');
  const mirrored = kept.slice(0, UNSEEN_PUTS).map((file) => ({ ...file, key: `mirror/${file.key}` }));
  const removed = kept.slice(UNSEEN_PUTS, UNSEEN_PUTS + UNSEEN_REMOVALS);
  await mainstay(stage, 'objects', 'detach', bucket, '--yes');
  await inParallel(mirrored, 16, async ({ key, path }) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(path) }));
  });
  await inParallel(
    removed,
    16,
    async ({ key }) => void (await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))),
  );
  await mainstay(stage, 'objects', 'attach', bucket, '--yes');

  const repaired = (await mainstay(stage, 'objects', 'repair', '--yes')).progress;
  const again = (await mainstay(stage, 'objects', 'audit')).progress;
  const left = [...kept.filter((file) => !removed.includes(file)), ...mirrored];
  const bytes = left.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const seen = await invoke(stage, 'primary', 'query-objects', { query: 'total' });
  const found = `${repaired.missing} missing, ${repaired.phantoms} in the index only`;
  return [
    {
      wing: 'object index',
      did: `${mirrored.length} files put and ${removed.length} deleted while detached; objects repair, then audit`,
      check: `found ${found}; file walk: ${left.length} files, ${bytes} bytes; index: ${seen.objects}, ${seen.bytes}; customers whose sums differ now: ${again.suspects}`,
      ok:
        repaired.missing === mirrored.length &&
        repaired.phantoms === removed.length &&
        Number(seen.objects) === left.length &&
        Number(seen.bytes) === bytes &&
        again.suspects === 0,
    },
  ];
};

/** The queries by customer, attribute and date, each against the walk. Midnight may have passed since the files were put. */
const queries = async (stage: Stage, kept: readonly TreeFile[], startedMs: number): Promise<Finding[]> => {
  const customer = packageOf(kept[0]?.key ?? '');
  const owned = kept
    .filter(({ key }) => packageOf(key) === customer)
    .map(({ key }) => key)
    .sort();
  const markdown = kept.filter(({ key }) => key.endsWith('.md') && packageOf(key) === customer).length;
  const day = new Date(startedMs).toISOString().slice(0, 10);
  const byCustomer = await everyPage(stage, 'by-customer', customer);
  const byAttribute = await everyPage(stage, 'by-attribute', 'extension=md', '--customer', customer);
  const byDate = await mainstay(stage, 'objects', 'by-date', '--from', day, '--limit', '100');
  const same = JSON.stringify(byCustomer.map((one: { key: string }) => one.key).sort()) === JSON.stringify(owned);
  return [
    {
      wing: 'object index',
      did: `objects by-customer ${customer}; by-attribute extension=md; by-date from ${day}`,
      check: `file walk: ${owned.length} files, ${markdown} .md; answers: ${byCustomer.length}, ${byAttribute.length}, and ${byDate.objects.length} on the first page`,
      ok: same && byAttribute.length === markdown && byDate.objects.length === 100,
    },
  ];
};

const everyPage = async (stage: Stage, ...command: string[]): Promise<{ key: string }[]> => {
  const found: { key: string }[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await mainstay(
      stage,
      'objects',
      ...command,
      '--limit',
      '1000',
      ...(cursor ? ['--cursor', cursor] : []),
    );
    found.push(...page.objects);
    cursor = page.cursor;
  }
  return found;
};
