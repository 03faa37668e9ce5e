import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFor, root } from '../build/bundle.ts';
import { parseConfig } from '../shared/config/load.ts';
import type { Config, PairConfig } from '../shared/config/schema.ts';

/** Engines of which this machine has real servers. */
export const ENGINES = ['postgres', 'mariadb'] as const;

export interface StageChange {
  engine: PairConfig['engine'];
  leased?: true | undefined;
  maxLossSeconds?: number | undefined;
}

const LEASE = { table: 'estate-leases', seconds: 3 };
/** The wait of a lease of 3 s, one step of a second, and half as much again for how late its last renewal may be seen. */
const MAX_LOSS_SECONDS = 60;

/** The same stage with every pair of this engine, on a lease, or with another bound on the loss: its config, checked, and its bundles beside that config, under `place`. */
export const changedStage = async (
  place: string,
  { engine, leased, maxLossSeconds }: StageChange,
): Promise<{ config: Config; codeRoot: string }> => {
  const written = JSON.parse(await readFile(join(root, 'dist', 'config.json'), 'utf8'));
  for (const pair of written.failover.pairs) {
    Object.assign(pair, { engine }, leased && { fence: 'lease', lease: LEASE, maxLossSeconds: MAX_LOSS_SECONDS });
    if (maxLossSeconds !== undefined) Object.assign(pair, { maxLossSeconds });
  }
  const config = parseConfig(written);
  // Another engine has another driver in its bundles.
  if (engine !== 'postgres') await buildFor(config, join(place, 'dist'));
  else {
    await cp(join(root, 'dist'), join(place, 'dist'), { recursive: true });
    await writeFile(join(place, 'dist', 'config.json'), JSON.stringify(config));
  }
  return { config, codeRoot: place };
};
