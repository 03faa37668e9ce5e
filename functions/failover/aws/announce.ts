import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { clientConfig } from '../../../shared/aws/client-config.ts';
import type { Announce } from '../run/ports.ts';

/** LeaderChanged on the recovery region's default bus; a page is an event too, for a rule to carry to people, and a warning in the log. */
export const eventAnnounce = (region: string, warn: (sentence: string, facts: object) => void): Announce => {
  const client = new EventBridgeClient(
    clientConfig(region, { requestTimeoutMs: 3_000, connectionTimeoutMs: 1_500, maxAttempts: 2 }),
  );
  const put = async (DetailType: string, detail: object) => {
    const { FailedEntryCount } = await client.send(
      new PutEventsCommand({ Entries: [{ Source: 'mainstay.failover', DetailType, Detail: JSON.stringify(detail) }] }),
    );
    if (FailedEntryCount) throw new Error(`EventBridge took no ${DetailType}`);
  };
  return {
    leaderChanged: (change) => put('LeaderChanged', change),
    page: async (pair, subject, sentence) => {
      warn(sentence, { pair, subject });
      await put('FailoverPage', { pair, subject, sentence });
    },
  };
};
