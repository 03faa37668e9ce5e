import { errorText } from '../../../shared/aws/errors.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { reconcilerPorts } from '../aws/compose.ts';
import { parseSignals } from '../core/signal.ts';
import { loop, staggerMs } from '../run/loop.ts';
import { pairsFor, policyOf } from '../run/settings.ts';

/** In the recovery region: every event is a hint to look, the minute tick is the truth. */
export const handler = lambda<unknown, { looked: string[] }>({
  function: 'reconciler',
  run: async (event, { config, logger, deadline }) => {
    const signals = parseSignals(event);
    say(logger, `Looking because of ${signals.map(({ kind }) => kind).join(', ')}.`, { signals });
    const portsOf = reconcilerPorts(config, (sentence, facts) => say(logger, sentence, facts, 'warn'));
    const isTick = signals.some(({ kind }) => kind === 'tick');
    const reports = await Promise.all(
      pairsFor(config, signals)
        .map((pair) => policyOf(config, pair))
        .map((policy, place) =>
          loop(portsOf(policy.kind), policy, {
            remainingMs: deadline.remainingMs,
            watchQuiet: isTick,
            delayMs: isTick ? staggerMs(place) : 0,
            said: ({ sentence, outcome, record }) =>
              say(logger, sentence, { outcome, phase: record.phase, epoch: record.epoch }),
            failed: (name, error) => say(logger, `Nothing was done for ${name}: ${errorText(error)}.`, {}, 'error'),
          }),
        ),
    );
    return { looked: reports.map((report) => report?.sentence ?? 'nothing was done: the record is out of reach') };
  },
});
