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

/** In each region of a pair and its VPC: looks at the instance that leads there, beats its heart on the minute tick, fences it when told. */
export const handler = lambda<GuardEvent, unknown>({
  function: 'guard',
  run: async (event, { config, region }) => {
    const instances = { ...rdsInstances(region), ...rdsDoor(region) };
    const of = (name: string | undefined) => {
      const pair = pairNamed(config, name);
      const ports: GuardPorts = { region, instances, sql: primarySql(pair.login, region), now: Date.now };
      return [ports, policyOf(config, pair)] as const;
    };
    /** This region's instance by the config: what the tick is about, and an order of a release that knew no other. */
    const own = (name: string) => {
      const { primary, replica } = policyOf(config, pairNamed(config, name));
      return primary.region === region ? primary : replica;
    };
    switch (event.kind) {
      case 'observe':
        return observePrimary(...of(event.pair), event.target ?? own(event.pair), event.epoch);
      case 'fence':
        return fencePrimary(...of(event.pair), event);
      case 'quiesce':
        return quiescePrimary(...of(event.pair), event);
      case 'unfence':
        return unfencePrimary(...of(event.pair), event);
      default:
        return Promise.all(config.failover.pairs.map(({ name }) => observePrimary(...of(name), own(name), 0)));
    }
  },
});
