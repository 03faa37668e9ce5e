import { errorText } from '../../../shared/aws/errors.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { say } from '../../../shared/observability/logger.ts';
import { drillPorts } from '../aws/drills/compose.ts';
import { drillSentence, receiptSentence } from '../core/drills/sentences.ts';
import { drillTick } from '../run/drills/tick.ts';
import { pairNamed, policyOf } from '../run/settings.ts';

/** In the recovery region, every minute: the drill that is under way, if there is one, a step further. With a role that can touch throw-aways alone. */
export const handler = lambda<unknown, { said: string[] }>({
  function: 'drills',
  run: async (_event, { config, logger, deadline }) => {
    const said: string[] = [];
    const tell = (sentence: string, facts: object, level?: 'warn' | 'error') => {
      said.push(sentence);
      say(logger, sentence, facts, level);
    };
    const { drill, reconciler } = drillPorts(config, (sentence, facts) => tell(sentence, facts, 'warn'));
    await drillTick(drill, reconciler, {
      policyOf: (pair) => policyOf(config, pairNamed(config, pair)),
      remainingMs: deadline.remainingMs,
      said: (report) => tell(drillSentence(report.drill, report.row), { phase: report.drill.phase }),
      looked: ({ sentence, record }) => tell(sentence, { phase: record.phase, epoch: record.epoch }),
      ended: async (receipt) => {
        tell(receiptSentence(receipt), { receipt });
        if (receipt.result !== 'ok' || receipt.left !== undefined)
          await reconciler.announce.page(
            receipt.pair,
            `${receipt.pair}: drill ${receipt.result}`,
            receiptSentence(receipt),
          );
      },
      failed: (error) => tell(`The drill could not be stepped: ${errorText(error)}.`, {}, 'error'),
    });
    return { said };
  },
});
