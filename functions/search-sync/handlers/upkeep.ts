import { type BatchResponse, batchFailures } from '../../../shared/lambda/batch.ts';
import { lambda } from '../../../shared/lambda/handler.ts';
import { openUpkeep } from '../aws/upkeep-wiring.ts';
import { realPatience, targetOf } from '../aws/wiring.ts';
import { once } from '../run/once.ts';
import { recordUpkeep } from '../run/telemetry.ts';
import { runUpkeep } from '../run/upkeep.ts';

const upkeep = once(openUpkeep);

/** Long enough for a batch that was on its way: its window, and a second for the index to show it. */
const SETTLE_MS = 5_000;

/** One part of a backfill or of a comparison for as long as this invocation may last; a message to itself goes on from the cursor. */
export const handler = lambda<unknown, BatchResponse>({
  function: 'upkeep',
  run: async (event, { config, region, logger, metrics, deadline }) => {
    const { portsOf, continuations } = upkeep(config, region);
    const patience = realPatience(deadline.remainingMs);
    const done = await runUpkeep(event, {
      tables: config.search.tables,
      open: (table) => ({ ports: portsOf(table, patience), target: targetOf(table) }),
      continuations,
      judge: { repair: config.search.driftCheck?.repair ?? false, settleMs: SETTLE_MS },
    });
    for (const one of done) recordUpkeep({ logger, metrics }, one);
    return batchFailures([]);
  },
});
