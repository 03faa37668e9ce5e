import { Metrics } from '@aws-lambda-powertools/metrics';

/** Metrics of one function in CloudWatch's embedded metric format: a log line, no API call. Namespace `Mainstay`. */
export const openMetrics = (functionName: string): Metrics =>
  new Metrics({ namespace: 'Mainstay', serviceName: functionName });
