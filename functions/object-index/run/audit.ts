import type { Deadline } from '../../../shared/lambda/deadline.ts';
import { addUp, EVERYTHING, type Sums, type Suspect, sumsOf, suspectOf } from '../core/audit.ts';
import { sumOf } from '../core/contribution.ts';
import { identityText, type ObjectFact } from '../core/fact.ts';
import { type Job, MAX_REMARKS, type Part } from '../core/job.ts';
import { customerPartition, versionsPartition } from '../core/keys.ts';
import { factOfEntry, type ListedEntry, owedBy, refreshOf } from '../core/listing.ts';
import { reduceByObject } from '../core/reduce.ts';
import { customerOf } from '../core/rules.ts';
import { totalsOfShards } from '../core/totals.ts';
import { type IngestDeps, readRows, takeInFacts } from './ingest.ts';
import { RESERVE_MS, type Work } from './job.ts';
import { stepOf } from './judge.ts';
import type { BucketList, IndexReader, Jobs, ListedObject } from './ports.ts';
import { inParallel } from './work.ts';

export interface AuditDeps {
  list: BucketList;
  ingest: IngestDeps;
  reader: IndexReader;
  jobs: Jobs;
}

/**
 * Is the index what the buckets hold? Sums over S3's list against the counters, customer by customer; rows are looked at
 * only of customers whose sums differ, and what the index has in excess only where the numbers say that there is some.
 */
type Cursor =
  | { phase: 'sum'; bucket: number; at?: string; repair: boolean }
  | { phase: 'compare'; after?: string; suspects: Suspect[]; repair: boolean }
  | { phase: 'rows'; bucket: number; at?: string; suspects: Suspect[]; repair: boolean }
  | { phase: 'surplus'; suspect: number; shard: number; at?: string; suspects: Suspect[]; repair: boolean };

/** Suspects of so many letters fit a cursor, which is one item; with more, the objects of all customers are looked at. */
const MAX_SUSPECTS_LETTERS = 60_000;
/** A part ends after a page that brings it beyond so many customers: what it found is one transaction. */
const MAX_CUSTOMERS_PER_PART = 800;

/** What a part of the list adds up to, and where it ended: kept together, so that no page is in two parts or in none. */
interface SumPart {
  sums: Sums;
  listed: number;
  bucket: number;
  at?: string;
}

/** The whole audit, a part at a time; with `repair` it also puts right what differs, after asking S3 about each. */
export const auditWork =
  (deps: AuditDeps): Work =>
  async (job, deadline): Promise<Part> => {
    const cursor = job.cursor as Cursor;
    switch (cursor.phase) {
      case 'sum':
        return await sumPart(job, cursor, deps, deadline);
      case 'compare':
        return await comparePart(job, cursor, deps, deadline);
      case 'rows':
        return await rowsPart(cursor, deps, deadline);
      case 'surplus':
        return await surplusPart(cursor, deps, deadline);
    }
  };

const bucketsOf = ({ ingest }: AuditDeps): string[] => [...ingest.rules.buckets.keys()];
const contextOf = ({ ingest: { rules, digest, now } }: AuditDeps) => ({ rules, digest, nowMs: now() });
const hasTime = (deadline: Deadline) => deadline.remainingMs() > RESERVE_MS;

const sumPart = async (
  job: Job,
  { bucket, at, repair }: Extract<Cursor, { phase: 'sum' }>,
  deps: AuditDeps,
  deadline: Deadline,
): Promise<Part> => {
  const buckets = bucketsOf(deps);
  const place = { bucket, at };
  let listed = 0;
  let sums: ReturnType<typeof owedBy> = [];
  while (place.bucket < buckets.length) {
    const page = await deps.list.page(buckets[place.bucket] as string, place.at);
    listed += page.entries.length;
    sums = sumOf([...sums, ...owedBy(page.entries, contextOf(deps))]);
    place.at = page.next;
    if (page.next === undefined) place.bucket += 1;
    if (!hasTime(deadline) || sums.length > MAX_CUSTOMERS_PER_PART) break;
  }
  const found: SumPart = {
    sums: sumsOf(sums),
    listed,
    bucket: place.bucket,
    ...(place.at === undefined ? {} : { at: place.at }),
  };
  const kept = await deps.jobs.keepPart(job.kind, job.id, job.step, found);
  const cursor: Cursor =
    kept.bucket < buckets.length
      ? { phase: 'sum', bucket: kept.bucket, ...(kept.at === undefined ? {} : { at: kept.at }), repair }
      : { phase: 'compare', suspects: [], repair };
  return { cursor, counted: { listed: kept.listed }, remarks: [] };
};

const comparePart = async (
  job: Job,
  cursor: Extract<Cursor, { phase: 'compare' }>,
  deps: AuditDeps,
  deadline: Deadline,
): Promise<Part> => {
  const parts = (await deps.jobs.readParts(job.kind, job.id)) as SumPart[];
  const sums = addUp(parts.map((part) => part.sums));
  const listed = [...sums.keys()].filter((one) => one !== EVERYTHING);
  const counted = { customers: 0, suspects: 0 };
  const suspects = [...cursor.suspects];
  const remarks: string[] = [];
  let { after } = cursor;
  const compare = async (customer: string): Promise<void> => {
    const counters = totalsOfShards(await deps.reader.readTotals(customer === EVERYTHING ? undefined : customer));
    const suspect = suspectOf(customer, sums.get(customer), counters);
    if (customer !== EVERYTHING) counted.customers += 1;
    if (suspect === undefined) return;
    counted.suspects += 1;
    suspects.push(suspect);
    if (remarks.length < MAX_REMARKS) remarks.push(differenceText(suspect));
  };
  if (!customersFromKeys(deps)) {
    // Whose an object is is not in its key, so the list can't say it either: everything is one sum.
    await compare(EVERYTHING);
    after = undefined;
  } else {
    for (;;) {
      // By the index's names and the list's, both in order.
      const known = await deps.reader.readCustomers(after, 500);
      const last = known.at(-1);
      const here = listed.filter((one) => (after === undefined || one > after) && (last === undefined || one <= last));
      await inParallel([...new Set([...known, ...here])].sort(), 16, compare);
      after = last;
      if (last === undefined) break;
      if (!hasTime(deadline)) return { cursor: { ...cursor, after, suspects: fitting(suspects) }, counted, remarks };
    }
  }
  const { repair } = cursor;
  if (suspects.length === 0) return { cursor: undefined, counted, remarks };
  return {
    cursor: { phase: 'rows', bucket: 0, suspects: fitting(suspects), repair } satisfies Cursor,
    counted,
    remarks,
  };
};

const differenceText = ({ customer, surplus }: Suspect): string => {
  const whose = customer === EVERYTHING ? 'the sum over all customers' : `customer ${customer}`;
  return `${whose}: the sums differ${surplus === 0 ? '' : `, the index counts ${Math.abs(surplus)} ${surplus > 0 ? 'more' : 'fewer'}`}`;
};

/** As many suspects as a cursor holds, or everyone. */
const fitting = (suspects: Suspect[]): Suspect[] =>
  JSON.stringify(suspects).length > MAX_SUSPECTS_LETTERS
    ? [{ customer: EVERYTHING, surplus: 1, missing: 0 }]
    : suspects;

const customersFromKeys = ({ ingest: { rules } }: AuditDeps): boolean =>
  [...rules.buckets.values()].every(({ customerFromKey }) => customerFromKey);

const rowsPart = async (
  cursor: Extract<Cursor, { phase: 'rows' }>,
  deps: AuditDeps,
  deadline: Deadline,
): Promise<Part> => {
  const buckets = bucketsOf(deps);
  const place = { bucket: cursor.bucket, at: cursor.at };
  const suspects = new Map(cursor.suspects.map((one) => [one.customer, { ...one }]));
  const counted = { missing: 0, mismatched: 0, repaired: 0, failed: 0 };
  const remarks: string[] = [];
  while (place.bucket < buckets.length) {
    const page = await deps.list.page(buckets[place.bucket] as string, place.at);
    const theirs = page.entries.filter((entry) => suspectFor(entry, suspects, deps) !== undefined);
    const differing = await differingOf(theirs, deps);
    for (const { entry, missing } of differing) {
      counted[missing ? 'missing' : 'mismatched'] += 1;
      const suspect = suspectFor(entry, suspects, deps);
      if (missing && suspect) suspect.missing += 1;
      remarks.push(`${missing ? 'missing' : 'mismatch'}: ${identityText(entry)}${versionText(entry.shown.versionId)}`);
    }
    if (cursor.repair)
      await repair(
        differing.map(({ entry }) => factOfEntry(entry)),
        deps,
        deadline,
        counted,
        remarks,
      );
    place.at = page.next;
    if (page.next === undefined) place.bucket += 1;
    if (!hasTime(deadline)) break;
  }
  const left = [...suspects.values()];
  const next: Cursor =
    place.bucket < buckets.length
      ? { ...cursor, bucket: place.bucket, suspects: left, ...(place.at === undefined ? {} : { at: place.at }) }
      : { phase: 'surplus', suspect: 0, shard: 0, suspects: left, repair: cursor.repair };
  if (place.at === undefined) delete (next as { at?: string }).at;
  return { cursor: next, counted, remarks };
};

const versionText = (versionId: string | undefined) => (versionId === undefined ? '' : ` (version ${versionId})`);

const suspectFor = (entry: ListedEntry, suspects: ReadonlyMap<string, Suspect>, { ingest }: AuditDeps) =>
  suspects.get(EVERYTHING) ?? suspects.get(customerOf(ingest.rules, entry));

/** What the index does not say as the list does: the same decision that would write says so. */
const differingOf = async (
  entries: readonly ListedEntry[],
  { ingest }: AuditDeps,
): Promise<{ entry: ListedEntry; missing: boolean }[]> => {
  const works = entries.flatMap((entry) =>
    reduceByObject([{ id: '', facts: [factOfEntry(entry)] }]).map((work) => ({ entry, work })),
  );
  const seen = await readRows(works, ingest, 'strong');
  return seen.flatMap((one, index) => {
    const step = stepOf(one, new Map(), ingest);
    const entry = works[index]?.entry;
    if (step.kind === 'drop' || entry === undefined) return [];
    const slot = entry.isCurrent && entry.shown.kind === 'present' ? undefined : (entry.shown.versionId ?? 'null');
    const row = slot === undefined ? one.rows.current : one.rows.versions.get(slot);
    return [{ entry, missing: row?.state !== 'live' }];
  });
};

const repair = async (
  facts: readonly ObjectFact[],
  { ingest }: AuditDeps,
  deadline: Deadline,
  counted: { repaired: number; failed: number },
  remarks: string[],
): Promise<void> => {
  if (facts.length === 0) return;
  const { set, removed, confirmed, failures } = await takeInFacts(facts, ingest, deadline);
  counted.repaired += set + removed + confirmed;
  counted.failed += failures.length;
  remarks.push(...failures.map(({ because }) => because));
};

/** Rows of a customer that S3 does not list any more: only where the numbers leave some over. */
const surplusPart = async (
  cursor: Extract<Cursor, { phase: 'surplus' }>,
  deps: AuditDeps,
  deadline: Deadline,
): Promise<Part> => {
  const counted = { phantoms: 0, repaired: 0, failed: 0 };
  const remarks: string[] = [];
  const customers = await surplusCustomers(cursor.suspects, deps);
  const { dateShards } = deps.ingest.rules;
  const place = { suspect: cursor.suspect, shard: cursor.shard, at: cursor.at };
  while (place.suspect < customers.length) {
    const customer = customers[place.suspect] as string;
    const shard = place.shard % dateShards;
    const page = await deps.reader.readIndex({
      index: 'by-customer',
      partition: place.shard < dateShards ? customerPartition(customer, shard) : versionsPartition(customer, shard),
      above: place.at,
      below: undefined,
      order: 'oldest',
      filter: {},
      limit: 500,
    });
    const gone: ListedObject[] = [];
    await inParallel(page.objects, 16, async (object) => {
      try {
        const truth = await deps.ingest.objects.look({ ...object, slot: object.slot });
        if (truth.kind === 'absent') gone.push(object);
      } catch (error) {
        counted.failed += 1;
        remarks.push(`no clear answer about ${identityText(object)}: ${String(error)}`);
      }
    });
    counted.phantoms += gone.length;
    remarks.push(...gone.map((one) => `in the index only: ${identityText(one)}${versionText(one.slot)}`));
    const facts = gone.map((one) =>
      refreshOf({ ...one, versionId: one.slot === 'null' ? undefined : one.slot }, deps.ingest.now()),
    );
    if (cursor.repair) await repair(facts, deps, deadline, counted, remarks);
    place.at = page.readUpTo;
    if (page.readUpTo === undefined) place.shard += 1;
    if (place.shard === 2 * dateShards) {
      place.suspect += 1;
      place.shard = 0;
    }
    if (!hasTime(deadline)) break;
  }
  if (place.suspect >= customers.length) return { cursor: undefined, counted, remarks };
  const { at: _, ...rest } = cursor;
  const next = { ...rest, ...place, ...(place.at === undefined ? {} : { at: place.at }) };
  return { cursor: next, counted, remarks };
};

// The sum over all stands for every customer: which of them has too much the list can't say.
const surplusCustomers = async (suspects: readonly Suspect[], { reader }: AuditDeps): Promise<string[]> => {
  const over = suspects.filter(({ surplus, missing }) => surplus + missing > 0).map(({ customer }) => customer);
  if (!over.includes(EVERYTHING)) return over;
  const all: string[] = [];
  for (let page = await reader.readCustomers(undefined, 1000); page.length > 0; ) {
    all.push(...page);
    page = await reader.readCustomers(all.at(-1), 1000);
  }
  return all;
};
