import type { Command } from './command.ts';

/** Every command, in the order of the wings. */
export const commands: readonly Command[] = [];
