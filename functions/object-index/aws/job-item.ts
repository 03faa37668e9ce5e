import type { PlainItem } from '../../../shared/aws/attribute-value.ts';
import { JOB_KINDS, type Job } from '../core/job.ts';
import { jobPartition, STATE } from '../core/keys.ts';

/** How long a job is remembered after its last part. */
export const KEPT_SECONDS = 90 * 86_400;

/** A job as the item that is put. What only the work reads is JSON text. */
export const itemOfJob = (job: Job): PlainItem => ({
  pk: jobPartition(job.kind, job.id),
  sk: STATE,
  kind: job.kind,
  id: job.id,
  state: job.state,
  step: job.step,
  cursor: JSON.stringify(job.cursor ?? null),
  progress: JSON.stringify(job.progress),
  remarks: JSON.stringify(job.remarks),
  startedAtMs: job.startedAtMs,
  updatedAtMs: job.updatedAtMs,
  x: Math.ceil(job.updatedAtMs / 1000) + KEPT_SECONDS,
});

/** The job that an item holds. */
export const jobOfItem = (item: PlainItem): Job => {
  const kind = JOB_KINDS.find((one) => one === item.kind);
  if (kind === undefined) throw new Error(`${String(item.pk)} is no job`);
  return {
    kind,
    id: String(item.id),
    state: item.state === 'done' ? 'done' : 'running',
    step: Number(item.step),
    cursor: JSON.parse(String(item.cursor)),
    progress: JSON.parse(String(item.progress)),
    remarks: JSON.parse(String(item.remarks)),
    startedAtMs: Number(item.startedAtMs),
    updatedAtMs: Number(item.updatedAtMs),
  };
};
