/** An EventBridge envelope (docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html). `region` decides the bus. */
export type AwsEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** ISO 8601 to the second, as on AWS. */
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
};

/** The time of an event: ISO 8601 without milliseconds, from epoch milliseconds. */
export const eventTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
