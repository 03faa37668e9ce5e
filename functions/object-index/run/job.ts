import type { Deadline } from '../../../shared/lambda/deadline.ts';
import { afterPart, type Job, type JobKind, type JobMessage, type JobOrder, newJob, type Part } from '../core/job.ts';
import type { JobMessages, Jobs } from './ports.ts';

/** One part of a job: as much as there is time for. Whatever it does may be done again. */
export type Work = (job: Job, deadline: Deadline) => Promise<Part>;

export interface JobDeps {
  jobs: Jobs;
  messages: JobMessages;
  works: Readonly<Record<JobKind, Work>>;
  now: () => number;
}

/** Left of an invocation for the last page, storing the job and the message. */
export const RESERVE_MS = 60_000;

const idOf = (order: JobOrder): string =>
  order.kind === 'backfill' ? order.bucket : order.kind === 'audit' ? order.id : order.day;

/** Starts a job, or goes on with one that is not done: then only its message is sent again. */
export const startJob = async (order: JobOrder, { jobs, messages, now }: JobDeps): Promise<Job> => {
  const known = await jobs.read(order.kind, idOf(order));
  const begins = known === undefined || (known.state === 'done' && order.kind === 'backfill' && order.again);
  if (begins) {
    // A new run of the same job goes on counting its parts, so that a late message of the old one is nobody's.
    const fresh = { ...newJob(order, now()), step: known === undefined ? 0 : known.step + 1 };
    if (await jobs.store(fresh, known?.step)) {
      await messages.send({ kind: fresh.kind, id: fresh.id, step: fresh.step });
      return fresh;
    }
  }
  const job = begins ? await jobs.read(order.kind, idOf(order)) : known;
  if (job === undefined) throw new Error(`the job ${order.kind} ${idOf(order)} could not be stored`);
  if (job.state === 'running') await messages.send({ kind: job.kind, id: job.id, step: job.step });
  return job;
};

/** Does the part that a message names; gives the job as it is then, or undefined where the message is nobody's. */
export const continueJob = async (
  { kind, id, step }: JobMessage,
  deps: JobDeps,
  deadline: Deadline,
): Promise<Job | undefined> => {
  const { jobs, messages, works, now } = deps;
  const job = await jobs.read(kind, id);
  if (job === undefined || job.state === 'done' || step > job.step) return undefined;
  if (step < job.step) {
    // That part is stored. Whether its message was sent nobody knows; a second one finds its part done.
    if (step === job.step - 1) await messages.send({ kind, id, step: job.step });
    return undefined;
  }
  const after = afterPart(job, await works[kind](job, deadline), now());
  if (!(await jobs.store(after, job.step))) return undefined;
  if (after.state === 'running') await messages.send({ kind, id, step: after.step });
  return after;
};
