import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../build/bundle.ts';
import { parseConfig } from '../shared/config/load.ts';
import type { Config } from '../shared/config/schema.ts';

const LEASE = { table: 'estate-leases', seconds: 3 };
/** The wait of a lease of 3 s, one step of a second, and half as much again for how late its last renewal may be seen. */
const MAX_LOSS_SECONDS = 60;

/** The same stage with every pair on a lease: its config, checked, and its bundles beside that config, under `place`. */
export const leasedStage = async (place: string): Promise<{ config: Config; codeRoot: string }> => {
  const config = JSON.parse(await readFile(join(root, 'dist', 'config.json'), 'utf8'));
  for (const pair of config.failover.pairs) {
    Object.assign(pair, { fence: 'lease', lease: LEASE, maxLossSeconds: MAX_LOSS_SECONDS });
  }
  await cp(join(root, 'dist'), join(place, 'dist'), { recursive: true });
  await writeFile(join(place, 'dist', 'config.json'), JSON.stringify(config));
  return { config: parseConfig(config), codeRoot: place };
};
