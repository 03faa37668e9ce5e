import { applyCommand } from '../../../functions/failover/core/command.ts';
import { RULES, type Rules } from '../../../functions/failover/core/decide.ts';
import type { FailoverRecord } from '../../../functions/failover/core/record.ts';
import { loop } from '../../../functions/failover/run/loop.ts';
import type { LeaseStore, RecordStore } from '../../../functions/failover/run/ports.ts';
import type { ReconcilerPorts, StepReport } from '../../../functions/failover/run/reconcile.ts';
import { GROUP } from './database.ts';
import { judgeEnd } from './judge.ts';
import { judgeCourseEnd } from './judge-course.ts';
import { guardRun, judgeLease, judgeLeaseEnd } from './leases.ts';
import { memoryRecords } from './memory-records.ts';
import { openPorts } from './ports.ts';
import type { Person, Scenario } from './scenario.ts';
import { FAR, PRIMARY, START_MS, World } from './world.ts';

export interface Ended {
  world: World;
  record: FailoverRecord | undefined;
  reports: StepReport[];
}

/** What a test may take out of the house, to see that the simulation notices. */
export interface Planted {
  rules?: Rules;
  memory?: RecordStore;
  /** The lease store as the guard has it. */
  leases?: (leases: LeaseStore) => LeaseStore;
  ports?: (ports: ReconcilerPorts, world: World) => ReconcilerPorts;
}

const WORLD_MS = 480_000;
/** The reconciler's timeout (serverless.yml): longer than a minute, so that two ticks' runs overlap in an incident. */
export const TIMEOUT_MS = 120_000;
/** The world's own heartbeat: its facts move even when nobody looks. */
const BEAT_MS = 500;

/** Lives one world through to its end: a tick a minute, hints when RDS says something, a person, the faults. */
export const live = async (scenario: Scenario, planted: Planted = {}): Promise<Ended> => {
  const world = new World(scenario);
  const { ports, policy, memory, guards, leases } = openPorts(world, planted.memory ?? memoryRecords());
  const used = planted.ports?.(ports, world) ?? ports;
  const reports: StepReport[] = [];
  const invoke = (isHint = false) => {
    const endMs = world.now + TIMEOUT_MS;
    void loop(used, policy, {
      remainingMs: () => endMs - world.now,
      said: (report) => reports.push(report),
      failed: () => {},
      ...(isHint && { watchQuiet: false }),
      rules: planted.rules ?? RULES,
    });
  };
  const worldMs = scenario.worldMs ?? WORLD_MS;
  const at = (ms: number, run: () => void) => void world.time.sleep(START_MS + ms - world.now).then(run);
  const late = (minute: number, seconds: number | undefined) => (minute % 2 === 0 ? 0 : (seconds ?? 0));
  for (let minute = 0; minute * 60_000 < worldMs; minute += 1) {
    at(minute * 60_000 + late(minute, scenario.tickOffset) * 1000 + 1_000, () => invoke());
  }
  for (let minute = 0; minute * 60_000 < worldMs; minute += 1) {
    const second = late(minute, scenario.guardOffset);
    at(minute * 60_000 + second * 1000, () => {
      for (const guard of guards) guardRun(world, policy, guard, planted.leases?.(leases) ?? leases);
    });
  }
  for (const fault of scenario.faults) {
    for (let copy = 0; copy < scenario.hints; copy += 1)
      at(fault.atMs + scenario.hintDelayMs * (copy + 1), () => invoke(true));
  }
  for (const { verb, atMs } of [scenario.person ?? [], scenario.later ?? []].flat()) {
    at(atMs, () => void command(world, memory, verb));
  }
  const beat = () => {
    world.tick();
    judgeLease(world, policy);
  };
  await world.time.run(START_MS + worldMs, beat, BEAT_MS);
  const record = await memory.load('ledger');
  await judgeLeaseEnd(world, policy, record, leases);
  judgeEnd(world, record);
  judgeCourseEnd(world, record);
  return { world, record, reports };
};

const EVERYTHING = { loss: 'any', fence: true, cause: true, cooldown: true, divergence: true } as const;

const command = async (world: World, memory: RecordStore, verb: Person['verb']): Promise<void> => {
  const record = await memory.load('ledger');
  if (record === undefined) return;
  if (verb === 'delete') return clearAway(world, record);
  const replica = verb === 'replace' ? replaced(world, record) : undefined;
  if (verb === 'replace' && replica === undefined) return;
  const outcome = applyCommand(
    record,
    {
      verb: verb === 'replace' ? 'ack' : verb,
      by: 'alex',
      why: 'a look first',
      epoch: record.epoch,
      accepts: EVERYTHING,
      replica,
    },
    world.now,
  );
  if (outcome.kind === 'refused') return;
  if (verb === 'abort') world.vetoedAtMs = world.now;
  if (verb === 'switchover') world.switchoverAtMs = world.now;
  if (verb === 'force') world.forcedEpochs.add(record.epoch);
  if (verb === 'ack' || verb === 'replace') world.ackedAtMs = world.now;
  await memory.save(outcome.record, record.version);
};

/** Whoever led before, and nothing else, is deleted by hand: only where nobody needs it to build from. */
const clearAway = (world: World, { retired, standby, phase }: FailoverRecord): void => {
  if (phase !== 'healthy' && standby === undefined) return;
  for (const { resourceId } of retired) {
    const one = world.databases.find((other) => other.resourceId === resourceId);
    // One that a global database added back is nobody's to clear away.
    if (one === undefined || one.standby) continue;
    world.delete(one);
    world.deletedAtMs ??= world.now;
  }
};

/** The first primary is deleted, and a replica of who leads is made under its name. */
const replaced = (world: World, { phase }: FailoverRecord): string | undefined => {
  const old = world.find(PRIMARY);
  if (phase !== 'degraded' || old === world.leading || world.leading.region === FAR || world.leading.engine !== 'up')
    return undefined;
  if (old !== undefined) world.delete(old);
  world.deletedAtMs ??= world.now;
  world.build(PRIMARY, world.leading, [GROUP]);
  return PRIMARY.instance;
};
