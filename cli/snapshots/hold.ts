import { openRds } from '../../functions/snapshots/aws/compose.ts';
import { rdsSnapshotsToRead } from '../../functions/snapshots/aws/rds-reading.ts';
import { rdsSnapshotTags } from '../../functions/snapshots/aws/snapshot-tags.ts';
import { type HoldDecision, holdSentence, planHold, planRelease } from '../../functions/snapshots/core/hold.ts';
import type { Snapshot } from '../../functions/snapshots/core/inventory.ts';
import { settingsOf } from '../../functions/snapshots/run/settings.ts';
import { caller } from '../caller.ts';
import type { Command, CommandCall, CommandResult } from '../command.ts';
import { only, textOf, why, whyOption } from './words.ts';

const find = async ({ region }: CommandCall, name: string): Promise<Snapshot | undefined> => {
  const { find: look } = rdsSnapshotsToRead(openRds(region));
  return (await look('instance', name)) ?? (await look('cluster', name));
};

const carryOut = async ({ region }: CommandCall, decision: HoldDecision): Promise<CommandResult> => {
  const text = holdSentence(decision);
  if (decision.kind === 'refused') return { json: { ...decision, sentence: text }, text, exitCode: 1 };
  const tags = rdsSnapshotTags(openRds(region));
  const { arn, id } = decision.snapshot;
  // What holds is put before what is taken away: at no moment is a snapshot that is to be held without a hold.
  if (decision.kind === 'hold') await tags.put(arn, decision.put);
  await tags.remove(arn, decision.remove);
  return { json: { kind: decision.kind, snapshot: id, arn, region, sentence: text }, text };
};

const hold: Command = {
  wing: 'snapshots',
  verb: 'hold',
  summary: 'keeps a snapshot of ours from expiry, for good or through a day (a copy: with --region)',
  usage: 'SNAPSHOT --why "…" [--until DATE]',
  example: 'npx mainstay snapshots hold ms-ledger-primary-20261121t05-3fa2c1 --until 2027-01-31 --why "audit 2026"',
  options: {
    ...whyOption,
    until: { type: 'string', description: 'a day that it is held through, such as 2027-01-31' },
  },
  run: async (call) => {
    const name = only(call, 'one snapshot');
    const reason = why(call);
    const [{ arn }, snapshot] = await Promise.all([caller(call.region), find(call, name)]);
    const wish = { by: arn, why: reason, until: textOf(call, 'until') };
    return carryOut(call, planHold(name, snapshot, wish, settingsOf(call.config).stack, Date.now()));
  },
};

const release: Command = {
  wing: 'snapshots',
  verb: 'release',
  summary: 'ends a hold: the policy judges the snapshot again (a copy: with --region)',
  usage: 'SNAPSHOT',
  example: 'npx mainstay snapshots release ms-ledger-primary-20261121t05-3fa2c1',
  run: async (call) => {
    const name = only(call, 'one snapshot');
    return carryOut(call, planRelease(name, await find(call, name), settingsOf(call.config).stack));
  },
};

export const commands: Command[] = [hold, release];
