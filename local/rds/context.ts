import type { Clock } from '../clock.ts';
import type { Zones } from '../dns/zone.ts';
import type { Announce } from './events.ts';
import type { Provision } from './provision.ts';
import { instanceNotFound, invalidInstanceState } from './refusal.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Durations, Instance, InstanceRef, RegionState } from './types.ts';

/** What actions and lifecycles work on. */
export type Context = {
  readonly account: string;
  readonly clock: Pick<Clock, 'now' | 'sleep' | 'at'>;
  readonly regions: ReadonlyMap<string, RegionState>;
  readonly durations: Durations;
  readonly assumptions: Assumptions;
  readonly announce: Announce;
  readonly securityGroups: SecurityGroups;
  readonly provision: Provision;
  readonly zones: Pick<Zones, 'publish'>;
  /** Runs what an action has set going. It may fail: `onFailure` says what that means, and the world reports it. */
  begin(task: () => Promise<void>, onFailure?: () => void): void;
};

/** Where AWS's pages leave open what happens: the answers this world gives, changeable at any time. */
export type Assumptions = {
  /** ModifyDBInstance puts new security groups on an instance in `failed`. */
  failedTakesSecurityGroups: boolean;
};

/** The instance of that name; refuses with DBInstanceNotFound. */
export const instanceOf = (region: RegionState, id: string): Instance => {
  const instance = region.instances.get(id.toLowerCase());
  if (instance === undefined) throw instanceNotFound(id);
  return instance;
};

/** The instance that a reference leads to, if it is still there. */
export const follow = (context: Context, ref: InstanceRef | undefined): Instance | undefined =>
  ref && context.regions.get(ref.region)?.instances.get(ref.id);

/** Most changes are possible in `available` only (User Guide, accessing-monitoring: status table). */
export const requireAvailable = (instance: Instance, doing: string): void => {
  if (instance.status !== 'available' || instance.isPromoting) {
    throw invalidInstanceState(
      `Cannot ${doing} because the database instance ${instance.id} is not currently in the available state.`,
    );
  }
};

/** PostgreSQL instances have a real server here; the others are records. */
export const hasServer = (instance: { settings: { engine: string } }): boolean =>
  instance.settings.engine === 'postgres';

const endpointTtlSeconds = 5;

/** Publishes the endpoint names of all instances that have a server. */
export const publishEndpoints = ({ regions, zones }: Context): void => {
  const instances = [...regions.values()].flatMap((region) => [...region.instances.values()]);
  zones.publish('rds.amazonaws.com.', [
    {
      name: 'rds.amazonaws.com.',
      type: 'SOA',
      ttlSeconds: 60,
      values: ['ns.rds.amazonaws.com. admin.rds.amazonaws.com. 1 7200 900 1209600 5'],
    },
    ...instances.flatMap(({ endpointName, host, createdAt }) =>
      host === undefined || createdAt === undefined
        ? []
        : [{ name: `${endpointName}.`, type: 'A' as const, ttlSeconds: endpointTtlSeconds, values: [host.address] }],
    ),
  ]);
};
