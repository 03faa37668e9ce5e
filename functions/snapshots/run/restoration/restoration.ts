import { errorText } from '../../../../shared/aws/errors.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { Settings } from '../../core/policy.ts';
import { planRestoration, RESTORED_FROM, type RestorationPlan, restoredFrom } from '../../core/restoration/plan.ts';
import { chooseSnapshot, type Refusal, type RestorationWish } from '../../core/restoration/restoration.ts';
import { stepSentence } from '../../core/restoration/sentences.ts';
import { nextRestorationStep, type RestorationSeen, type RestorationStep } from '../../core/restoration/steps.ts';
import type { MakeAnswer, Restorations } from './ports.ts';

/** The plan of a wish, from what there is; one more look than the inventory: how the source stands in its network. */
export const prepareRestoration = async (
  inventory: Inventory,
  restorations: Pick<Restorations, 'placement'>,
  wish: RestorationWish,
  settings: Pick<Settings, 'stack' | 'tagKey'>,
  nowMs: number,
): Promise<RestorationPlan | Refusal> => {
  const choice = chooseSnapshot(inventory, wish, settings.stack, nowMs);
  if (choice.kind === 'refused') return choice;
  const { database } = choice;
  const placement = database && (await restorations.placement(database.kind, database.id));
  return planRestoration(choice, wish, placement, inventory, settings, nowMs);
};

export interface Watching {
  /** Says what is going on; the same thing once. */
  progress(sentence: string): void;
  /** Waits between two looks. */
  pause(): Promise<void>;
}

export type RestorationEnd = Extract<RestorationStep, { kind: 'done' | 'failed' }>;

/** Looks and asks that may go wrong in a row: a restoration takes up to hours, and nobody is hurt by another look. */
const MOST_SILENCES = 10;

/**
 * Carries a plan out: look, decide, do one thing, look again, until the database is there or cannot be. It holds no state:
 * begun again after an interruption anywhere, it goes on with what it finds.
 */
export const carryOutRestoration = async (
  plan: RestorationPlan,
  restorations: Restorations,
  { progress, pause }: Watching,
): Promise<RestorationEnd> => {
  let said = '';
  const say = (step: RestorationStep) => {
    const sentence = stepSentence(step, plan);
    if (sentence !== said) progress(sentence);
    said = sentence;
  };
  for (let silences = 0; ; ) {
    const step = await look(plan, restorations).then(
      (seen) => nextRestorationStep(plan, seen),
      (error) => ({ kind: 'silent', detail: errorText(error) }) as const,
    );
    if (step.kind === 'done' || step.kind === 'failed') return step;
    const answer =
      step.kind === 'silent'
        ? { kind: 'unknown' as const, detail: step.detail }
        : await act(step, plan, restorations, say);
    if (answer?.kind === 'refused') return { kind: 'failed', because: 'refused', on: plan.to, detail: answer.detail };
    // No answer is no evidence: it may have been done, and the next look tells. So with a name that is taken and not seen yet.
    const vain = answer?.kind === 'unknown' ? answer.detail : answer && `${answer.kind}, and not to be seen`;
    silences = answer === undefined || answer.kind === 'asked' ? 0 : silences + 1;
    if (silences === MOST_SILENCES) return { kind: 'failed', because: 'no-answer', on: plan.to, detail: vain ?? '' };
    await pause();
  }
};

const look = async (plan: RestorationPlan, restorations: Restorations): Promise<RestorationSeen> => {
  const { snapshot, encrypt, to, member } = plan;
  const database = await restorations.find(snapshot.kind, to);
  return {
    database,
    copy:
      database === undefined && encrypt?.by === 'copy'
        ? await restorations.findSnapshot('instance', encrypt.copyName)
        : undefined,
    member: member === undefined ? undefined : await restorations.find('instance', member),
  };
};

const act = async (
  step: RestorationStep,
  plan: RestorationPlan,
  restorations: Restorations,
  say: (step: RestorationStep) => void,
): Promise<MakeAnswer | undefined> => {
  say(step);
  const { snapshot, form, encrypt, instanceClass, subnetGroup, securityGroupIds, parameterGroup, tags, to } = plan;
  switch (step.kind) {
    case 'copy':
      return restorations.copyEncrypted({
        from: snapshot.id,
        name: step.copyName,
        keyId: step.keyId,
        // Without our stack's tag it is nobody's to expire but yours.
        tags: { [RESTORED_FROM]: restoredFrom(snapshot) },
      });
    case 'restore': {
      const keyId = encrypt?.by === 'restore' ? encrypt.keyId : undefined;
      return restorations.restore({
        ...{ form, name: to, from: step.from, keyId },
        ...{ instanceClass, subnetGroup, securityGroupIds, parameterGroup, tags },
      });
    }
    case 'add-member':
      return restorations.addMember({
        name: step.member,
        cluster: to,
        engine: step.engine,
        instanceClass: instanceClass ?? '',
        tags,
      });
    default:
      return undefined;
  }
};
