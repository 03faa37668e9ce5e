import { inMemoryClosings, inMemoryJobs, inMemoryMessages } from '../../functions/object-index/aws/in-memory-jobs.ts';
import type { Job, JobOrder } from '../../functions/object-index/core/job.ts';
import { auditWork } from '../../functions/object-index/run/audit.ts';
import { backfillWork } from '../../functions/object-index/run/backfill.ts';
import { closingWork } from '../../functions/object-index/run/close.ts';
import type { IngestDeps } from '../../functions/object-index/run/ingest.ts';
import { continueJob, type JobDeps, startJob } from '../../functions/object-index/run/job.ts';
import type { BucketList, IndexReader, Jobs } from '../../functions/object-index/run/ports.ts';

/** Everything that jobs need, in memory, over a given index and bucket. */
export const jobsOver = (
  { reader, ingest, list }: { reader: IndexReader; ingest: IngestDeps; list: BucketList },
  jobs: Jobs = inMemoryJobs(),
) => {
  const messages = inMemoryMessages();
  const closings = inMemoryClosings();
  const { now } = ingest;
  const works = {
    backfill: backfillWork({ list, ingest }),
    audit: auditWork({ list, ingest, reader, jobs }),
    close: closingWork({ reader, closings, now }),
  };
  const deps: JobDeps = { jobs, messages, works, now };
  return { deps, messages, closings };
};

/** Runs a job to its end; every part has time for one page. */
export const runJob = async (
  { deps, messages }: Pick<ReturnType<typeof jobsOver>, 'deps' | 'messages'>,
  order: JobOrder,
): Promise<Job> => {
  let job = await startJob(order, deps);
  for (let parts = 0; messages.waiting.length > 0; parts += 1) {
    if (parts > 10_000) throw new Error('the job does not end');
    const message = messages.waiting.shift()!;
    job = (await continueJob(message, deps, { remainingMs: () => 30_000 })) ?? job;
  }
  return job;
};
