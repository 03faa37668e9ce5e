import type { Command } from './command.ts';
import { commands as forecast } from './snapshots/forecast.ts';
import { commands as hold } from './snapshots/hold.ts';
import { commands as orders } from './snapshots/orders.ts';
import { commands as plan } from './snapshots/plan.ts';
import { commands as restore } from './snapshots/restore.ts';
import { commands as status } from './snapshots/status.ts';
import { commands as verify } from './snapshots/verify.ts';

/** Every `mainstay snapshots …`. */
export const commands: Command[] = [...plan, ...status, ...forecast, ...restore, ...verify, ...orders, ...hold];
