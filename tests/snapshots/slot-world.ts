import { HOUR_MS } from '../../functions/snapshots/core/calendar.ts';
import type { Settings } from '../../functions/snapshots/core/policy.ts';
import { OWN, slotOf } from '../../functions/snapshots/core/tags.ts';
import { type Continued, continueSlot } from '../../functions/snapshots/run/continue.ts';
import { type InMemoryRds, openInMemoryRds } from '../../functions/snapshots/run/in-memory.ts';
import type { Continuation, Ports } from '../../functions/snapshots/run/ports.ts';
import { type Run, runSnapshots } from '../../functions/snapshots/run/run.ts';
import { database, settings } from './samples.ts';

// One slot of an estate in memory, on a clock of its own, with invocations that end after so many steps, or die.

export const slot = Date.parse('2026-08-14T10:00:00Z');

/** A process that was killed: nothing of it goes on. */
export class Killed extends Error {
  constructor() {
    super('killed');
    this.name = 'Killed';
  }
}

export interface Limits {
  /** So many snapshots can be started before the time is over. */
  steps?: number;
  /** Dies at this port call, counted from 1, before or after it took effect. */
  dieAt?: { call: number; when: 'before' | 'after' };
}

export interface SlotWorld {
  rds: InMemoryRds;
  now: { ms: number };
  run(limits?: Limits, over?: Partial<Settings>): Promise<Run>;
  goOn(message: Continuation, limits?: Limits, over?: Partial<Settings>): Promise<Continued>;
  /** Delivers every message in the queue, and those that they bring, each when it is due. */
  drain(limits?: Limits, over?: Partial<Settings>): Promise<Continued[]>;
  /** How many snapshots each database has of the slot. */
  ofSlot(): Record<string, number>;
}

/** An estate of these databases, nothing snapshotted yet, at the beginning of the slot. */
export const openSlotWorld = (...ids: string[]): SlotWorld => {
  const rds = openInMemoryRds(10_000);
  rds.databases = ids.map((id) => database(id));
  const now = { ms: slot };
  const clock = () => now.ms;
  const within = <T>(
    { steps = 10_000, dieAt }: Limits,
    work: (ports: Ports, deadline: { remainingMs(): number }) => Promise<T>,
  ): Promise<T> => {
    let asked = 0;
    const deadline = { remainingMs: () => (asked++ < steps ? 900_000 : 0) };
    const mortal = dieAt && mortalPorts(rds.ports, dieAt);
    const working = work(mortal?.ports ?? rds.ports, deadline);
    return mortal ? Promise.race([working, mortal.death]) : working;
  };
  const world: SlotWorld = {
    rds,
    now,
    run: (limits = {}, over = {}) =>
      within(limits, (ports, deadline) =>
        runSnapshots(ports, { ...settings, ...over }, deadline)({ nowMs: slot, dryRun: false, clock }),
      ),
    goOn: (message, limits = {}, over = {}) =>
      within(limits, (ports, deadline) => continueSlot(ports, { ...settings, ...over }, deadline)(message, clock)),
    drain: async (limits = {}, over = {}) => {
      const ends: Continued[] = [];
      for (let message = rds.state.queue.shift(); message !== undefined; message = rds.state.queue.shift()) {
        now.ms += message.delaySeconds * 1000;
        ends.push(await world.goOn(message.continuation, limits, over));
        if (ends.length > 50) throw new Error('the slot is gone on with for ever');
      }
      return ends;
    },
    ofSlot: () => {
      const counts: Record<string, number> = Object.fromEntries(rds.databases.map(({ id }) => [id, 0]));
      for (const one of rds.snapshots) {
        if (slotOf(one) !== slot || !(OWN.stack in one.tags)) continue;
        const { id } = rds.databases.find(({ resourceId }) => resourceId === one.resourceId) ?? { id: '?' };
        counts[id] = (counts[id] ?? 0) + 1;
      }
      return counts;
    },
  };
  return world;
};

export const later = (world: SlotWorld, ms: number = HOUR_MS): void => {
  world.now.ms += ms;
};

/** The same ports, until the process dies: then nothing answers any more. */
const mortalPorts = (ports: Ports, { call, when }: NonNullable<Limits['dieAt']>) => {
  let calls = 0;
  let die: (error: Error) => void = () => {};
  const death = new Promise<never>((_, reject) => {
    die = reject;
  });
  const never = new Promise<never>(() => {});
  const wrap = <P extends object>(port: P): P =>
    new Proxy(port, {
      get: (target, key) => {
        const value = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...asked: unknown[]) => {
          calls += 1;
          if (calls > call || (calls === call && when === 'before')) {
            die(new Killed());
            return never;
          }
          const last = calls === call;
          const answer = await value.apply(target, asked);
          if (!last) return answer;
          die(new Killed());
          return never;
        };
      },
    });
  const wrapped: Ports = {
    ...ports,
    databases: wrap(ports.databases),
    snapshots: wrap(ports.snapshots),
    quotas: wrap(ports.quotas),
    keys: wrap(ports.keys),
    control: wrap(ports.control),
    remaining: wrap(ports.remaining),
    continuations: wrap(ports.continuations),
    reports: wrap(ports.reports),
  };
  return { ports: wrapped, death };
};
