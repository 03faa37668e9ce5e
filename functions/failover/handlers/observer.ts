import { lambda } from '../../../shared/lambda/handler.ts';
import { replicaOf } from '../aws/engine-sql.ts';
import { answerOfResolver } from '../aws/name-servers.ts';
import { recordReader } from '../aws/reader-series.ts';
import { pairOf } from '../core/drills/drill.ts';
import { type ObserverEvent, observeReplica } from '../run/observer.ts';
import { pairNamed } from '../run/settings.ts';

/** In each region of a pair and its VPC: a replica's own view of itself, and its opening once it is promoted. */
export const handler = lambda<ObserverEvent, unknown>({
  function: 'observer',
  run: async (event, { config, region, metrics }) => {
    if (event.kind === 'resolve') return answerOfResolver(event.name, 2_000, process.env.MAINSTAY_DNS);
    const pair = pairNamed(config, pairOf(event.pair));
    const sql = replicaOf(pair, region);
    if (event.kind === 'open') return sql.open(event.at, pair.applicationRoles, Date.now(), event.epoch);
    const seen = observeReplica(sql, event.at, Date.now(), pair.applicationRoles, event.heard);
    return pair.dns.reader === undefined ? seen : recordReader(metrics, config.stage, event.at, seen);
  },
});
