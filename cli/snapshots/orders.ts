import { awsControl } from '../../functions/snapshots/aws/compose.ts';
import { formatInstant, formatSlot, HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import { type Breaker, type Confirmation, PARTS, type Part } from '../../functions/snapshots/core/inventory.ts';
import {
  confirmationSentence,
  nothingStoppedSentence,
  pauseSentence,
  resumeSentence,
} from '../../functions/snapshots/core/order-sentences.ts';
import { caller } from '../caller.ts';
import { type Command, type CommandCall, UsageError } from '../command.ts';
import { table } from '../table.ts';
import { dryCopies, dryRun, ours, snapshotJson } from './looking.ts';
import { why, whyOption } from './words.ts';

const isPart = (text: string): text is Part => (PARTS as readonly string[]).includes(text);

const partOf = ({ positionals: [part = 'expiry', ...more] }: CommandCall): Part => {
  if (!isPart(part) || more.length > 0) throw new UsageError(`expected one of ${PARTS.join(', ')}`);
  return part;
};

const pause: Command = {
  wing: 'snapshots',
  verb: 'pause',
  summary: 'stops a part (expiry unless said), without a deployment, until resume',
  usage: `[${PARTS.join('|')}] --why "…"`,
  example: 'npx mainstay snapshots pause expiry --why "storage migration, ticket 4711"',
  options: whyOption,
  run: async (call) => {
    const order = { part: partOf(call), why: why(call), by: (await caller(call.region)).arn, atMs: Date.now() };
    await awsControl(call.config).pause(order);
    return { json: { ...order, at: formatInstant(order.atMs) }, text: pauseSentence(order) };
  },
};

const resume: Command = {
  wing: 'snapshots',
  verb: 'resume',
  summary: 'ends the pause of a part (expiry unless said)',
  usage: `[${PARTS.join('|')}]`,
  example: 'npx mainstay snapshots resume expiry',
  run: async (call) => {
    const part = partOf(call);
    const wasPaused = await awsControl(call.config).resume(part);
    return { json: { part, wasPaused }, text: resumeSentence(part, wasPaused), exitCode: wasPaused ? 0 : 1 };
  },
};

/** The next hourly run comes within one, and one may be late. */
const CONFIRMED_MS = 2 * HOUR_MS;

const confirm: Command = {
  wing: 'snapshots',
  verb: 'confirm',
  summary: 'lets the deletions that the circuit breaker stopped pass, once, within two hours',
  usage: '[--copies] --why "…"',
  example: 'npx mainstay snapshots confirm --why "the policy was shortened on purpose"',
  options: { ...whyOption, copies: { type: 'boolean', description: 'of the copies, in the recovery region' } },
  run: async (call) => {
    const reason = why(call);
    const of: Breaker = call.values.copies === true ? 'copies' : 'snapshots';
    const judged = of === 'copies' ? (await dryCopies(call))?.plan : (await dryRun(call)).plan;
    if (judged === undefined) throw new UsageError('--copies: the config has no snapshots.copies');
    const stopped = ours(judged.snapshots).filter(({ because }) => because === 'circuit-breaker');
    const slots = stopped.flatMap(({ slotMs }) => slotMs ?? []);
    if (slots.length === 0)
      return { json: { confirmed: null, removals: [] }, text: nothingStoppedSentence(of), exitCode: 1 };
    const atMs = Date.now();
    const confirmation: Confirmation = {
      of,
      deletions: stopped.length,
      newestSlotMs: Math.max(...slots),
      by: (await caller(call.region)).arn,
      why: reason,
      atMs,
      untilMs: atMs + CONFIRMED_MS,
    };
    await awsControl(call.config).confirm(confirmation);
    return {
      json: { confirmed: confirmation, removals: stopped.map(snapshotJson) },
      text: [
        table(
          ['database', 'slot (UTC)', 'snapshot'],
          stopped.map(({ snapshot, slotMs }) => [
            snapshot.databaseId,
            slotMs === undefined ? '?' : formatSlot(slotMs),
            snapshot.id,
          ]),
        ),
        '',
        confirmationSentence(confirmation),
      ].join('\n'),
    };
  },
};

export const commands: Command[] = [confirm, pause, resume];
