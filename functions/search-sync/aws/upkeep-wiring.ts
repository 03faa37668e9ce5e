import { SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Config, SearchTableConfig } from '../../../shared/config/schema.ts';
import type { ComparePorts } from '../run/comparison.ts';
import type { Patience } from '../run/ports.ts';
import type { Continuations, FillPorts } from '../run/upkeep-ports.ts';
import { dynamoDbComparisons } from './comparisons-table.ts';
import { openDeadLetters } from './dead-letter-wiring.ts';
import { dynamoDbScan } from './dynamodb-scan.ts';
import { fillQueueName, sqsContinuations } from './fill-queue.ts';
import { dynamoDbFills, fillsTableName } from './fills-table.ts';
import { openSearchCensus } from './opensearch-census.ts';
import { openWiring } from './wiring.ts';

/** Opens what backfills and comparisons need, once per process. */
export const openUpkeep = (config: Config, region: string) => {
  const wiring = openWiring(config, region);
  const fills = dynamoDbFills(wiring.dynamo, fillsTableName(config));
  const comparisons = dynamoDbComparisons(wiring.dynamo, fillsTableName(config));
  const census = openSearchCensus(wiring.http);
  const deadLetters = openDeadLetters(config, region);
  const sqs = new SQSClient({ ...clientConfig(region, { requestTimeoutMs: 5_000 }), useQueueUrlAsEndpoint: false });
  const continuations: Continuations = sqsContinuations(sqs, fillQueueName(config));
  return {
    ...wiring,
    fills,
    comparisons,
    continuations,
    portsOf: (
      table: SearchTableConfig,
      patience: Patience,
    ): FillPorts & ComparePorts & ReturnType<typeof wiring.portsOf> => ({
      ...wiring.portsOf(table, patience),
      scan: dynamoDbScan(wiring.dynamo, table.name, table.keys),
      fills,
      comparisons,
      census,
      deadLetters,
    }),
  };
};
