import { setTimeout as sleep } from 'node:timers/promises';
import { awsPorts } from '../../functions/snapshots/aws/compose.ts';
import { awsRestorations } from '../../functions/snapshots/aws/restorations.ts';
import { formatInstant } from '../../functions/snapshots/core/calendar.ts';
import type { RestorationPlan } from '../../functions/snapshots/core/restoration/plan.ts';
import type { RestorationWish } from '../../functions/snapshots/core/restoration/restoration.ts';
import {
  lossSentence,
  noteSentence,
  passedOverSentence,
  pointInTimeSentence,
  refusalSentence,
  restorationSentence,
  stepSentence,
} from '../../functions/snapshots/core/restoration/sentences.ts';
import { observe } from '../../functions/snapshots/run/observe.ts';
import { carryOutRestoration, prepareRestoration } from '../../functions/snapshots/run/restoration/restoration.ts';
import { settingsOf } from '../../functions/snapshots/run/settings.ts';
import type { Command, CommandCall } from '../command.ts';
import { givenMoment, only, textOf } from './words.ts';

/** Between two looks at what RDS is doing. */
const LOOK_MS = 5_000;

const restore: Command = {
  wing: 'snapshots',
  verb: 'restore',
  summary: 'a new database from a snapshot, never over one that exists; without --yes only the plan',
  usage: 'DATABASE|SNAPSHOT [--at T] [--to NAME] [--yes]',
  example: 'npx mainstay snapshots restore ledger-primary --at 2026-08-14T01:00:00Z',
  options: {
    at: { type: 'string', description: 'nothing that was written after this moment, such as 2026-08-14T01:00:00Z' },
    to: { type: 'string', description: 'name of the new database (default: DATABASE-restored-yyyymmddhhmm)' },
    yes: { type: 'boolean', description: 'do it, and watch until it is available; again with the same --to goes on' },
    class: { type: 'string', description: "instance class (default: the source's)" },
    'subnet-group': { type: 'string', description: "DB subnet group (default: the source's)" },
    'security-groups': { type: 'string', description: "ids, separated by commas (default: the source's)" },
    'encrypt-with': { type: 'string', description: 'KMS key of the region: encrypts also what is not encrypted' },
  },
  run: async (call) => {
    const { config, region } = call;
    const wish = wishOf(call);
    const settings = settingsOf(config);
    const restorations = awsRestorations(region);
    // Orders and copies have no say in this, and the region that they are kept in may be the one that is gone.
    const { databases, snapshots, quotas, keys, ...rest } = awsPorts(config, region);
    const control = { ...rest.control, orders: async () => ({ pauses: [], confirmations: [] }) };
    const inventory = await observe(
      { ...rest, databases, snapshots, quotas, keys, control, copying: undefined },
      settings,
    );
    const plan = await prepareRestoration(inventory, restorations, wish, settings, Date.now());
    if (plan.kind === 'refused') {
      const recovery = plan.pointInTime;
      const to = wish.to ?? `${recovery?.database.id}-restored`;
      const text = [
        refusalSentence(plan),
        ...(recovery ? [pointInTimeSentence(recovery, wish.atMs ?? Date.now(), to, region)] : []),
      ].join('\n');
      return { json: { kind: 'refused', because: plan.because, sentence: refusalSentence(plan) }, text, exitCode: 1 };
    }
    const lines = planLines(plan, region);
    if (call.values.yes !== true) {
      const command = commandFor(plan, call);
      return {
        json: { kind: 'plan', ...planJson(plan), lines, command },
        text: [...lines, '', 'Nothing is done without --yes. To do it:', `  ${command}`].join('\n'),
      };
    }
    for (const line of lines) call.progress(line);
    const end = await carryOutRestoration(plan, restorations, {
      progress: (line) => call.progress(`${formatInstant(Date.now())}  ${line}`),
      pause: () => sleep(LOOK_MS),
    });
    const text = stepSentence(end, plan);
    return end.kind === 'done'
      ? { json: { kind: 'done', ...planJson(plan), endpoint: end.endpoint, sentence: text }, text }
      : { json: { kind: 'failed', ...planJson(plan), because: end.because, sentence: text }, text, exitCode: 1 };
  },
};

const wishOf = (call: CommandCall): RestorationWish => ({
  what: only(call, 'one database or snapshot'),
  atMs: givenMoment(call),
  to: textOf(call, 'to'),
  encryptWith: textOf(call, 'encrypt-with'),
  instanceClass: textOf(call, 'class'),
  subnetGroup: textOf(call, 'subnet-group'),
  securityGroupIds: textOf(call, 'security-groups')
    ?.split(',')
    .map((id) => id.trim()),
});

const planLines = (plan: RestorationPlan, region: string): string[] => {
  const { pointInTime, wantedMs, passedOver } = plan.choice;
  return [
    restorationSentence(plan),
    lossSentence(plan),
    ...passedOver.map(passedOverSentence),
    ...(pointInTime ? [pointInTimeSentence(pointInTime, wantedMs, plan.to, region)] : []),
    ...plan.notes.map((note) => noteSentence(note, plan)),
  ];
};

const planJson = ({ snapshot, to, choice, encrypt, form }: RestorationPlan) => ({
  snapshot: snapshot.id,
  database: snapshot.databaseId,
  to,
  form,
  dataUntil: formatInstant(choice.moment.ms),
  dataUntilIsExact: choice.moment.exact,
  pointInTime: choice.pointInTime === undefined ? null : formatInstant(choice.pointInTime.toMs),
  encryptWith: encrypt?.keyId ?? null,
});

/** The same again with what was decided in it: a newer snapshot or another minute changes nothing any more. */
const commandFor = ({ snapshot, to }: RestorationPlan, { values }: CommandCall): string => {
  const given = [
    'class',
    'subnet-group',
    'security-groups',
    'encrypt-with',
    'region',
    'stage',
    'config',
    'endpoint-url',
  ];
  const words = given.flatMap((name) => (typeof values[name] === 'string' ? [`--${name}`, String(values[name])] : []));
  return ['npx mainstay snapshots restore', snapshot.id, '--to', to, ...words, '--yes'].join(' ');
};

export const commands: Command[] = [restore];
