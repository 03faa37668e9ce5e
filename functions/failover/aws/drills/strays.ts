import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { DRILL_TAGS } from '../../core/drills/throw-away.ts';
import type { ThrowAwaysSeen } from '../../run/readiness.ts';
import { rdsClient } from '../rds-client.ts';

/** Every instance of a region that carries a drill's tag, whichever drill's. */
export const taggedThrowAways: ThrowAwaysSeen = async (region) => {
  const client = rdsClient(region);
  const found: Awaited<ReturnType<ThrowAwaysSeen>> = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(new DescribeDBInstancesCommand({ Marker }));
    for (const { DBInstanceIdentifier: instance = '', TagList = [] } of page.DBInstances ?? []) {
      const tag = (key: string) => TagList.find(({ Key }) => Key === key)?.Value;
      const pair = tag(DRILL_TAGS.pair);
      if (pair !== undefined) found.push({ instance, pair, drill: tag(DRILL_TAGS.name) });
    }
    Marker = page.Marker;
  } while (Marker !== undefined);
  return found;
};
