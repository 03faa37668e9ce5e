import type { Command } from './command.ts';
import { commands as failover } from './failover.ts';
import { commands as objects } from './objects.ts';
import { commands as search } from './search.ts';
import { commands as snapshots } from './snapshots.ts';

/** Every command, in the order of the wings. */
export const commands: readonly Command[] = [...snapshots, ...failover, ...objects, ...search];
