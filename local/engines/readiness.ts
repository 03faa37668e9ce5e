// When an engine counts as ready, and what its log said when it does not get there.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

/** What must be true before an engine counts as ready; all that are given must hold. */
export interface ReadyWhen {
  /** A line of its output matches. */
  line?: RegExp;
  /** A GET of this address is answered with success. */
  http?: string;
  /** A connection is accepted. */
  tcp?: { host: string; port: number };
}

const readLog = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** The last lines of a log, to be shown beside a sentence about a failure. */
export const logTail = (file: string, lines = 12): string =>
  readLog(file).trimEnd().split('\n').slice(-lines).join('\n');

const answersHttp = async (url: string) => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // refused, reset or slow: not ready yet
  }
};

/** Whether a TCP connection is accepted there within a second. */
export const acceptsTcp = (target: { host: string; port: number }): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ ...target, timeout: 1_000 });
    const end = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });

/** Whether everything asked of an engine holds now. */
export const isReady = async (when: ReadyWhen, logFile: string): Promise<boolean> => {
  if (
    when.line &&
    !readLog(logFile)
      .split('\n')
      .some((line) => when.line!.test(line))
  )
    return false;
  if (when.tcp && !(await acceptsTcp(when.tcp))) return false;
  return !when.http || (await answersHttp(when.http));
};

/** The port that an engine which chose it itself has announced in its log ("listening on 40123"). */
export const announcedPort = (logFile: string): number => {
  const port = Number(readLog(logFile).match(/^listening on (\d+)$/m)?.[1]);
  if (!port) throw new Error(`no port is announced in ${logFile}`);
  return port;
};
