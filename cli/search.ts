import type { Command } from './command.ts';
import { commands as backfill } from './search/backfill.ts';
import { commands as cutover } from './search/cutover.ts';
import { commands as drift } from './search/drift.ts';
import { commands as drop } from './search/drop.ts';
import { commands as logs } from './search/logs.ts';
import { commands as prepare } from './search/prepare.ts';
import { commands as query } from './search/query.ts';
import { commands as replay } from './search/replay.ts';
import { commands as status } from './search/status.ts';

/** Every `mainstay search …`. */
export const commands: Command[] = [
  ...query,
  ...status,
  ...prepare,
  ...backfill,
  ...drift,
  ...drop,
  ...cutover,
  ...replay,
  ...logs,
];
