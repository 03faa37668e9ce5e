// Starts the engines of a local AWS side by side, and puts each behind the gateway.
import { openGlobalTables } from './dynamodb/global-tables.ts';
import { startDynamoDb } from './engines/dynamodb.ts';
import { startMinistack } from './engines/ministack.ts';
import type { EngineName } from './engines/needs.ts';
import { startOpenSearch } from './engines/opensearch.ts';
import { type ProgressEvent, progressLine } from './engines/progress.ts';
import type { Run } from './engines/run.ts';
import type { Route } from './gateway/gateway.ts';
import type { Part } from './parts.ts';
import type { RdsWorld } from './rds/world.ts';

/** One line per step; fractions are for those who watch a single line. */
export const sayProgress = (event: ProgressEvent, say: (line: string) => void): void => {
  if (event.fraction === undefined || event.done) say(progressLine(event));
};

type Starting = {
  run: Run;
  engines: readonly EngineName[];
  routes: Map<string, Route>;
  parts: Part[];
  say: (line: string) => void;
  openRds(): Promise<RdsWorld>;
  isCut(from: string, to: string): boolean;
};

/** Starts the engines that were asked for, all at once; gives the RDS world when PostgreSQL is among them. */
export const startEngines = async ({
  run,
  engines,
  routes,
  parts,
  say,
  openRds,
  isCut,
}: Starting): Promise<RdsWorld | undefined> => {
  const progress = (event: ProgressEvent) => sayProgress(event, say);
  const wanted = (name: EngineName) => engines.includes(name);
  const started = await Promise.allSettled([
    wanted('postgres') ? openRds() : undefined,
    wanted('dynamodb') &&
      startDynamoDb(run, { progress }).then(({ endpoint, port, process }) => {
        routes.set('dynamodb', { local: openGlobalTables({ upstream: { host: '127.0.0.1', port }, isCut }) });
        parts.push({
          name: 'DynamoDB, Streams',
          engine: 'DynamoDB Local 3.1.0',
          kind: 'real',
          address: endpoint,
          pids: [process.pid],
        });
      }),
    wanted('opensearch') &&
      startOpenSearch(run, { progress }).then(({ endpoint, port, version, process }) => {
        // Without its security plugin it knows no Authorization: the signature ends here.
        const dropHeaders = ['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'];
        const route = { upstream: { host: '127.0.0.1', port, dropHeaders } };
        routes.set('es', route).set('aoss', route);
        parts.push({
          name: 'OpenSearch',
          engine: `OpenSearch ${version}`,
          kind: 'real',
          address: endpoint,
          pids: [process.pid],
        });
      }),
    wanted('ministack') &&
      // It verifies presigned addresses, and only those: with the secret that clients are told to use.
      startMinistack(run, { progress, env: { AWS_SECRET_ACCESS_KEY: 'local' } }).then(({ endpoint, port, process }) => {
        routes.set('*', { upstream: { host: '127.0.0.1', port, keepHost: true } });
        parts.push({
          name: 'S3, SQS, SNS, Secrets Manager, KMS, SSM, Logs, STS …',
          engine: 'ministack 1.5.33',
          kind: 'emulated',
          address: endpoint,
          pids: [process.pid],
        });
      }),
  ]);
  const failure = started.find((one) => one.status === 'rejected');
  const rds = started[0].status === 'fulfilled' ? started[0].value : undefined;
  if (!failure) return rds;
  await rds?.stop();
  throw failure.reason;
};
