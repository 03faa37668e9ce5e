import type { BatchResponse } from '../../../shared/lambda/batch.ts';
import { batchFailures } from '../../../shared/lambda/batch.ts';
import type { Deadline } from '../../../shared/lambda/deadline.ts';
import { type Job, type JobOrder, jobSentence, readJobMessage } from '../core/job.ts';
import { dayMs, formatDay, formatInstant, parseInstant } from '../core/time.ts';
import { continueJob, type JobDeps, startJob } from './job.ts';

export interface Maintained {
  jobs: Job[];
  sentences: string[];
  /** What the caller is given: the job that it started, or what failed of a batch. */
  toCaller: Job | BatchResponse;
}

/** What the function for long work was called with: a schedule or a person starts a job, a message continues one. Throws on anything else. */
export const maintain = async (
  event: Readonly<Record<string, unknown>>,
  deps: JobDeps,
  deadline: Deadline,
): Promise<Maintained> => {
  if (Array.isArray(event.Records)) return await continueAll(event.Records, deps, deadline);
  const job = await startJob(readOrder(event, deps.now()), deps);
  return { jobs: [job], sentences: [jobSentence(job)], toCaller: job };
};

const continueAll = async (
  records: readonly { messageId?: string; body?: string }[],
  deps: JobDeps,
  deadline: Deadline,
): Promise<Maintained> => {
  const failed: string[] = [];
  const jobs: Job[] = [];
  const sentences: string[] = [];
  for (const { messageId = '', body = '' } of records) {
    try {
      const message = readJobMessage(JSON.parse(body));
      if (message === undefined) throw new Error(`not a message that continues a job: ${body.slice(0, 100)}`);
      const job = await continueJob(message, deps, deadline);
      if (job === undefined) continue;
      jobs.push(job);
      sentences.push(jobSentence(job));
    } catch (error) {
      failed.push(messageId);
      sentences.push(`A part of a job failed and will be tried again: ${String(error)}`);
    }
  }
  return { jobs, sentences, toCaller: batchFailures(failed) };
};

/** `{kind: 'audit', scheduledTime}` and `{kind: 'close', scheduledTime}` by schedule; `{kind: 'backfill', bucket}` and `{kind: 'audit' | 'repair'}` by people. */
export const readOrder = (event: Readonly<Record<string, unknown>>, nowMs: number): JobOrder => {
  const scheduledMs = parseInstant(String(event.scheduledTime ?? '')) ?? undefined;
  switch (event.kind) {
    case 'backfill':
      if (typeof event.bucket !== 'string' || event.bucket === '') throw new Error('a backfill needs a bucket');
      return { kind: 'backfill', bucket: event.bucket, again: event.again === true };
    case 'audit':
    case 'repair':
      return {
        kind: 'audit',
        id: scheduledMs === undefined ? `by-hand-${formatInstant(nowMs)}` : formatDay(scheduledMs),
        // The nightly one repairs: what it writes is what S3 answers, object by object.
        repair: event.kind === 'repair' || scheduledMs !== undefined,
      };
    case 'close':
      // It runs after midnight: the day that has ended.
      return { kind: 'close', day: formatDay((scheduledMs ?? nowMs) - dayMs) };
    default:
      throw new Error(`kind is ${JSON.stringify(event.kind)}: expected backfill, audit, repair or close`);
  }
};
