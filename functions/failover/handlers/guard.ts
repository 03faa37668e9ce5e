import { lambda } from '../../../shared/lambda/handler.ts';
import { rdsDoor } from '../aws/door.ts';
import { rdsInstances } from '../aws/instances.ts';
import { primarySql } from '../aws/postgres.ts';
import {
  fencePrimary,
  type GuardEvent,
  type GuardPorts,
  observePrimary,
  quiescePrimary,
  unfencePrimary,
} from '../run/guard.ts';
import { pairNamed, policyOf } from '../run/settings.ts';

/** In the primary's region and VPC: looks at the primary, beats its heart on the minute tick, fences it when told. */
export const handler = lambda<GuardEvent, unknown>({
  function: 'guard',
  run: async (event, { config, region }) => {
    const instances = { ...rdsInstances(region), ...rdsDoor(region) };
    const of = (name: string | undefined) => {
      const pair = pairNamed(config, name);
      const ports: GuardPorts = { instances, sql: primarySql(pair.login, region), now: Date.now };
      return [ports, policyOf(config, pair)] as const;
    };
    switch (event.kind) {
      case 'observe':
        return observePrimary(...of(event.pair), event.epoch);
      case 'fence':
        return fencePrimary(...of(event.pair), event);
      case 'quiesce':
        return quiescePrimary(...of(event.pair), event);
      case 'unfence':
        return unfencePrimary(...of(event.pair), event);
      default:
        return Promise.all(config.failover.pairs.map(({ name }) => observePrimary(...of(name), 0)));
    }
  },
});
