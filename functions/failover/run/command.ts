import { applyCommand, type CommandOrder, type CommandOutcome } from '../core/command.ts';
import type { Clock, RecordStore } from './ports.ts';

/** An open incident writes its record at every look: a command that loses to one is said again by itself, so often in all. */
const TRIES = 3;

/**
 * Applies a person's command to the record by compare-and-swap. What loses it is tried again on the record as it is then, under the
 * same epoch: a command about an incident is never carried into another. Undefined when nothing is recorded of the pair.
 */
export const giveCommand = async (
  { records, clock }: { records: RecordStore; clock: Pick<Clock, 'now'> },
  pair: string,
  order: CommandOrder,
): Promise<CommandOutcome | undefined> => {
  let epoch = order.epoch;
  for (let turn = 1; turn <= TRIES; turn += 1) {
    const record = await records.load(pair);
    if (record === undefined) return undefined;
    // The first try is judged with what the person said; what follows it, by the epoch that it met as well.
    const outcome = applyCommand(record, turn === 1 ? order : { ...order, epoch }, clock.now());
    if (outcome.kind === 'refused') return outcome;
    epoch ??= record.epoch;
    if ((await records.save(outcome.record, record.version)) === 'conflict') continue;
    const { version, phase } = outcome.record;
    const entry = { epoch: outcome.record.epoch, version, phase, atMs: clock.now(), sentence: outcome.sentence };
    await records.append(pair, entry);
    return outcome;
  }
  return {
    kind: 'refused',
    sentence: `Refused ${pair}: the record changed under each of ${TRIES} tries; look at the status and say it again.`,
  };
};
