import { roleOf } from '../config/load.ts';
import type { Config, RegionRole } from '../config/schema.ts';

/** Thrown when code runs in an account or region that its config does not name. Nothing has been read or changed. */
export class WrongPlaceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongPlaceError';
  }
}

/** The role of this region, or a refusal: a config's account and regions are pinned, and nothing runs elsewhere. */
export const pinnedRole = (config: Config, account: string | undefined, region: string | undefined): RegionRole => {
  if (account !== config.account) {
    throw new WrongPlaceError(
      `refused: this is account ${account ?? 'unknown'}, and the config of stage ${config.stage} is for ${config.account}`,
    );
  }
  const role = region === undefined ? undefined : roleOf(config, region);
  if (role === undefined) {
    const { primary, recovery, witness } = config.regions;
    throw new WrongPlaceError(
      `refused: this is region ${region ?? 'unknown'}, and the config of stage ${config.stage} is for ${primary}, ${recovery} and ${witness}`,
    );
  }
  return role;
};
