// Which Java there is. The engines' launchers are compiled here, so it takes a JDK and not only a runtime.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findCommand } from './tools.ts';

export interface Jdk {
  home: string;
  /** Feature version: 17, 21, 25. */
  version: number;
}

const JVM_DIRECTORIES = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines'];

const candidateHomes = (): string[] => {
  const onPath = findCommand('java');
  const installed = JVM_DIRECTORIES.filter(existsSync).flatMap((dir) =>
    readdirSync(dir)
      .sort()
      .flatMap((name) => [join(dir, name), join(dir, name, 'Contents', 'Home')]),
  );
  return [
    ...(process.env.JAVA_HOME ? [process.env.JAVA_HOME] : []),
    ...(onPath ? [dirname(dirname(realpathSync(onPath)))] : []),
    ...installed,
  ];
};

const jdkAt = (home: string): Jdk | undefined => {
  try {
    // Every JDK since 8 carries this file; JAVA_VERSION="17.0.15".
    const release = readFileSync(join(home, 'release'), 'utf8');
    const version = Number(release.match(/^JAVA_VERSION="(\d+)/m)?.[1]);
    return existsSync(join(home, 'bin', 'javac')) && version > 1 ? { home, version } : undefined;
  } catch {
    return undefined; // not a JDK
  }
};

/** The first JDK of at least `from` (and at most `to`): JAVA_HOME, then `java` in PATH, then the usual directories. */
export const findJdk = (from: number, to = Number.POSITIVE_INFINITY): Jdk | undefined =>
  candidateHomes()
    .map(jdkAt)
    .find((jdk) => jdk !== undefined && jdk.version >= from && jdk.version <= to);

/** One sentence for a machine without a fitting JDK. */
export const noJdk = (engine: string, from: number): string =>
  `${engine} needs Java and none that fits was found: install a JDK ${from} or newer with its compiler (e.g. openjdk-${from}-jdk-headless), or set JAVA_HOME to one.`;
