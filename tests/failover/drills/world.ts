import type { Part } from '../../../functions/failover/core/drills/drill.ts';
import { drillPair } from '../../../functions/failover/core/drills/drill.ts';
import {
  drillTags,
  mayTouch,
  REMOVAL_CONDITIONS,
  type RemovalCondition,
  type Sight,
} from '../../../functions/failover/core/drills/throw-away.ts';
import type { NamesReport } from '../../../functions/failover/core/evidence.ts';
import type { DrillPorts } from '../../../functions/failover/run/drills/ports.ts';
import { drillStep } from '../../../functions/failover/run/drills/step.ts';
import { memoryRecords } from '../simulation/memory-records.ts';
import { memoryDrills } from './memory-drills.ts';
import { askedBook, pairRecord, policy, production, START_MS, sight } from './samples.ts';

const LONGEST_MS = 6 * 3_600_000;

/** A person pulled the plug: this process ends here. */
export class Killed extends Error {}

/** An RDS, a zone and a table of plain values, in which everything that is done is written down. */
export const openDrillWorld = (options: { conditions?: readonly RemovalCondition[] } = {}) => {
  const conditions = options.conditions ?? REMOVAL_CONDITIONS;
  const world = {
    nowMs: START_MS,
    /** Every change of the world, in order. */
    calls: [] as string[],
    made: new Map<
      string,
      Sight & { bornMs: number; becomes?: { atMs: number; status: string } | undefined; isBroken?: boolean }
    >(),
    groups: new Set<string>(),
    names: { value: undefined, epochText: undefined } as NamesReport,
    snapshot: { id: 'rds:ledger-primary-1', atMs: START_MS - 3_600_000 } as { id: string; atMs: number } | undefined,
    /** Whether the engine starts in spite of the fault. */
    withstands: false,
    /** Whether the reconciler of the throw-away pair holds for ever. */
    holds: undefined as string | undefined,
    refuses: undefined as string | undefined,
    /** How long what was just made is not to be seen: RDS's answers lag behind its acts. */
    lagMs: 0,
    /** How long RDS takes to make an instance. */
    makeMs: 600_000,
    /** What everybody is asked, counted: the `dieAt`-th port call ends the process, before or after it. */
    asked: 0,
    dieAt: undefined as number | undefined,
    dieAfter: false,
    ports: {} as DrillPorts,
    run: async (): Promise<void> => {},
    step: () => drillStep(world.ports, () => policy),
    reconcile: async (): Promise<void> => {},
  };
  const key = (region: string, instance: string) => `${region}/${instance}`;
  for (const [role, one] of Object.entries(production))
    world.made.set(key(one.region, one.instance), {
      bornMs: 0,
      ...sight({ ...one, tags: {}, createdMs: 0, endpoint: { host: `${one.instance}.x`, port: 5432 } }),
      ...(role === 'candidate' && { source: one.instance }),
    });

  const settle = () => {
    for (const [name, one] of world.made) {
      if (one.becomes === undefined || world.nowMs < one.becomes.atMs) continue;
      if (one.becomes.status === 'gone') world.made.delete(name);
      else {
        one.status = one.becomes.status;
        one.createdMs ??= one.becomes.atMs;
        one.endpoint ??= { host: `${one.instance}.x.rds.amazonaws.com`, port: 5432 };
        one.becomes = undefined;
      }
    }
  };
  const at = (region: string, instance: string) => {
    settle();
    return world.made.get(key(region, instance));
  };
  const change = (drill: Parameters<DrillPorts['stage']['remove']>[0], part: Part) => {
    const seen = at(drill[part].region, drill[part].instance);
    if (seen === undefined) throw new Error('DBInstanceNotFound');
    const removal = mayTouch(seen, drill, part, conditions);
    if (!removal.may) throw new Error(removal.sentence);
    return seen;
  };
  const done = (call: string) => {
    if (world.refuses !== undefined && call.startsWith(world.refuses)) throw new Error('InstanceQuotaExceeded');
    world.calls.push(call);
  };
  let number = 0;
  const make = (part: Part, drill: Parameters<DrillPorts['stage']['remove']>[0], source?: string) => {
    const { instance, region } = drill[part];
    done(`${part === 'leader' ? 'restore' : 'replicate'} ${instance}`);
    if (at(region, instance) !== undefined) throw new Error('DBInstanceAlreadyExists');
    world.made.set(key(region, instance), {
      ...sight({ instance, region, resourceId: `db-MADE${++number}`, status: 'creating', tags: drillTags(drill) }),
      ...{ createdMs: undefined, endpoint: undefined, source },
      bornMs: world.nowMs,
      becomes: { atMs: world.nowMs + world.makeMs, status: 'available' },
    });
  };

  const records = memoryRecords();
  const plain: DrillPorts = {
    drills: memoryDrills(),
    records,
    stage: {
      find: async (region, instance) => {
        const one = at(region, instance);
        return one !== undefined && world.nowMs >= one.bornMs + world.lagMs ? structuredClone(one) : undefined;
      },
      findGroup: async (_region, name) => {
        return world.groups.has(name) ? { name } : undefined;
      },
      newestSnapshot: async () => world.snapshot,
      makeGroup: async (drill) => {
        done(`make-group ${drill.group.name}`);
        world.groups.add(drill.group.name);
      },
      restore: async (drill) => make('leader', drill),
      replicate: async (drill) => make('replica', drill, `arn:aws:rds:eu-west-1:1:db:${drill.leader.instance}`),
      takeOut: async (drill, fencedSecurityGroupId) => {
        const one = change(drill, 'leader');
        done(`take-out ${one.instance}`);
        one.securityGroups = [{ id: fencedSecurityGroupId, active: true }];
        one.parameterGroup = drill.group.name;
      },
      reboot: async (drill) => {
        const one = change(drill, 'leader');
        if (one.status !== 'available') throw new Error('InvalidDBInstanceState');
        done(`reboot ${one.instance}`);
        one.status = 'rebooting';
        one.isBroken = !world.withstands;
        one.becomes = {
          atMs: world.nowMs + 60_000,
          status: world.withstands ? 'available' : 'incompatible-parameters',
        };
      },
      remove: async (drill, part) => {
        const one = change(drill, part);
        done(`remove ${one.instance}`);
        one.status = 'deleting';
        one.becomes = { atMs: world.nowMs + 120_000, status: 'gone' };
      },
      removeGroup: async (drill) => {
        if ([...world.made.values()].some(({ parameterGroup }) => parameterGroup === drill.group.name))
          throw new Error('InvalidDBParameterGroupState');
        done(`remove-group ${drill.group.name}`);
        world.groups.delete(drill.group.name);
      },
    },
    names: {
      read: async () => ({ ...world.names }),
      swap: async (_zone, { deletes, creates }) => {
        done(`swap ${[...deletes.map(({ name }) => `-${name}`), ...creates.map(({ name }) => `+${name}`)].join(' ')}`);
        for (const { type } of deletes)
          if (type === 'CNAME') world.names.value = undefined;
          else world.names.epochText = undefined;
        for (const { type, value } of creates) {
          if (type !== 'CNAME') continue;
          if (world.names.value !== undefined) return { kind: 'conflict' };
          world.names.value = value;
        }
        return { kind: 'accepted' };
      },
    },
    clock: {
      now: () => world.nowMs,
      sleep: async (ms) => {
        world.nowMs += ms;
      },
    },
  };

  /** The machine under test is another one: here it looks, and fails over a minute after the engine is gone. */
  world.reconcile = async () => {
    const record = await records.load(drillPair('ledger'));
    const leader = record && at(record.leader.region, record.leader.instance);
    const replica = record && at(record.candidate.region, record.candidate.instance);
    if (record === undefined || record.phase === 'degraded') return;
    const save = (next: object) =>
      records.save({ ...record, ...next, version: record.version + 1, lastLookMs: world.nowMs }, record.version);
    if (leader?.status === 'available' && leader.securityGroups[0]?.id !== 'sg-fenced') {
      await save({
        lastWrite: { atMs: world.nowMs, lsn: '0/1' },
        leader: { ...record.leader, endpoint: leader.endpoint },
        candidate: { ...record.candidate, resourceId: replica?.resourceId, endpoint: replica?.endpoint },
      });
    } else if (world.holds !== undefined) {
      await save({
        phase: 'fencing',
        hold: { because: 'fence-unproven', sinceMs: world.nowMs, sentence: world.holds },
      });
    } else if (leader?.isBroken && replica?.status === 'available') {
      const nowMs = world.nowMs;
      world.calls.push(`fail-over ${replica.instance}`);
      replica.source = undefined;
      world.names = { value: replica.endpoint?.host, epochText: `epoch=4 leader=${replica.instance}` };
      await save({
        phase: 'degraded',
        epoch: record.epoch + 1,
        leader: { ...record.candidate },
        lossSeconds: 3,
        loss: { seconds: 3, bytes: 0 },
        passed: { suspect: nowMs - 90_000, promoting: nowMs - 60_000, verifying: nowMs - 20_000, degraded: nowMs },
      });
    }
  };

  // Every call of a port can be the last thing that this process does.
  const mortal = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, call]) => [
        name,
        async (...args: unknown[]) => {
          const mine = ++world.asked;
          if (mine === world.dieAt && !world.dieAfter) throw new Killed();
          const answer = await (call as (...args: unknown[]) => Promise<unknown>)(...args);
          if (mine === world.dieAt) throw new Killed();
          return answer;
        },
      ]),
    ) as Port;
  world.ports = {
    drills: mortal(plain.drills),
    stage: mortal(plain.stage),
    records: mortal({ load: plain.records.load, save: plain.records.save }),
    names: mortal(plain.names),
    clock: plain.clock,
  };

  /** Steps until the seat is empty, a process after the other. */
  world.run = async () => {
    const endMs = world.nowMs + LONGEST_MS;
    while (world.nowMs < endMs && (await plain.drills.load()).open !== undefined) {
      await world.step().catch(() => undefined);
      await world.reconcile();
      world.nowMs += 10_000;
    }
  };
  return {
    world,
    plain,
    set: (change: Partial<typeof world>): void => void Object.assign(world, change),
    begin: async () => {
      await records.save({ ...pairRecord(), version: 1 }, 0);
      await plain.drills.save(askedBook(), 0);
    },
    book: () => plain.drills.load(),
    receipts: () => plain.drills.receipts('ledger', 10),
    standing: () => {
      settle();
      return [...world.made.values()].map(({ instance }) => instance);
    },
  };
};
