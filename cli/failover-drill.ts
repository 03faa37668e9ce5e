import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { dynamoDrills } from '../functions/failover/aws/drills/store.ts';
import { dynamoRecords } from '../functions/failover/aws/record-store.ts';
import type { Receipt } from '../functions/failover/core/drills/drill.ts';
import { applyDrillOrder } from '../functions/failover/core/drills/order.ts';
import { drillSentence, receiptSentence } from '../functions/failover/core/drills/sentences.ts';
import { pairNamed, policyOf, recordTable } from '../functions/failover/run/settings.ts';
import type { Command, CommandCall, CommandResult } from './command.ts';
import { hintFunction } from './invoke.ts';
import { table } from './table.ts';

const LOOK_AGAIN_MS = 2_000;
const TRIES = 3;
const RECEIPTS = 20;

const storesOf = ({ config }: CommandCall) => ({
  drills: dynamoDrills(recordTable(config), config.regions.recovery),
  records: dynamoRecords(recordTable(config), config.regions.recovery),
});

/** `mainstay failover drill`: a failover of a throw-away pair, or what earlier ones have shown. */
export const drill: Command = {
  wing: 'failover',
  verb: 'drill',
  summary:
    'Fail a throw-away pair over, made from a snapshot of this one, and leave a receipt; the pair itself is not touched',
  usage: 'PAIR [--list | --stop | --detach] [--why "…"]',
  example: 'mainstay failover drill ledger --why "quarterly rehearsal"',
  options: {
    list: {
      type: 'boolean',
      description: 'the receipts of earlier drills, newest first, and where the present one stands',
    },
    stop: { type: 'boolean', description: 'call the present one off: what it made is removed' },
    detach: { type: 'boolean', description: 'do not wait for its end' },
    why: { type: 'string', description: 'why; it is on the receipt' },
    by: { type: 'string', description: 'who (default: your user name)' },
  },
  run: async (call) => {
    const { name: pair } = pairNamed(call.config, call.positionals[0]);
    if (call.values.list) return listed(call, pair);
    const name = randomBytes(3).toString('hex');
    const refusal = await give(call, pair, name);
    if (refusal !== undefined) return refusal;
    return call.values.detach || call.values.stop ? said(call, pair) : waitFor(call, pair, name);
  },
};

/** Puts the order into the book; a refusal is the command's result. */
const give = async (call: CommandCall, pair: string, name: string): Promise<CommandResult | undefined> => {
  const { drills, records } = storesOf(call);
  const order = {
    verb: call.values.stop ? ('stop' as const) : ('start' as const),
    pair,
    by: String(call.values.by ?? userInfo().username),
    why: String(call.values.why ?? (call.values.stop ? 'called off' : 'a rehearsal')),
  };
  const policy = policyOf(call.config, pairNamed(call.config, pair));
  for (let turn = 1; turn <= TRIES; turn += 1) {
    const [book, record] = await Promise.all([drills.load(), records.load(pair)]);
    const outcome = applyDrillOrder(book, order, { record, policy, name, nowMs: Date.now() });
    if (outcome.kind === 'refused') return { json: outcome, text: outcome.sentence, exitCode: 1 };
    if ((await drills.save(outcome.book, book.version)) === 'conflict') continue;
    call.progress(outcome.sentence);
    await hintFunction(call.config, call.config.regions.recovery, 'drills');
    return undefined;
  }
  const sentence = 'The book of drills changed under each try: say it again.';
  return { json: { kind: 'refused', sentence }, text: sentence, exitCode: 1 };
};

/** Where the present drill stands. */
const said = async (call: CommandCall, pair: string): Promise<CommandResult> => {
  const { open } = await storesOf(call).drills.load();
  const text = open?.pair === pair ? drillSentence(open) : `No drill of ${pair} is under way.`;
  return { json: open ?? null, text };
};

/** Until the receipt is there. Who stops waiting stops nothing: the drill goes on without this command. */
const waitFor = async (call: CommandCall, pair: string, name: string): Promise<CommandResult> => {
  const { drills } = storesOf(call);
  let before = '';
  for (;;) {
    const [receipt] = (await drills.receipts(pair, RECEIPTS)).filter((one) => one.name === name);
    if (receipt !== undefined)
      return { json: receipt, text: receiptText(receipt), exitCode: receipt.result === 'ok' ? 0 : 1 };
    const { open } = await drills.load();
    const now = open?.name === name ? drillSentence(open) : before;
    if (now !== before) call.progress(now);
    before = now;
    await sleep(LOOK_AGAIN_MS);
  }
};

const listed = async (call: CommandCall, pair: string): Promise<CommandResult> => {
  const { drills } = storesOf(call);
  const [receipts, { open }] = await Promise.all([drills.receipts(pair, RECEIPTS), drills.load()]);
  const mine = open?.pair === pair ? open : undefined;
  const rows = receipts.map(({ endedMs, result, reason, measured, by, why }) => [
    new Date(endedMs).toISOString(),
    result,
    reason,
    measured === undefined ? '–' : `${measured.rtoSeconds} s`,
    measured === undefined ? '–' : `${measured.promoteSeconds} s`,
    lossOf(measured),
    by,
    why,
  ]);
  return {
    json: { open: mine ?? null, receipts },
    text: [
      ...(mine === undefined ? [] : [drillSentence(mine)]),
      rows.length === 0
        ? `No drill of ${pair} has ended yet.`
        : table(['ended', 'result', 'because', 'RTO', 'promotion', 'loss', 'by', 'why'], rows),
    ].join('\n\n'),
  };
};

const lossOf = (measured: Receipt['measured']): string => {
  if (measured === undefined) return '–';
  if (measured.lossRows === 0) return 'none';
  return measured.lossSeconds === undefined ? 'unknown' : `≤ ${measured.lossSeconds.toFixed(1)} s`;
};

/** One receipt with its times. */
const receiptText = (receipt: Receipt): string => {
  // A table of DynamoDB keeps no order of a map's keys.
  const phases = Object.entries(receipt.measured?.phases ?? {})
    .sort(([, one], [, other]) => one - other)
    .map(([phase, seconds]) => [phase, `${seconds} s`]);
  return [
    `${receiptSentence(receipt)} Asked for by ${receipt.by}: ${receipt.why}.`,
    ...(phases.length === 0 ? [] : ['', table(['phase', 'entered after'], phases)]),
    ...(receipt.measured?.fenceAnswer === undefined
      ? []
      : ['', `AWS refused the fence's order: ${receipt.measured.fenceAnswer}`]),
  ].join('\n');
};
