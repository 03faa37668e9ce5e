import { type Fate, fateOf } from './fate.ts';

// What happens in the life of an estate, drawn from a seed before it begins: a value, so that a soak can be read and repeated.

export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

export interface Size {
  days: number;
  databases: number;
}

/** How the schedule delivers an hour. */
export type Delivery =
  | { kind: 'on-time' }
  | { kind: 'twice-at-once' }
  | { kind: 'twice'; afterMs: number }
  | { kind: 'late'; byMs: number }
  /** The function dies after so many calls; Lambda tries again a minute later. */
  | { kind: 'dies'; afterCalls: number }
  | { kind: 'lost' };

/** What somebody does to one database. */
export type Incident =
  | { kind: 'stop'; hours: number }
  | { kind: 'reboot' }
  | { kind: 'maintenance'; hours: number }
  | { kind: 'rename' }
  | { kind: 'recreate' }
  | { kind: 'garble'; hours: number }
  | { kind: 'deselect'; hours: number }
  | { kind: 'hold'; hours: number }
  | { kind: 'copy-by-hand' };

export interface Scenario extends Size {
  seed: number;
  startMs: number;
  fate: Fate;
  /** By hour from the start. */
  deliveryOf(hour: number): Delivery;
  incidentOf(hour: number, database: number): Incident | undefined;
  /** RDS answers nobody in these hours. */
  outage: { fromHour: number; hours: number };
  /** The quota has room for a few databases only. */
  squeeze: { fromHour: number; hours: number; room: number };
  /** The default policy is cut short. */
  shortenedAtHour: number;
  /** How long it takes until somebody confirms what the breaker stopped. */
  confirmedAfterHours: number;
  pause: { fromHour: number; hours: number };
  /** The region of the copies answers nobody. */
  copyOutage: { fromHour: number; hours: number };
}

/** Faults of the wire, as parts of all calls. */
export const RATES = { throttled: 0.02, failsAfterwards: 0.01, failsBefore: 0.005 } as const;
const BAD_STATES = 0.005;

/** The life of one estate. It begins in the middle of a night, six days before the end of a month (and, for a long one, of the year). */
export const scenarioOf = (seed: number, { days, databases }: Size): Scenario => {
  const fate = fateOf(seed);
  const hours = days * 24;
  const at = (part: number) => Math.floor(hours * part);
  return {
    seed,
    days,
    databases,
    fate,
    startMs: Date.parse('2026-12-26T02:00:00Z'),
    deliveryOf: (hour) => {
      const drawn = fate('delivery', hour);
      const much = fate('delivery, how much', hour);
      if (drawn < 0.04) return { kind: 'twice-at-once' };
      if (drawn < 0.08) return { kind: 'twice', afterMs: (1 + Math.floor(much * 50)) * MINUTE_MS };
      if (drawn < 0.12) return { kind: 'late', byMs: (1 + Math.floor(much * 45)) * MINUTE_MS };
      if (drawn < 0.14) return { kind: 'late', byMs: (61 + Math.floor(much * 100)) * MINUTE_MS };
      if (drawn < 0.17) return { kind: 'dies', afterCalls: 1 + Math.floor(much * databases * 2) };
      return drawn < 0.175 ? { kind: 'lost' } : { kind: 'on-time' };
    },
    incidentOf: (hour, database) => {
      // The last hours are quiet: what should have healed must have.
      if (hour < 2 || hour > hours - 12) return undefined;
      const drawn = fate('incident', hour, database);
      const much = 1 + Math.floor(fate('incident, how much', hour, database) * 4);
      if (drawn < BAD_STATES / 3) return { kind: 'stop', hours: much };
      if (drawn < (2 * BAD_STATES) / 3) return { kind: 'reboot' };
      if (drawn < BAD_STATES) return { kind: 'maintenance', hours: much };
      const other = drawn - BAD_STATES;
      if (other < 0.0004) return { kind: 'rename' };
      if (other < 0.0008) return { kind: 'recreate' };
      if (other < 0.0012) return { kind: 'garble', hours: much };
      if (other < 0.0016) return { kind: 'deselect', hours: much };
      if (other < 0.004) return { kind: 'hold', hours: much * 12 };
      return other < 0.0045 ? { kind: 'copy-by-hand' } : undefined;
    },
    outage: { fromHour: at(0.2), hours: 6 },
    squeeze: { fromHour: at(0.4), hours: 8, room: Math.max(2, Math.floor(databases / 5)) },
    shortenedAtHour: at(0.6),
    confirmedAfterHours: 5,
    pause: { fromHour: at(0.75), hours: 4 },
    copyOutage: { fromHour: at(0.5), hours: 5 },
  };
};
