/** Long work that ends: a cursor in the table, and a message that continues it. No invocation comes near its limit. */
export interface Job {
  kind: JobKind;
  /** The bucket of a backfill, the day of a closing, a name of its own for an audit. */
  id: string;
  state: 'running' | 'done';
  /** Grows by one with each part: of two that run the same part, one is stored. */
  step: number;
  /** Where the next part begins: the work's own business, JSON. */
  cursor: unknown;
  progress: Readonly<Record<string, number>>;
  /** The first of what went wrong or differs, in words. */
  remarks: readonly string[];
  startedAtMs: number;
  updatedAtMs: number;
}

export type JobKind = 'backfill' | 'audit' | 'close';
export const JOB_KINDS: readonly JobKind[] = ['backfill', 'audit', 'close'];

/** More of them say no more. */
export const MAX_REMARKS = 50;

/** What is sent to continue a job. */
export interface JobMessage {
  kind: JobKind;
  id: string;
  step: number;
}

/** What starts a job. */
export type JobOrder =
  | { kind: 'backfill'; bucket: string; again: boolean }
  | { kind: 'audit'; id: string; repair: boolean }
  | { kind: 'close'; day: string };

/** A message of ours, or undefined. */
export const readJobMessage = (body: unknown): JobMessage | undefined => {
  if (typeof body !== 'object' || body === null) return undefined;
  const { kind, id, step } = body as Partial<JobMessage>;
  const known = JOB_KINDS.find((one) => one === kind);
  return known !== undefined && typeof id === 'string' && Number.isSafeInteger(step)
    ? { kind: known, id, step: Number(step) }
    : undefined;
};

/** A job at its beginning. */
export const newJob = (order: JobOrder, nowMs: number): Job => {
  const common = {
    state: 'running',
    step: 0,
    progress: {},
    remarks: [],
    startedAtMs: nowMs,
    updatedAtMs: nowMs,
  } as const;
  switch (order.kind) {
    case 'backfill':
      return { ...common, kind: 'backfill', id: order.bucket, cursor: { at: undefined } };
    case 'audit':
      return { ...common, kind: 'audit', id: order.id, cursor: { phase: 'sum', bucket: 0, repair: order.repair } };
    case 'close':
      return { ...common, kind: 'close', id: order.day, cursor: { atMs: nowMs } };
  }
};

/** What one part did: where the next begins (undefined: the work is done), what it counted, what it has to say. */
export interface Part {
  cursor: unknown;
  counted: Readonly<Record<string, number>>;
  remarks: readonly string[];
}

/** The job after a part. */
export const afterPart = (job: Job, { cursor, counted, remarks }: Part, nowMs: number): Job => {
  const progress: Record<string, number> = { ...job.progress };
  for (const [name, count] of Object.entries(counted)) progress[name] = (progress[name] ?? 0) + count;
  return {
    ...job,
    state: cursor === undefined ? 'done' : 'running',
    step: job.step + 1,
    cursor: cursor ?? null,
    progress,
    remarks: [...job.remarks, ...remarks].slice(0, MAX_REMARKS),
    updatedAtMs: nowMs,
  };
};

/** A job in one sentence: the log line, and what a person reads. */
export const jobSentence = ({ kind, id, state, step, progress }: Job): string => {
  const counts = Object.entries(progress)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  const what = { backfill: `Backfill of ${id}`, audit: `Audit ${id}`, close: `Closing of ${id}` }[kind];
  return `${what} ${state === 'done' ? 'is done' : `goes on (part ${step})`}: ${counts || 'nothing so far'}.`;
};
