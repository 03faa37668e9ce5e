import { composeJobs } from '../functions/object-index/aws/compose.ts';
import { type Job, type JobKind, jobSentence } from '../functions/object-index/core/job.ts';
import { formatInstant } from '../functions/object-index/core/time.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from './command.ts';
import { invokeFunction } from './invoke.ts';
import { nothingMore } from './objects-input.ts';

const POLL_MS = 2_000;
/** The function answers once the job is stored and its first message sent. */
const START_SECONDS = 60;

const start = async (call: CommandCall, event: object): Promise<CommandResult> => {
  const job = await invokeFunction<Job>(call.config, call.region, 'maintain-objects', event, START_SECONDS);
  return call.values['no-wait'] ? resultOf(job) : resultOf(await follow(call, job));
};

/** Looks at a job until it is done; a line for each part. */
const follow = async (call: CommandCall, { kind, id }: Pick<Job, 'kind' | 'id'>): Promise<Job> => {
  const { jobs } = composeJobs(call.config, call.region);
  let said = -1;
  for (;;) {
    const job = await jobs.read(kind, id);
    if (job === undefined) throw new Error(`the job ${kind} ${id} is gone`);
    if (job.step !== said) call.progress(jobSentence(job));
    said = job.step;
    if (job.state === 'done') return job;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const resultOf = (job: Job): CommandResult => {
  const { failed = 0, missing = 0, mismatched = 0, phantoms = 0, repaired = 0 } = job.progress;
  const differing = missing + mismatched + phantoms;
  const isWell = job.state === 'done' && failed === 0 && differing <= repaired;
  const lines = [...job.remarks, ...(job.remarks.length > 0 ? [''] : []), jobSentence(job)];
  if (job.state === 'running') lines.push(`It goes on by itself: mainstay objects job ${job.kind} ${job.id}`);
  return { json: job, text: lines.join('\n'), exitCode: job.state === 'running' || isWell ? 0 : 1 };
};

const noWait = { type: 'boolean', description: 'do not wait for its end' } as const;

const backfill: Command = {
  wing: 'objects',
  verb: 'backfill',
  summary: 'Takes what a bucket already holds into the index, beside its events; goes on where it was',
  usage: 'BUCKET [--yes]',
  example: 'mainstay objects backfill estate-objects --yes',
  options: {
    yes: {
      type: 'boolean',
      description: 'start it, or go on with it; without this it is only said what would be done',
    },
    again: { type: 'boolean', description: 'from the beginning, where an earlier one is done' },
    'no-wait': noWait,
  },
  run: async (call) => {
    const [bucket = '', ...more] = call.positionals;
    if (bucket === '' || more.length > 0) throw new UsageError('expected a bucket');
    if (!call.config.objectIndex.buckets.some(({ name }) => name === bucket)) {
      throw new UsageError(`${bucket} is not in the config's objectIndex.buckets`);
    }
    if (call.values.yes) return await start(call, { kind: 'backfill', bucket, again: call.values.again === true });
    const job = await composeJobs(call.config, call.region).jobs.read('backfill', bucket);
    const known =
      job === undefined
        ? `${bucket} was never backfilled: all of it would be listed, and what the index lacks would be written.`
        : job.state === 'running'
          ? `${jobSentence(job)} It would go on from there.`
          : `${jobSentence(job)} That was at ${formatInstant(job.updatedAtMs)}; --again begins anew.`;
    return { json: { job: job ?? null, started: false }, text: `${known}\nNothing is started without --yes.` };
  },
};

const audit: Command = {
  wing: 'objects',
  verb: 'audit',
  summary:
    "Compares the index with S3's own lists, customer by customer; looks at rows only where sums differ; writes nothing",
  example: 'mainstay objects audit --json',
  options: { 'no-wait': noWait },
  run: async (call) => {
    nothingMore(call);
    return await start(call, { kind: 'audit' });
  },
};

const repair: Command = {
  wing: 'objects',
  verb: 'repair',
  summary: 'An audit that puts right exactly what differs, after asking S3 about each',
  usage: '--yes',
  example: 'mainstay objects repair --yes',
  options: {
    yes: { type: 'boolean', description: 'do it; without this, use audit to see what differs' },
    'no-wait': noWait,
  },
  run: async (call) => {
    nothingMore(call);
    if (!call.values.yes)
      throw new UsageError('it writes: expected --yes ("mainstay objects audit" shows what differs)');
    return await start(call, { kind: 'repair' });
  },
};

const job: Command = {
  wing: 'objects',
  verb: 'job',
  summary: 'How far a backfill, an audit or a closing is',
  usage: 'KIND ID',
  example: 'mainstay objects job backfill estate-objects',
  run: async (call) => {
    const [kind = '', id = ''] = call.positionals;
    if (!['backfill', 'audit', 'close'].includes(kind) || id === '') {
      throw new UsageError('expected backfill BUCKET, audit ID or close DAY');
    }
    const found = await composeJobs(call.config, call.region).jobs.read(kind as JobKind, id);
    return found === undefined ? { json: null, text: `There is no ${kind} ${id}.`, exitCode: 1 } : resultOf(found);
  },
};

export const jobCommands: readonly Command[] = [backfill, audit, repair, job];
