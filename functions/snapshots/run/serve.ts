import type { Settings } from '../core/policy.ts';
import { busySentence, overSentence } from '../core/remaining-sentences.ts';
import type { Deadline } from './act.ts';
import { continueSlot } from './continue.ts';
import type { Ports } from './ports.ts';
import { type Run, runSnapshots } from './run.ts';
import type { Asked } from './trigger.ts';

export interface Ran {
  run: Run;
  as: 'run' | 'dry-run' | 'part';
}

export interface Served {
  /** What was run, as it ended. */
  runs: readonly Ran[];
  /** What is to be said of messages that nothing was done about. */
  sentences: readonly string[];
  /** Messages that must come again. */
  again: readonly string[];
}

/** Does what the function is asked for. `clock` is the time as it goes by. */
export const serve =
  (ports: Ports, settings: Settings, deadline: Deadline, clock: () => number) =>
  async (asked: Asked): Promise<Served> => {
    if (asked.kind === 'run') {
      const run = await runSnapshots(ports, settings, deadline)({ ...asked.request, clock });
      return { runs: [{ run, as: asked.request.dryRun ? 'dry-run' : 'run' }], sentences: [], again: [] };
    }
    const runs: Ran[] = [];
    const sentences: string[] = [];
    const again: string[] = [];
    for (const { messageId, ...continuation } of asked.messages) {
      const continued = await continueSlot(ports, settings, deadline)(continuation, clock);
      if (continued.kind === 'run') runs.push({ run: continued.run, as: 'part' });
      else sentences.push((continued.kind === 'busy' ? busySentence : overSentence)(continued.slotMs));
      if (continued.kind === 'busy') again.push(messageId);
    }
    return { runs, sentences, again };
  };
