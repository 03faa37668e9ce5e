import type { Mutant } from './mutant.ts';

// Failover of Aurora clusters: what RDS would refuse, who follows whom, and an old primary that is added back.

const wing = 'functions/failover';
const words = `${wing}/core/aurora.test.ts`;
const worlds = 'tests/failover/aurora-simulation.test.ts';
const ports = 'tests/failover/aurora.test.ts';

const mutants = (file: string, tests: readonly string[], list: readonly Omit<Mutant, 'file' | 'tests'>[]): Mutant[] =>
  list.map((mutant) => ({ ...mutant, file: `${wing}/${file}`, tests }));

export const aurora: readonly Mutant[] = [
  ...mutants(
    'core/gates.ts',
    [words, worlds],
    [
      {
        id: 'aurora-unfit',
        removes: 'that no epoch is used for a cluster which RDS would not let lead',
        find: '  if (candidate.unfit !== undefined) return candidate.unfit;\n',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'core/aurora.ts',
    [words],
    [
      {
        id: 'aurora-synchronised',
        removes: "that a member which has not the primary's volume yet follows nobody",
        find: 'part === undefined || part.isWriter || !part.isConnected',
        replace: 'part === undefined || part.isWriter',
      },
      {
        id: 'aurora-pending',
        removes: 'that such a member is neither available nor down',
        find: 'if (isResyncing(seen, global)) return PENDING_RESYNC;',
        replace: '',
      },
      {
        id: 'aurora-resync-told',
        removes: 'what would let a member lead that is not synchronised yet',
        find: '  if (isResyncing(seen, global))\n    return `',
        replace: '  if (false)\n    return `',
      },
      {
        id: 'aurora-under-way',
        removes: 'that a change of primary which is under way is seen on both',
        find: 'if (change && [change.to, change.from].includes(seen.arn)) return change.status;',
        replace: '',
      },
      {
        id: 'aurora-all-down',
        removes: 'that no engine runs only where every member says so',
        find: 'if (running.length === 0) return',
        replace: 'if (running.length < seen.members.length) return',
      },
      {
        id: 'aurora-cluster-word',
        removes: 'that a cluster which calls itself stopped may have a member that runs',
        find: "if (seen.status !== 'available' && !isEngineDown(seen.status))",
        replace: "if (seen.status !== 'available')",
      },
      {
        id: 'aurora-headless',
        removes: 'that a cluster without an instance cannot lead',
        find: 'if (members.length === 0)',
        replace: 'if (false)',
      },
      {
        id: 'aurora-available-member',
        removes: 'that a cluster needs an instance which is available',
        find: "if (!members.some(({ status }) => status === 'available'))",
        replace: 'if (false)',
      },
      {
        id: 'aurora-drift',
        removes: 'that the versions of a global database are equal',
        find: 'return global.engineVersion === engineVersion\n',
        replace: 'return true\n',
      },
      {
        id: 'aurora-engine',
        removes: 'that an engine which cannot do it is refused by name',
        find: 'if (!engines.includes(engine))',
        replace: 'if (false)',
      },
      {
        id: 'aurora-replica-of-replica',
        removes: 'that a replica of a replica is refused by name',
        find: "kind === 'aurora-replica' &&\n      leader.source !== undefined && {",
        replace: 'false && {',
      },
      {
        id: 'aurora-reader-endpoint',
        removes: "that a secondary is asked where it answers: its writer's endpoint leads nowhere",
        find: "kind === 'aurora-global' && source !== undefined ? seen.readerEndpoint : seen.endpoint",
        replace: 'seen.endpoint',
      },
    ],
  ),
  ...mutants(
    'core/readiness.ts',
    [`${wing}/core/readiness.test.ts`],
    [
      {
        id: 'aurora-ready-unfit',
        removes: 'that readiness tells before the day what RDS would refuse',
        find: 'if (one.unfit !== undefined) return blocked(',
        replace: 'if (false) return blocked(',
      },
    ],
  ),
  ...mutants(
    'core/retired.ts',
    [worlds],
    [
      {
        id: 'aurora-follower-shut',
        removes: 'that an old primary which follows is shut no longer',
        find: '    if (view.source !== undefined) return false;\n',
        replace: '',
      },
      {
        id: 'aurora-follower-saved',
        removes: 'that what follows has nothing to be saved, and is not stopped',
        find: 'isUp(one, view) && view?.source === undefined',
        replace: 'isUp(one, view)',
      },
    ],
  ),
  ...mutants(
    'core/rebuild.ts',
    [`${wing}/core/rebuild.test.ts`, worlds],
    [
      {
        id: 'aurora-own-place',
        removes: 'that a global database builds nothing under a new name',
        find: "if (policy.kind === 'aurora-global')",
        replace: 'if (false)',
      },
      {
        id: 'aurora-shut-standby',
        removes: 'that nobody is armed with a standby behind the empty security group',
        find: '  if (isShut(candidate, policy.fencedSecurityGroups[region]))',
        replace: '  if (false)',
      },
    ],
  ),
  ...mutants(
    'core/advance.ts',
    [`${wing}/core/rebuild.test.ts`, worlds],
    [
      {
        id: 'aurora-no-old-primary',
        removes: 'that an old primary which became the standby is none any more',
        find: 'withoutOld(record, candidate?.resourceId)',
        replace: 'record',
      },
      {
        id: 'aurora-receipt',
        removes: "that what Aurora did at the old primary's storage is on the receipt",
        find: '...storageOf(situation),',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'run/rebuild.ts',
    ['tests/failover/rebuild.test.ts'],
    [
      {
        id: 'aurora-half-built',
        removes: 'that a cluster which has no instance yet is half of what was ordered',
        find: 'isHalf(seen, leader) ? undefined : seen',
        replace: 'seen',
      },
    ],
  ),
  ...mutants(
    'run/take-back.ts',
    ['tests/failover/rebuild.test.ts', worlds],
    [
      {
        id: 'aurora-back-follows',
        removes: 'that an old primary is let in only once it follows',
        find: 'if (view.source === undefined || !isInstance(view.source, leader.instance))',
        replace: 'if (false)',
      },
      {
        id: 'aurora-back-only-followers',
        removes: 'that its guard is told to open the door of a follower alone',
        find: ', follower: true }',
        replace: ' }',
      },
    ],
  ),
  ...mutants(
    'run/guard.ts',
    ['tests/failover/guard.test.ts'],
    [
      {
        id: 'aurora-guard-follows',
        removes: 'that the guard looks once more whether it follows, right before it opens the door',
        find: 'if (view.source === undefined) throw',
        replace: 'if (false) throw',
      },
    ],
  ),
  ...mutants(
    'run/act.ts',
    [worlds],
    [
      {
        id: 'aurora-planned',
        removes: 'that a switchover is asked for as one',
        find: 'switchover !== undefined && (intents.promote?.attempts ?? 1) <= 3',
        replace: 'false',
      },
      {
        id: 'aurora-planned-for-ever',
        removes: 'that a switchover which Aurora refuses becomes a failover once everything is drained',
        find: '(intents.promote?.attempts ?? 1) <= 3',
        replace: 'true',
      },
    ],
  ),
  ...mutants(
    'aws/aurora-promotion.ts',
    [ports],
    [
      {
        id: 'aurora-call-planned',
        removes: 'that a planned change is SwitchoverGlobalCluster',
        find: '      planned\n',
        replace: '      false\n',
      },
      {
        id: 'aurora-call-loss',
        removes: 'that a disaster allows for loss: without it RDS waits for the lost primary',
        find: 'AllowDataLoss: true',
        replace: 'Switchover: true',
      },
    ],
  ),
  ...mutants(
    'aws/twin.ts',
    [ports],
    [
      {
        id: 'twin-marks',
        removes: 'that a mark of the old primary is not put on its twin',
        find: '!/^(aws:|rds:|mainstay:(?!snapshots(:|$)))/.test(Key)',
        replace: '!/^(aws:|rds:)/.test(Key)',
      },
      {
        id: 'twin-watched',
        removes: 'that a twin is watched as the old primary was',
        find: '  MonitoringInterval: old.MonitoringInterval,\n  MonitoringRoleArn: old.MonitoringRoleArn,\n',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'aws/aurora-old-primary.ts',
    [ports],
    [
      {
        id: 'aurora-salvage-identity',
        removes: 'that a snapshot under our name is of this very cluster',
        find: 'if (DBClusterSnapshots?.[0]?.DbClusterResourceId !== of.resourceId) throw error;',
        replace: '',
      },
    ],
  ),
  ...mutants(
    'aws/aurora-storage.ts',
    [ports],
    [
      {
        id: 'aurora-block-since',
        removes: 'that only what was said since the order counts',
        find: 'StartTime: new Date(sinceMs)',
        replace: 'StartTime: new Date(0)',
      },
    ],
  ),
];
