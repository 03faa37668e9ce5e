import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { guardOf } from '../aws/functions.ts';
import { recordClient, recordReader } from '../aws/record-read.ts';
import type { Target } from '../core/policy.ts';
import { firstAnswer } from '../run/records.ts';
import { pairNamed, policyOf, recordRegions, recordTable } from '../run/settings.ts';
import { leaderOf, reconcilerAgeMs, reconcilerSentence, witnessPair } from '../run/witness.ts';

type WitnessEvent = { kind: 'tick' } | { kind: 'observe'; pair: string; epoch: number; target?: Target };

/** In a third region: can the guard be reached from here, and what does it say? On the tick: does the reconciler still look? */
export const handler = lambda<WitnessEvent, unknown>({
  function: 'witness',
  run: async (event, { config, logger, metrics }) => {
    const ports = { ...guardOf(config), now: Date.now };
    if (event.kind === 'observe') {
      // A reconciler of the release before names no target: it knew one leader.
      const target = event.target ?? policyOf(config, pairNamed(config, event.pair)).primary;
      return witnessPair(ports, target, event.pair, event.epoch);
    }
    const pairs = config.failover.pairs.map(({ name }) => name);
    // In mrsc the loss of the recovery region leaves the record readable in another one.
    const readers = recordRegions(config, config.regions.witness).map((one) =>
      recordReader(recordTable(config), recordClient(one)),
    );
    const records = { load: (name: string) => firstAnswer(readers.map((one) => () => one.load(name))) };
    const [seen, ageMs] = await Promise.all([
      Promise.all(
        config.failover.pairs.map(async (pair) =>
          witnessPair(ports, await leaderOf(records, policyOf(config, pair)), pair.name, 0),
        ),
      ),
      reconcilerAgeMs(records, pairs, Date.now),
    ]);
    say(logger, `The guard was asked about ${seen.length} pairs from a third region.`, { seen });
    if (pairs.length === 0) return seen;
    say(logger, reconcilerSentence(ageMs), {}, ageMs === undefined ? 'warn' : 'info');
    metrics.addDimension('stage', config.stage);
    if (ageMs !== undefined) metrics.addMetric('ReconcilerAge', MetricUnit.Seconds, ageMs / 1000);
    return seen;
  },
});
