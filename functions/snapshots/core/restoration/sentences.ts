import { formatAge, formatInstant, formatSlot } from '../calendar.ts';
import { slotOf } from '../tags.ts';
import type { Note, RestorationPlan } from './plan.ts';
import { momentOf, type PassedOver, type PointInTime, type Refusal, type RefusalReason } from './restoration.ts';
import type { Endpoint, FailureReason, RestorationStep } from './steps.ts';

// What is said of a restoration: by the command, and nowhere else.

const FORMS: Record<RestorationPlan['form'], string> = {
  instance: 'database',
  aurora: 'Aurora cluster with one instance',
  'multi-az-cluster': 'Multi-AZ cluster',
};

/** What would come of the plan. */
export const restorationSentence = ({ kind, form, to, snapshot, encrypt }: RestorationPlan): string => {
  const slotMs = slotOf(snapshot);
  const from = `${snapshot.id}${slotMs === undefined ? '' : ` (slot ${formatSlot(slotMs)} UTC)`} of ${snapshot.databaseId}`;
  return kind === 'continue'
    ? `${to} is being restored from ${from} already: this goes on with it.`
    : `${to} is to be a new ${FORMS[form]} from ${from}${encrypt ? `, encrypted with ${encrypt.keyId}` : ''}; nothing that exists is changed.`;
};

/** What of the wish the snapshot does not hold. */
export const lossSentence = ({ choice, snapshot }: RestorationPlan): string => {
  const moment = momentOf(snapshot) ?? choice.moment;
  const lost = Math.max(0, choice.wantedMs - moment.ms);
  return moment.exact
    ? `What was written after ${formatInstant(moment.ms)} is not in it: the last ${formatAge(lost)} before ${formatInstant(choice.wantedMs)}.`
    : `What was written after ${formatInstant(moment.ms)} may not be in it: RDS does not say when in that hour it was taken, so up to ${formatAge(lost)} before ${formatInstant(choice.wantedMs)} are lost.`;
};

const PASSED_OVER: Record<PassedOver['because'], string> = {
  'not-available': 'is not available',
  'key-unusable': 'is encrypted with a key that cannot be used',
  'moment-unclear': 'may hold what was written after that moment: RDS does not say when in its hour it was taken',
};

/** A newer snapshot that was not taken. */
export const passedOverSentence = ({ snapshot, because }: PassedOver): string =>
  `${snapshot.id} is newer, but ${PASSED_OVER[because]}.`;

/** That RDS itself can come nearer, with the command for it. */
export const pointInTimeSentence = (
  { database, toMs }: PointInTime,
  wantedMs: number,
  to: string,
  region: string,
): string => {
  const short = wantedMs - toMs;
  const command =
    database.kind === 'instance'
      ? `aws rds restore-db-instance-to-point-in-time --source-db-instance-identifier ${database.id} --target-db-instance-identifier ${to} --restore-time ${formatInstant(toMs)} --region ${region}`
      : `aws rds restore-db-cluster-to-point-in-time --source-db-cluster-identifier ${database.id} --db-cluster-identifier ${to} --restore-to-time ${formatInstant(toMs)} --region ${region}`;
  return `Point-in-time recovery is nearer: its automated backups reach ${formatInstant(toMs)}${short < 1000 ? '' : `, ${formatAge(short)} short of it`}:\n  ${command}`;
};

const NOTES: Record<Note, (plan: RestorationPlan) => string> = {
  'someone-elses': ({ snapshot }) =>
    `${snapshot.id} is none of ours: what is in it, and when it was taken, is as RDS says.`,
  'earlier-database': ({ snapshot }) =>
    `It is of an earlier database that was called ${snapshot.databaseId} too, not of the one that exists now.`,
  'moment-not-exact': () => 'Look at the newest rows before you rely on the moment.',
  'key-unseen': ({ snapshot }) => `Whether its key ${snapshot.kmsKeyId} can be used could not be seen; RDS will say.`,
  'copy-is-left': ({ encrypt }) =>
    encrypt?.by === 'copy'
      ? `It goes through an encrypted copy, ${encrypt.copyName}, which is left there and counts against the quota: delete it when you are done.`
      : '',
  'network-of-source': ({ choice, subnetGroup, securityGroupIds }) =>
    `It stands where ${choice.database?.id ?? 'its source'} stands: subnet group ${subnetGroup}, security groups ${securityGroupIds?.join(', ') || "of the VPC's default"}.`,
  'network-default': () =>
    "Its source is not here, so it comes into the default VPC with that VPC's default security group, unless you give --subnet-group and --security-groups.",
  'parameter-group-of-source': ({ parameterGroup }) => `It gets its source's parameter group, ${parameterGroup}.`,
  'parameter-group-default': () =>
    "It gets the engine's default parameter group; a snapshot does not remember another.",
  'one-instance': ({ member, instanceClass }) =>
    `Its one instance is ${member} (${instanceClass}); readers are to be added by hand.`,
  'single-az': () => 'Its source is Multi-AZ; it is Single-AZ until you change that.',
  'backups-begin-anew': () => 'Its automated backups begin with it: point-in-time recovery does not reach before it.',
  tags: () => 'It carries the tags of its source, but none of Mainstay: it is not snapshotted until you tag it.',
  password: () =>
    'Its users and passwords are those of that moment. It is not publicly accessible, and has no deletion protection.',
};

/** What to know before it is done. */
export const noteSentence = (note: Note, plan: RestorationPlan): string => NOTES[note](plan);

const REFUSALS: Record<RefusalReason, (refusal: Refusal) => string> = {
  unseen: ({ detail }) => `not everything could be seen, so the nearest snapshot is not known (${detail})`,
  'in-the-future': () => 'the moment is still to come',
  'not-found': ({ what }) => `no database and no snapshot here is called ${what}`,
  ambiguous: ({ what }) => `${what} is more than one thing here: give an ARN`,
  'none-of-ours': ({ what, detail }) =>
    `no snapshot of ${what} here is ours and available${detail === '0' ? '' : ` (of ${detail} in all): name the one that you mean`}`,
  'nothing-before': ({ detail }) => `the oldest of ours that is available is newer than that moment: ${detail}`,
  'not-available': ({ what, detail }) => `${what} is ${detail}, not available`,
  'key-unusable': ({ what, detail }) => `${what} is encrypted with ${detail}, and that key cannot be used`,
  'later-than-asked': ({ what, detail }) =>
    `${what} holds data up to ${formatInstant(Number(detail))}, which is after that moment`,
  'bad-name': ({ detail }) =>
    `"${detail}" is no name for a database: 1 to 63 letters, digits and single hyphens, a letter first and no hyphen last`,
  'name-taken': ({ detail }) =>
    `${detail} exists, and nothing is restored over a database: choose another name with --to`,
  'class-needed': () =>
    'its source is not here, so nobody knows its class: give one with --class, such as db.r6g.large',
};

/** Why a wish is not carried out. */
export const refusalSentence = (refusal: Refusal): string =>
  `Nothing is restored: ${REFUSALS[refusal.because](refusal)}.`;

const FAILURES: Record<FailureReason, (on: string, detail: string) => string> = {
  'not-its-own': (on) => `${on} exists and was not made by this restoration; it was not touched`,
  state: (on, detail) => `${on} is ${detail}`,
  'copy-failed': (on, detail) => `its encrypted copy ${on} is ${detail}: delete that, and begin again`,
  refused: (on, detail) => `RDS refused to make ${on}: ${detail}`,
  'no-answer': (on, detail) =>
    `there is no answer about ${on} (${detail}): begin again with the same words, and it goes on`,
  'no-endpoint': (on) => `${on} is available, but RDS names no endpoint of it`,
};

/** What is done now, or what is waited for. */
export const stepSentence = (step: RestorationStep, plan: RestorationPlan): string => {
  switch (step.kind) {
    case 'copy':
      return `Asking for ${step.copyName}, a copy of ${plan.snapshot.id} that is encrypted.`;
    case 'restore':
      return `Asking for ${plan.to} from ${step.from}.`;
    case 'add-member':
      return `Asking for ${step.member}, the instance of ${plan.to}.`;
    case 'wait':
      return `${step.on} is ${step.status}${step.percent === undefined ? '' : `, ${step.percent} %`}.`;
    case 'done':
      return `${plan.to} is available at ${endpointText(step.endpoint)}.`;
    case 'failed':
      return `The restoration of ${plan.to} has stopped: ${FAILURES[step.because](step.on, step.detail)}.`;
  }
};

/** An endpoint as clients write it. */
export const endpointText = ({ host, port }: Endpoint): string => `${host}:${port}`;
