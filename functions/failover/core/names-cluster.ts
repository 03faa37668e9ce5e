import { sameHost } from './evidence.ts';

// A cluster has two names, its writer's and its readers', told apart by one label (docs: Aurora.Endpoints.Cluster and .Reader). A
// secondary of a global database is read from by the second alone, and goes on being so when it leads.

const WRITER = /^([^.]+)\.cluster-(?!ro-|custom-)/i;

/** The name that a cluster is read from by; of any other host that host. */
export const readersHostOf = (host: string): string => host.replace(WRITER, '$1.cluster-ro-');

/** Whether both lead to one instance, or to one cluster, by whichever of its two names. */
export const sameDatabase = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && sameHost(readersHostOf(one), readersHostOf(other));
