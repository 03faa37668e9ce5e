import { paginateDescribeEvents } from '@aws-sdk/client-rds';
import type { StorageEvents } from '../run/ports.ts';
import { rdsClient } from './rds-client.ts';

// docs: USER_Events.Messages (Aurora), RDS-EVENT-0390 and 0391. DescribeEvents has no ids: the message is read.
const BLOCK = /^Attempt to block writes for DB cluster (\S+) in Region (\S+?) (succeeded|timed out)\.?$/;

/** What Aurora said of its attempt at the old primary's storage: an event of a DB instance, in either region. */
export const auroraStorage = (): StorageEvents => ({
  block: async (region, of, sinceMs) => {
    const client = rdsClient(region);
    const asked = { SourceType: 'db-instance' as const, StartTime: new Date(sinceMs) };
    let said: 'blocked' | 'timed-out' | 'not-told' = 'not-told';
    for await (const { Events = [] } of paginateDescribeEvents({ client }, asked)) {
      for (const { Message = '' } of Events) {
        const [, cluster, where, how] = BLOCK.exec(Message) ?? [];
        if (cluster === of.instance && where === of.region) said = how === 'succeeded' ? 'blocked' : 'timed-out';
      }
    }
    return said;
  },
});
