import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Names } from '../run/ports.ts';

/** The metric that decides which record of a pair in mode `stop` is answered (its alarm: resources/failover-names.ts). */
export const STANDBY_METRIC = { namespace: 'Mainstay', name: 'NamesOnStandby' };

/**
 * Standby takes over primary, by a number in the recovery region's CloudWatch: neither Route 53's control plane nor the primary
 * region has a part in it. The number carries the order's own time: written late by a frozen worker it lies in the past, where
 * no alarm looks (docs: API_PutMetricData, Timestamp). Route 53 watches the alarm's data, so its state cannot be set instead.
 */
export const alarmFlip = (region: string, stage: string): Pick<Names, 'flip'> => {
  const client = new CloudWatchClient(
    clientConfig(region, { requestTimeoutMs: 3_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );
  return {
    flip: async ({ pair, standby, atMs }) => {
      const { namespace, name } = STANDBY_METRIC;
      await client.send(
        new PutMetricDataCommand({
          Namespace: namespace,
          MetricData: [
            {
              MetricName: name,
              Dimensions: [
                { Name: 'stage', Value: stage },
                { Name: 'pair', Value: pair },
              ],
              Timestamp: new Date(atMs),
              Value: standby ? 1 : 0,
            },
          ],
        }),
      );
    },
  };
};
