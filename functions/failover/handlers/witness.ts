import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { guardOf } from '../aws/functions.ts';
import { witnessPair } from '../run/witness.ts';

type WitnessEvent = { kind: 'tick' } | { kind: 'observe'; pair: string; epoch: number };

/** In a third region: can the guard be reached from here, and what does it say? */
export const handler = lambda<WitnessEvent, unknown>({
  function: 'witness',
  run: async (event, { config, logger }) => {
    const ports = { ...guardOf(config), now: Date.now };
    if (event.kind === 'observe') return witnessPair(ports, event.pair, event.epoch);
    const seen = await Promise.all(config.failover.pairs.map(({ name }) => witnessPair(ports, name, 0)));
    say(logger, `The guard was asked about ${seen.length} pairs from a third region.`, { seen });
    return seen;
  },
});
