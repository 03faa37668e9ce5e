import type { Deadline } from '../../../shared/lambda/deadline.ts';
import type { Part } from '../core/job.ts';
import { factOfEntry } from '../core/listing.ts';
import { type IngestDeps, takeInFacts } from './ingest.ts';
import { RESERVE_MS, type Work } from './job.ts';
import type { BucketList } from './ports.ts';

/** A bucket's list into the index, beside the events that go on coming: what they know better stays. */
export const backfillWork =
  ({ list, ingest }: { list: BucketList; ingest: IngestDeps }): Work =>
  async (job, deadline: Deadline): Promise<Part> => {
    let at = (job.cursor as { at?: string }).at;
    const counted = { listed: 0, indexed: 0, known: 0, failed: 0 };
    const remarks: string[] = [];
    do {
      const { entries, next } = await list.page(job.id, at);
      const done = await takeInFacts(entries.map(factOfEntry), ingest, deadline);
      const { set, removed, confirmed, dropped, failures } = done;
      counted.listed += entries.length;
      counted.indexed += set + removed + confirmed;
      counted.known += dropped;
      counted.failed += failures.length;
      remarks.push(...failures.map(({ because }) => because));
      at = next;
    } while (at !== undefined && deadline.remainingMs() > RESERVE_MS);
    return { cursor: at === undefined ? undefined : { at }, counted, remarks };
  };
