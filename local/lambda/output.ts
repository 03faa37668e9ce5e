// What functions print: kept in a file by their environment, sent to their log group, and read for embedded metrics.
import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Clients } from './clients.ts';

const FLUSH_MS = 500;
const LARGEST_BATCH = 1_000;

export type LogShipper = {
  /** Queues one line; best effort: a log group that can not be written costs no invocation. */
  line(region: string, logGroup: string, logStream: string, message: string): void;
  stop(): Promise<void>;
};

type Stream = {
  region: string;
  group: string;
  stream: string;
  events: { timestamp: number; message: string }[];
  made: boolean;
};

/** Opens the way to CloudWatch Logs. */
export const openLogShipper = (clients: Clients): LogShipper => {
  const streams = new Map<string, Stream>();

  const make = async ({ region, group, stream }: Stream) => {
    // Usually both are there already, and that is the answer; a real trouble shows in the next call.
    const logs = clients.logs(region);
    await logs.send(new CreateLogGroupCommand({ logGroupName: group })).catch(() => {});
    await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream })).catch(() => {});
  };
  const flush = async () => {
    for (const stream of streams.values()) {
      if (stream.events.length === 0) continue;
      const logEvents = stream.events.splice(0, LARGEST_BATCH);
      try {
        if (!stream.made) await make(stream);
        stream.made = true;
        await clients
          .logs(stream.region)
          .send(new PutLogEventsCommand({ logGroupName: stream.group, logStreamName: stream.stream, logEvents }));
      } catch {
        // best effort: the lines are in the environment's file
      }
    }
  };
  let flushing: Promise<void> | undefined;
  const timer = setInterval(() => {
    flushing ??= flush().finally(() => {
      flushing = undefined;
    });
  }, FLUSH_MS);
  timer.unref();

  return {
    line: (region, group, stream, message) => {
      const key = `${region} ${group} ${stream}`;
      const known = streams.get(key) ?? { region, group, stream, events: [], made: false };
      streams.set(key, known);
      if (message !== '') known.events.push({ timestamp: Date.now(), message });
    },
    stop: async () => {
      clearInterval(timer);
      await flushing;
    },
  };
};
