import type { Config } from '../../../shared/config/schema.ts';
import type { Settings } from '../core/policy.ts';

/** The wing's settings out of the deployment's config. */
export const settingsOf = ({ stage, snapshots }: Pick<Config, 'stage' | 'snapshots'>): Settings => ({
  ...snapshots,
  stack: `mainstay-${stage}`,
});
