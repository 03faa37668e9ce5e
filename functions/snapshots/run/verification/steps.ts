import { errorText } from '../../../../shared/aws/errors.ts';
import { formatInstant } from '../../core/calendar.ts';
import type { Settings, VerificationSettings } from '../../core/policy.ts';
import { VERIFIED } from '../../core/tags.ts';
import type { CheckAnswer } from '../../core/verification/check.ts';
import { checkFor } from '../../core/verification/conditions.ts';
import { afterAct, type Decision, nextStep, type Outcome } from '../../core/verification/step.ts';
import { type Look, throwAwayId, throwAwaysFor } from '../../core/verification/throw-away.ts';
import type { Verification } from '../../core/verification/verification.ts';
import { writeRecord } from './book.ts';
import type { ChangeAnswer, RestoreAnswer, VerificationPorts } from './ports.ts';
import { endNotice } from './report.ts';

export type VerifyingSettings = Settings & { verification: VerificationSettings };

/** Master passwords that this run has set, by verification. They are never written anywhere. */
export type Passwords = Map<string, string>;

export type Stepped =
  | { kind: 'stepped'; record: Verification; decision: Decision }
  /** Nothing more can be done now. */
  | { kind: 'waiting'; record: Verification; decision: Decision }
  /** Somebody else moved it meanwhile: read it again. */
  | { kind: 'lost' };

/** One step of one verification: look, decide, write the intent, act once, write what came of it. */
export const stepOnce =
  (ports: VerificationPorts, settings: VerifyingSettings, passwords: Passwords) =>
  async (record: Verification): Promise<Stepped> => {
    const { verifications, clock } = ports;
    const looks = await Promise.all(record.throwAways.map((entry) => look(ports, entry)));
    const nowMs = clock.nowMs();
    const decision = nextStep(
      {
        record,
        looks,
        settings: settings.verification,
        stack: settings.stack,
        nowMs,
        passwordKnown: passwords.has(record.name),
      },
      throwAwaysFor(
        record.source.kind,
        record.source.engine,
        throwAwayId(settings.prefix, record.source.id, ports.chance.hex()),
      ),
    );
    if (decision.kind === 'hold' && decision.record === record) return { kind: 'waiting', record, decision };
    if (decision.record.phase === 'over') await tell(ports, settings, decision.record, nowMs);
    const intended = await writeRecord(verifications, record, decision.record, nowMs);
    if (intended === undefined) return { kind: 'lost' };
    if (decision.kind === 'hold') return { kind: 'waiting', record: intended, decision };
    if (decision.kind === 'move') return { kind: 'stepped', record: intended, decision };

    const outcome = await act(ports, settings, passwords, { ...decision, record: intended });
    const afterMs = clock.nowMs();
    const after = afterAct(intended, decision.step as Parameters<typeof afterAct>[1], decision.entry, outcome, afterMs);
    const written = after === intended ? intended : await writeRecord(verifications, intended, after, afterMs);
    return written === undefined ? { kind: 'lost' } : { kind: 'stepped', record: written, decision };
  };

const look = async ({ throwAways }: VerificationPorts, { kind, id }: { kind: 'instance' | 'cluster'; id: string }) => {
  try {
    const database = await throwAways.find(kind, id);
    return (database === undefined ? { kind: 'absent' } : { kind: 'seen', database }) satisfies Look as Look;
  } catch (error) {
    return { kind: 'unseen', detail: errorText(error) } satisfies Look as Look;
  }
};

const act = async (
  ports: VerificationPorts,
  settings: VerifyingSettings,
  passwords: Passwords,
  decision: Extract<Decision, { kind: 'act' }>,
): Promise<Outcome> => {
  const { record, entry, step } = decision;
  const claim = { record, entry };
  switch (step) {
    case 'restore':
      return made(await ports.throwAways.restore(claim));
    case 'add-member':
      return made(await ports.throwAways.addMember(claim));
    case 'secure': {
      const password = ports.chance.password();
      const answer = await ports.throwAways.secure(claim, password);
      if (answer.kind === 'done') passwords.set(record.name, password);
      else passwords.delete(record.name);
      return changed(answer);
    }
    case 'check':
      return await checked(ports, settings, passwords, decision);
    case 'tag':
      return changed(
        await ports.snapshotTags.add(record.snapshot.arn, {
          [VERIFIED.at]: formatInstant(ports.clock.nowMs()),
          [VERIFIED.result]: record.result ?? '',
        }),
      );
    case 'remove':
      return changed(await ports.throwAways.remove(claim));
    default:
      return { kind: 'not-yet', detail: `${step} is no act` };
  }
};

const made = (answer: RestoreAnswer): Outcome =>
  answer.kind === 'made' || answer.kind === 'refused'
    ? answer
    : {
        kind: 'not-yet',
        detail: answer.kind === 'name-taken' ? 'something stands under this name' : answer.detail,
      };

const changed = (answer: ChangeAnswer): Outcome =>
  answer.kind === 'done' || answer.kind === 'refused' ? answer : { kind: 'not-yet', detail: answer.detail };

const checked = async (
  { checks }: VerificationPorts,
  { verification }: VerifyingSettings,
  passwords: Passwords,
  { record, seen }: Extract<Decision, { kind: 'act' }>,
): Promise<Outcome> => {
  const password = passwords.get(record.name);
  if (seen?.endpoint === undefined || seen.masterUsername === undefined || password === undefined)
    return { kind: 'not-yet', detail: 'RDS does not say where it is, or who its master user is' };
  const answer = await checks.check({
    ...seen.endpoint,
    username: seen.masterUsername,
    password,
    ...checkFor(record.source.id, verification.checks),
  });
  return judged(answer);
};

const judged = (answer: CheckAnswer): Outcome => {
  if (answer.kind === 'no-answer') return { kind: 'not-yet', detail: answer.sentence };
  if (answer.kind === 'ok') return { kind: 'checked', result: 'ok', reason: 'checked', detail: answer.sentence };
  return { kind: 'checked', result: 'failed', reason: answer.kind, detail: answer.sentence };
};

/** People are told before the book forgets it: twice is better than never. A notice that fails holds nothing back. */
const tell = async (
  { reports }: VerificationPorts,
  { stack }: VerifyingSettings,
  record: Verification,
  nowMs: number,
): Promise<void> => {
  const notice = endNotice(stack, record, nowMs);
  if (notice !== undefined) await reports.publish(notice).catch(() => {});
};
