// Reads a table's stream shard by shard, parents before children, as it is on the wire.
import type { Clients } from './clients.ts';

/** A stream record as GetRecords gives it, which is the form that functions see. */
export type StreamRecord = {
  eventID: string;
  eventName: string;
  eventVersion?: string;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime?: number; SizeBytes?: number } & Record<
    string,
    unknown
  >;
  userIdentity?: unknown;
};

export type Shard = { ShardId: string; ParentShardId?: string };

const STREAMS = 'DynamoDBStreams_20120810';

/** The table that a stream's ARN names. Its label is not looked at: a configured one may be older than the table. */
export const tableOf = (streamArn: string): string => /:table\/([^/]+)/.exec(streamArn)?.[1] ?? '';

/** The current stream of a table, or undefined as long as there is none. */
export const currentStream = async (
  clients: Clients,
  region: string,
  table: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const answer = await clients
    .wire(region, 'DynamoDB_20120810.DescribeTable', { TableName: table }, signal)
    .catch((error: Error) => {
      if (error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    });
  return (answer?.Table as { LatestStreamArn?: string } | undefined)?.LatestStreamArn;
};

/** All shards of a stream. */
export const listShards = async (
  clients: Clients,
  region: string,
  StreamArn: string,
  signal: AbortSignal,
): Promise<Shard[]> => {
  const shards: Shard[] = [];
  let ExclusiveStartShardId: string | undefined;
  do {
    const { StreamDescription } = (await clients.wire(
      region,
      `${STREAMS}.DescribeStream`,
      { StreamArn, ...(ExclusiveStartShardId ? { ExclusiveStartShardId } : {}) },
      signal,
    )) as { StreamDescription: { Shards?: Shard[]; LastEvaluatedShardId?: string } };
    shards.push(...(StreamDescription.Shards ?? []));
    ExclusiveStartShardId = StreamDescription.LastEvaluatedShardId;
  } while (ExclusiveStartShardId);
  return shards;
};

export type Position = { type: 'TRIM_HORIZON' | 'LATEST' } | { type: 'AFTER_SEQUENCE_NUMBER'; sequenceNumber: string };

/** A cursor at a position of a shard. */
export const openCursor = async (
  clients: Clients,
  region: string,
  { streamArn, shardId, position }: { streamArn: string; shardId: string; position: Position },
  signal: AbortSignal,
): Promise<string> => {
  const { ShardIterator } = await clients.wire(
    region,
    `${STREAMS}.GetShardIterator`,
    {
      StreamArn: streamArn,
      ShardId: shardId,
      ShardIteratorType: position.type,
      ...('sequenceNumber' in position ? { SequenceNumber: position.sequenceNumber } : {}),
    },
    signal,
  );
  return ShardIterator as string;
};

/** The records after a cursor, and the next one; undefined when the shard is closed and read to its end. */
export const readShard = async (
  clients: Clients,
  region: string,
  cursor: string,
  signal: AbortSignal,
): Promise<{ records: StreamRecord[]; next: string | undefined }> => {
  const answer = await clients.wire(region, `${STREAMS}.GetRecords`, { ShardIterator: cursor, Limit: 1000 }, signal);
  return {
    records: (answer.Records as StreamRecord[] | undefined) ?? [],
    next: answer.NextShardIterator as string | undefined,
  };
};
