// The SDK clients with which the local Lambda service and the stack loader use the local AWS: through its own gateway.
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { callerToken } from '../gateway/scope.ts';

/** The account and address of a local AWS. */
export type Place = { endpoint: string; account: string };

type ClientClass<C> = new (config: Record<string, unknown>) => C;

/** Clients by region, each made once. */
export type Clients = {
  place: Place;
  s3(region: string): S3Client;
  sqs(region: string): SQSClient;
  sns(region: string): SNSClient;
  logs(region: string): CloudWatchLogsClient;
  dynamodb(region: string): DynamoDBClient;
  /** Calls a table or stream operation and gives the answer as it was on the wire: the form that Lambda events have. */
  wire(region: string, target: string, body: unknown, signal?: AbortSignal): Promise<Record<string, unknown>>;
  stop(): void;
};

/** Opens clients for a local AWS, as services of the region itself: a cut region still reaches its own. */
export const openClients = (place: Place): Clients => {
  const made = new Map<string, { destroy(): void }>();
  const once =
    <C extends { destroy(): void }>(type: ClientClass<C>) =>
    (region: string): C => {
      const key = `${type.name}.${region}`;
      const known = made.get(key) as C | undefined;
      if (known) return known;
      const client = new type({
        region,
        endpoint: place.endpoint,
        credentials: {
          accessKeyId: place.account,
          secretAccessKey: 'local',
          sessionToken: callerToken(region, 'service'),
        },
        forcePathStyle: true,
        maxAttempts: 3,
      });
      made.set(key, client);
      return client;
    };
  return {
    place,
    s3: once(S3Client as unknown as ClientClass<S3Client>),
    sqs: once(SQSClient as unknown as ClientClass<SQSClient>),
    sns: once(SNSClient as unknown as ClientClass<SNSClient>),
    logs: once(CloudWatchLogsClient as unknown as ClientClass<CloudWatchLogsClient>),
    dynamodb: once(DynamoDBClient as unknown as ClientClass<DynamoDBClient>),
    wire: async (region, target, body, signal) => {
      const response = await fetch(place.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': target,
          'x-amz-security-token': callerToken(region, 'service'),
          // The engines behind the gateway read the scope and check no signature.
          authorization: `AWS4-HMAC-SHA256 Credential=${place.account}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=local`,
        },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      if (response.ok) return answer;
      const code =
        String(answer.__type ?? response.status)
          .split('#')
          .pop() ?? '';
      throw Object.assign(new Error(String(answer.message ?? answer.Message ?? code)), { name: code });
    },
    stop: () => {
      for (const client of made.values()) client.destroy();
      made.clear();
    },
  };
};

/** The queue's URL on the local AWS, from its ARN. */
export const queueUrl = ({ endpoint }: Place, queueArn: string): string => {
  const [, , , , account, name] = queueArn.split(':');
  return `${endpoint}/${account}/${name}`;
};
