// DynamoDB Local: AWS's own implementation for development, in memory, on loopback.
import { join } from 'node:path';
import { fetchJavaEngine, type JavaEngine, type JavaInstallation, missingJavaEngine } from './maven.ts';
import type { Progress } from './progress.ts';
import { announcedPort } from './readiness.ts';
import type { EngineProcess, Run } from './run.ts';

/** A running DynamoDB. */
export interface DynamoDb {
  endpoint: string;
  port: number;
  process: EngineProcess;
}

const DYNAMODB: JavaEngine = {
  name: 'dynamodb',
  title: 'DynamoDB Local',
  version: '3.1.0',
  groupId: 'software.amazon.dynamodb',
  artifactId: 'DynamoDBLocal',
  artifactVersion: '3.1.0',
  launcher: 'DynamoDbOnLoopback',
  fromJava: 17,
};

/** Why DynamoDB Local can not be had, in one sentence; undefined when it can. */
export const missingDynamoDb = (): Promise<string | undefined> => missingJavaEngine(DYNAMODB);

/** Fetches DynamoDB Local into the cache unless it is there. */
export const fetchDynamoDb = (progress?: Progress): Promise<JavaInstallation> => fetchJavaEngine(DYNAMODB, progress);

/** Starts DynamoDB Local. Without `sharedDb`, each access key and region has its own tables, as accounts have. */
export const startDynamoDb = async (
  run: Run,
  options: { sharedDb?: boolean; heapMb?: number; progress?: Progress } = {},
): Promise<DynamoDb> => {
  const { dir, java, classPath } = await fetchDynamoDb(options.progress);
  const cwd = await run.temp('dynamodb');
  const process = await run.spawn({
    name: 'dynamodb',
    command: java,
    args: [
      `-Xmx${options.heapMb ?? 512}m`,
      '-XX:+UseSerialGC', // one core's worth of threads, and memory goes back to the system
      `-Djava.library.path=${join(dir, 'lib')}`,
      `-Djava.io.tmpdir=${cwd}`,
      '-cp',
      classPath,
      'DynamoDbOnLoopback',
      '-inMemory',
      '-disableTelemetry',
      ...(options.sharedDb ? ['-sharedDb'] : []),
    ],
    cwd,
    readyWhen: { line: /^listening on \d+$/ },
    graceMs: 1_000,
  });
  const port = announcedPort(process.logFile);
  return { endpoint: `http://127.0.0.1:${port}`, port, process };
};
