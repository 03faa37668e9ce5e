import type { RegionState } from './types.ts';

/** More than any host here has: 1 TiB in pages of 8 kB. */
const NO_HOST_HAS_PAGES = 134_217_728;

/** Whether an engine starts with the parameters that the instance has from now on. */
export const engineStarts = (region: RegionState, parameterGroupName: string): boolean =>
  (region.parameterGroups.get(parameterGroupName)?.sharedBuffersPages ?? 0) < NO_HOST_HAS_PAGES;
