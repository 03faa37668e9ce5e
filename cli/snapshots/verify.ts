import { formatInstant } from '../../functions/snapshots/core/calendar.ts';
import { endedSentence } from '../../functions/snapshots/core/verification/sentences.ts';
import type { Ended, Verification } from '../../functions/snapshots/core/verification/verification.ts';
import type { TickReport } from '../../functions/snapshots/run/verification/report.ts';
import { type Command, type CommandCall, type CommandResult, UsageError } from '../command.ts';
import { invokeFunction } from '../invoke.ts';
import { givenMoment, inPrimary } from './words.ts';

/** What the verify function answers to `verifications`. */
interface Listed {
  open: Verification[];
  recent: Ended[];
  strays: string[];
  lines: string[];
}

/** The function's own limit, and a little more to hear of it. */
const TICK_SECONDS = 295;

const ask = async <Answer>(call: CommandCall, event: object): Promise<Answer> => {
  inPrimary(call);
  return invokeFunction<Answer>(call.config, call.region, 'verify', event, TICK_SECONDS);
};

const listed = (call: CommandCall): Promise<Listed> => ask(call, { kind: 'command', verb: 'verifications' });

const momentOf = (call: CommandCall, key: 'at' | 'scheduledTime'): object => {
  const atMs = givenMoment(call);
  return atMs === undefined ? {} : { [key]: formatInstant(atMs) };
};

const verify: Command = {
  wing: 'snapshots',
  verb: 'verify',
  summary: 'has the newest snapshot of a database restored and checked now; without one, lists what was tried',
  usage: '[DATABASE] [--wait]',
  example: 'npx mainstay snapshots verify ledger-primary --wait',
  options: {
    wait: { type: 'boolean', description: 'until it is over; exit code 1 unless it restores' },
    at: { type: 'string', description: 'the moment to count from, where that is ahead of the clock (default: now)' },
  },
  run: async (call) => {
    if (call.config.snapshots.verification === undefined)
      throw new UsageError('the config has no snapshots.verification: there is no function that could');
    const [database, ...more] = call.positionals;
    if (more.length > 0) throw new UsageError('expected one database');
    if (database === undefined) {
      const list = await listed(call);
      return { json: list, text: list.lines.join('\n') || 'Nothing was tried yet.' };
    }
    call.progress(`Asked the function to verify ${database}; it looks for up to some minutes.`);
    const before = (await listed(call)).recent.find((one) => one.databaseId === database)?.name;
    const report = await ask<TickReport>(call, { kind: 'command', verb: 'verify', database, ...momentOf(call, 'at') });
    const text = [report.sentence, ...report.lines].join('\n');
    return call.values.wait === true ? waitFor(call, database, before, report) : { json: report, text };
  },
};

/** A tick takes steps for as long as something moves; so one is asked for after the other until the verification is over. */
const waitFor = async (
  call: CommandCall,
  database: string,
  before: string | undefined,
  first: TickReport,
): Promise<CommandResult> => {
  for (const line of first.lines) call.progress(line);
  for (;;) {
    const { open, recent } = await listed(call);
    if (open.some(({ source }) => source.id === database)) {
      const report = await ask<TickReport>(call, { kind: 'schedule', ...momentOf(call, 'scheduledTime') });
      for (const line of report.lines) call.progress(line);
      continue;
    }
    const ended = recent.find((one) => one.databaseId === database);
    if (ended === undefined || ended.name === before)
      return { json: { report: first, ended: null }, text: [first.sentence, ...first.lines].join('\n'), exitCode: 1 };
    const text = endedSentence(ended, givenMoment(call) ?? Date.now());
    return { json: { report: first, ended }, text, exitCode: ended.result === 'ok' ? 0 : 1 };
  }
};

export const commands: Command[] = [verify];
