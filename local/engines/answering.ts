import { EngineError } from './engine-error.ts';
import type { EngineProcess } from './run.ts';

/** A server that recovers accepts TCP and refuses sessions: ready is when it answers `ask`. Throws EngineError when it does not get there. */
export const untilAnswering = async (
  { name, logFile }: { name: string; logFile: string },
  server: EngineProcess,
  timeoutMs: number,
  ask: () => Promise<unknown>,
): Promise<void> => {
  let hasEnded = false;
  void server.exited.then(() => {
    hasEnded = true;
  });
  for (const untilMs = Date.now() + timeoutMs; ; ) {
    try {
      await ask();
      return;
    } catch (error) {
      if (hasEnded || Date.now() > untilMs) {
        throw new EngineError(`${name} does not answer: ${(error as Error).message}; its log: ${logFile}`, {
          cause: error,
        });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
};
