// The databases run as another user when we are root: what they read must be reachable for that user.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from './engine-error.ts';

/** Refuses a place that another user can not reach because a directory above it is closed; `variable` moves the place. */
export const refuseClosedAncestors = (path: string, variable: string): void => {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) {
      throw new EngineError(
        `${above} is closed to the user that the databases run as: set ${variable} to a directory that every user can pass through.`,
      );
    }
  }
};
