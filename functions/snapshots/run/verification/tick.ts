import { errorText } from '../../../../shared/aws/errors.ts';
import {
  endedSentence,
  endSentence,
  openSentence,
  stepSentence,
  straySentence,
} from '../../core/verification/sentences.ts';
import type { Verification } from '../../core/verification/verification.ts';
import { loadBook } from './book.ts';
import type { VerificationPorts } from './ports.ts';
import { type TickReport, tickReport } from './report.ts';
import { startDue } from './start.ts';
import { type Passwords, stepOnce, type VerifyingSettings } from './steps.ts';
import { sweep } from './sweep.ts';

export interface Deadline {
  remainingMs(): number;
}

/** Between two looks at what RDS is doing. */
const LOOK_MS = 3_000;
/** A tick in which nothing has moved for so long leaves the rest to the next. */
const PATIENCE_MS = 45_000;
/** So much time a phase must find: a password that is set and not used is lost with the run. */
const NEEDS_MS: Partial<Record<Verification['phase'], number>> = { securing: 170_000, checking: 130_000 };
const LAST_WORDS_MS = 15_000;
const STUCK_MS = 60 * 60_000;

/** One tick: looks for strays, begins what is due (or the database that a person names), and takes steps until nothing more can be done now. */
export const verifyTick =
  (ports: VerificationPorts, settings: VerifyingSettings, deadline: Deadline) =>
  async (only?: string): Promise<TickReport> => {
    const lines: string[] = [];
    const counts = { started: 0, ended: 0, failed: 0, inconclusive: 0, open: 0, strays: 0, left: 0, stuck: 0 };
    let trouble = false;
    try {
      const strays = await sweep(ports, settings.stack);
      counts.strays = strays.length;
      lines.push(...strays.map(straySentence));
    } catch (error) {
      trouble = true;
      lines.push(`Strays could not be looked for: ${errorText(error)}.`);
    }
    const begun = await startDue(ports, settings, only);
    counts.started = begun.started.length;
    lines.push(...begun.lines);
    const stepped = await stepAll(ports, settings, deadline, lines, counts);
    const stuck = stepped.open.filter((record) => isStuck(record, ports.clock.nowMs()));
    lines.push(...stuck.map((record) => openSentence(record, ports.clock.nowMs())));
    counts.open = stepped.open.length;
    counts.stuck = stuck.length;
    return tickReport(counts, lines, trouble || begun.trouble || stepped.trouble, {
      worstAgeMs: begun.worstAgeMs,
      neverProven: begun.neverProven,
    });
  };

const stepAll = async (
  ports: VerificationPorts,
  settings: VerifyingSettings,
  deadline: Deadline,
  lines: string[],
  counts: TickReport['counts'],
): Promise<{ open: Verification[]; trouble: boolean }> => {
  const passwords: Passwords = new Map();
  const step = stepOnce(ports, settings, passwords);
  const broken = new Map<string, string>();
  let movedMs = ports.clock.nowMs();
  for (;;) {
    const { open } = await loadBook(ports.verifications);
    const able = open.filter(
      ({ name, phase }) => !broken.has(name) && deadline.remainingMs() >= (NEEDS_MS[phase] ?? LAST_WORDS_MS),
    );
    if (able.length === 0 || ports.clock.nowMs() - movedMs >= PATIENCE_MS) return { open, trouble: broken.size > 0 };
    let moved = false;
    for (const record of able) {
      try {
        const one = await step(record);
        if (one.kind !== 'stepped') continue;
        moved = true;
        lines.push(stepSentence(one.decision));
        if (one.record.phase === 'over') counted(one.record, counts, lines, ports.clock.nowMs());
      } catch (error) {
        // One that cannot be stepped must not keep the others from being torn down.
        broken.set(record.name, errorText(error));
        lines.push(`Verification ${record.name} could not go on: ${errorText(error)}.`);
      }
    }
    if (moved) movedMs = ports.clock.nowMs();
    else await ports.clock.sleep(LOOK_MS);
  }
};

/** RDS, or somebody's deletion protection, holds it: it costs money, and only a person can help. */
const isStuck = ({ phase, phaseSinceMs }: Verification, nowMs: number): boolean =>
  phase === 'removing' && nowMs - phaseSinceMs >= STUCK_MS;

const counted = (record: Verification, counts: TickReport['counts'], lines: string[], nowMs: number): void => {
  counts.ended += 1;
  if (record.result === 'failed') counts.failed += 1;
  if (record.result === 'inconclusive') counts.inconclusive += 1;
  if (record.left !== undefined) counts.left += 1;
  lines.push(endSentence(record, nowMs));
};

/** What is under way and what ended lately, for a person. */
export const listVerifications = async ({ verifications, clock }: VerificationPorts) => {
  const book = await loadBook(verifications);
  const nowMs = clock.nowMs();
  return {
    open: book.open,
    recent: book.recent,
    strays: book.told,
    lines: [
      ...book.open.map((record) => openSentence(record, nowMs)),
      ...book.recent.map((one) => endedSentence(one, nowMs)),
    ],
  };
};
