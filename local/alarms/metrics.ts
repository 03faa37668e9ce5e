// Metrics by the minute, as CloudWatch keeps them, and the two ways in beside the services' own: PutMetricData and EMF.
import { gunzipSync } from 'node:zlib';
import type { AwsRequest } from '../gateway/service.ts';

export type Metric = { region: string; namespace: string; name: string; dimensions: Record<string, string> };
export type Statistic = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount';
export type Datum = Metric & { value: number; atMs?: number };

type Bucket = { sum: number; count: number; least: number; most: number };

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 2 * 1440;

const keyOf = ({ region, namespace, name, dimensions }: Metric) =>
  JSON.stringify([region, namespace, name, Object.entries(dimensions).sort()]);

/** Opens an empty store. Dimensions are part of a metric's identity: one that differs in any is another metric. */
export const openMetrics = (now: () => number) => {
  const series = new Map<string, Map<number, Bucket>>();
  return {
    put: (datum: Datum): void => {
      const minutes = series.get(keyOf(datum)) ?? new Map<number, Bucket>();
      series.set(keyOf(datum), minutes);
      const minute = Math.floor((datum.atMs ?? now()) / MINUTE_MS);
      const bucket = minutes.get(minute) ?? { sum: 0, count: 0, least: Infinity, most: -Infinity };
      bucket.sum += datum.value;
      bucket.count++;
      bucket.least = Math.min(bucket.least, datum.value);
      bucket.most = Math.max(bucket.most, datum.value);
      minutes.set(minute, bucket);
      if (minutes.size > KEPT_MINUTES) minutes.delete(minutes.keys().next().value!);
    },
    /** The statistic over [fromMs, toMs); undefined when nothing was recorded. */
    read: (metric: Metric, statistic: Statistic, fromMs: number, toMs: number): number | undefined => {
      const minutes = series.get(keyOf(metric));
      if (!minutes) return undefined;
      const found: Bucket[] = [];
      for (let minute = Math.floor(fromMs / MINUTE_MS); minute * MINUTE_MS < toMs; minute++) {
        const bucket = minutes.get(minute);
        if (bucket) found.push(bucket);
      }
      if (found.length === 0) return undefined;
      const sum = found.reduce((total, bucket) => total + bucket.sum, 0);
      const count = found.reduce((total, bucket) => total + bucket.count, 0);
      switch (statistic) {
        case 'Sum':
          return sum;
        case 'SampleCount':
          return count;
        case 'Average':
          return sum / count;
        case 'Minimum':
          return Math.min(...found.map(({ least }) => least));
        case 'Maximum':
          return Math.max(...found.map(({ most }) => most));
      }
    },
  };
};

type PutMetricData = {
  Namespace: string;
  MetricData?: {
    MetricName: string;
    Dimensions?: { Name: string; Value: string }[];
    Value?: number;
    Values?: number[];
    Timestamp?: number;
  }[];
};

/** The data of a PutMetricData request (JSON, gzipped when it is large). */
export const readPutMetricData = (request: Pick<AwsRequest, 'region' | 'headers' | 'body'>): Datum[] => {
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.body) : request.body;
  const { Namespace, MetricData = [] } = JSON.parse(body.toString('utf8')) as PutMetricData;
  return MetricData.flatMap((one) =>
    (one.Values ?? [one.Value ?? 0]).map((value) => ({
      region: request.region,
      namespace: Namespace,
      name: one.MetricName,
      dimensions: Object.fromEntries((one.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      value,
      ...(one.Timestamp === undefined ? {} : { atMs: one.Timestamp * 1000 }),
    })),
  );
};

type Emf = Record<string, unknown> & {
  _aws?: {
    CloudWatchMetrics?: { Namespace: string; Dimensions?: string[][]; Metrics?: { Name: string }[] }[];
  };
};

/**
 * The data embedded in a log line (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html);
 * empty for any other line. Time is left to the local clock, for functions run on wall time.
 */
export const readEmbeddedMetrics = (region: string, line: string): Datum[] => {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  let entry: Emf;
  try {
    entry = JSON.parse(line) as Emf;
  } catch {
    return []; // a line that only quotes one
  }
  return (entry._aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions = [[]], Metrics = [] }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name }) =>
        [entry[Name]].flat().map((value) => ({
          region,
          namespace: Namespace,
          name: Name,
          dimensions: Object.fromEntries(names.map((name) => [name, String(entry[name])])),
          value: Number(value),
        })),
      ),
    ),
  );
};
