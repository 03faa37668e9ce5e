// Engines that are Java libraries: their jars by Maven, our small launcher compiled beside them, together in the cache.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, inCache } from './cache.ts';
import { EngineError } from './engine-error.ts';
import { findJdk, type Jdk, noJdk } from './jdk.ts';
import type { Progress } from './progress.ts';
import { findCommand, runTool } from './tools.ts';

/** A Java engine: what Maven brings, the launcher in `local/engines/java/`, and the Java versions it runs on. */
export interface JavaEngine {
  name: string;
  title: string;
  version: string;
  groupId: string;
  artifactId: string;
  artifactVersion: string;
  launcher: string;
  fromJava: number;
  toJava?: number;
}

/** A fetched engine, ready to be started. */
export interface JavaInstallation {
  dir: string;
  java: string;
  classPath: string;
}

const sourceOf = (engine: JavaEngine) => fileURLToPath(new URL(`./java/${engine.launcher}.java`, import.meta.url));

const pomOf = ({ groupId, artifactId, artifactVersion }: JavaEngine) => `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>mainstay.local</groupId>
  <artifactId>engine</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${artifactVersion}</version></dependency>
  </dependencies>
</project>
`;

/** The engine's name in the cache. It changes with our launcher, so that an old one is never run by new code. */
const cacheName = (engine: JavaEngine) => {
  const content = createHash('sha256')
    .update(readFileSync(sourceOf(engine)))
    .update(pomOf(engine));
  return `${engine.name}-${engine.version}-${content.digest('hex').slice(0, 8)}`;
};

const jdkFor = (engine: JavaEngine): Jdk => {
  const jdk = findJdk(engine.fromJava, engine.toJava);
  if (!jdk) throw new EngineError(noJdk(engine.title, engine.fromJava));
  return jdk;
};

/** Why this engine can not be had here, in one sentence; undefined when it is there or can be fetched. */
export const missingJavaEngine = async (engine: JavaEngine): Promise<string | undefined> => {
  if (!findJdk(engine.fromJava, engine.toJava)) return noJdk(engine.title, engine.fromJava);
  if (cached(cacheName(engine)) || findCommand('mvn')) return undefined;
  return `${engine.title} is not in the cache yet and Maven, which fetches it, was not found: install Maven 3.6 or newer (e.g. the package maven).`;
};

/** The engine from the cache, fetched when it is not there. Asks nothing of any registry when it is. */
export const fetchJavaEngine = async (engine: JavaEngine, progress?: Progress): Promise<JavaInstallation> => {
  const jdk = jdkFor(engine);
  const dir = await inCache(cacheName(engine), (partial) => build(engine, jdk, partial, progress), {
    engine: engine.name,
    progress,
  });
  return {
    dir,
    java: join(jdk.home, 'bin', 'java'),
    classPath: [join(dir, 'classes'), join(dir, 'lib', '*')].join(delimiter),
  };
};

const build = async (engine: JavaEngine, jdk: Jdk, dir: string, progress?: Progress) => {
  const missing = await missingJavaEngine(engine);
  if (missing) throw new EngineError(missing);
  const lib = join(dir, 'lib');
  const classes = join(dir, 'classes');
  const pom = join(dir, 'pom.xml');
  mkdirSync(classes);
  writeFileSync(pom, pomOf(engine));
  progress?.({ engine: engine.name, step: `fetching ${engine.title} ${engine.version} by Maven` });
  let files = 0;
  await runTool(
    findCommand('mvn')!,
    ['-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`],
    {
      cwd: dir,
      env: { JAVA_HOME: jdk.home },
      failure: `${engine.title} is not in the cache and Maven could not fetch it: connect this machine to a network with a Maven repository once, and run this again.`,
      onLine: (line) => {
        const file = line.match(/Downloaded from \S+ \S*\/(\S+)/)?.[1];
        if (!file) return;
        files++;
        progress?.({ engine: engine.name, step: 'fetching', detail: `${files} files, ${file}` });
      },
    },
  );
  progress?.({ engine: engine.name, step: 'compiling its launcher' });
  await runTool(
    join(jdk.home, 'bin', 'javac'),
    [
      '--release',
      String(engine.fromJava),
      '-nowarn',
      '-proc:none',
      '-cp',
      join(lib, '*'),
      '-d',
      classes,
      sourceOf(engine),
    ],
    {
      failure: `${engine.title}'s launcher could not be compiled with the JDK in ${jdk.home}: set JAVA_HOME to another.`,
    },
  );
  rmSync(join(dir, 'target'), { recursive: true, force: true });
  progress?.({ engine: engine.name, step: 'ready', done: true, detail: `${readdirSync(lib).length} files` });
};
