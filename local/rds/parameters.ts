import type { RegionState } from './types.ts';

/** More than any host here has: 1 TiB. */
const NO_HOST_HAS_BYTES = 2 ** 40;

/** Whether an engine starts with the parameters that the instance has from now on. */
export const engineStarts = (region: RegionState, parameterGroupName: string): boolean =>
  (region.parameterGroups.get(parameterGroupName)?.memoryBytes ?? 0) < NO_HOST_HAS_BYTES;
