import type { Command } from './command.ts';
import { commands as failover } from './failover.ts';
import { commands as search } from './search.ts';

/** Every command, in the order of the wings. */
export const commands: readonly Command[] = [...failover, ...search];
