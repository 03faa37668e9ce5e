import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../build/bundle.ts';
import type { LocalAws } from '../local/local-aws.ts';
import type { Config, PairConfig } from '../shared/config/schema.ts';

/** What a fault is inflicted on. */
export interface Theatre {
  aws: LocalAws;
  config: Config;
  pair: PairConfig;
  /** The record's phase at this moment. */
  phase(): Promise<string>;
  /** True once the drill is over: what runs beside it ends. */
  isOver(): boolean;
}

/** One thing that goes wrong. */
export interface Fault {
  name: string;
  what: string;
  /** A disaster must end with the name on the promoted replica; anything else without a promotion. */
  expect: 'failover' | 'hold';
  /** For a hold: how long the fault lasts before it is lifted. Seconds. */
  lastsSeconds: number;
  inflict(theatre: Theatre): Promise<void> | void;
  lift?(theatre: Theatre): Promise<void> | void;
  /** How the old primary comes back after a failover; its host returns unless said. */
  comesBack?(theatre: Theatre): Promise<void> | void;
  /** A planned change: not one acknowledged row may be missing. */
  losesNothing?: true;
  /** Lives without the rule that forwards events: every hint is lost. */
  withoutEvents?: true;
  /** A person went on without a fence: what the old primary takes until it is reached is counted, and not held against it. */
  unfenced?: true;
  /** On a pair that allows for so much loss, where the stage's own bound would rightly hold it. */
  maxLossSeconds?: number;
  /** How long the failover may take; three minutes unless said. */
  withinSeconds?: number;
  /** On a pair whose fence is a lease: a region that falls silent can be left. */
  leased?: true;
}

const primaryOf = ({ config, pair }: Theatre) => [config.regions.primary, pair.primary.instance] as const;
const replicaOf = ({ config, pair }: Theatre) => [config.regions.recovery, pair.replica.instance] as const;
/** Nobody outside reaches the primary's region, and nothing inside reaches out; its applications go on. */
const regionCut = (theatre: Theatre): void => {
  theatre.aws.faults.add({ kind: 'region-cut', region: theatre.config.regions.primary });
  theatre.aws.rds.admin.cutLink(...replicaOf(theatre));
};
const regionBack = (theatre: Theatre): void => {
  theatre.aws.faults.clear();
  theatre.aws.rds.admin.healLink(...replicaOf(theatre));
};
const hostLost = (theatre: Theatre): void => theatre.aws.rds.admin.hostLost(...primaryOf(theatre));

/** What a person types, until it is taken: an order is refused while it does not fit what the pair is in. */
const order = async ({ aws, config, pair }: Theatre, verb: string, ...words: string[]): Promise<void> => {
  const line = ['failover', verb, pair.name, '--stage', config.stage, '--epoch', '0', '--why', 'a drill', ...words];
  for (let tries = 1; ; tries += 1) {
    try {
      await promisify(execFile)(process.execPath, [join(root, 'cli', 'mainstay.ts'), ...line], {
        env: { ...process.env, ...aws.env() },
      });
      return;
    } catch (error) {
      if (tries === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
};

/** An API that answers 500 for a while. */
const outage = ({ aws }: Theatre, service: string, region: string | undefined, seconds: number): void => {
  const over = aws.faults.add({ kind: 'error-5xx', service, ...(region && { region }) });
  setTimeout(over, seconds * 1000);
};

/** Every RDS event of the primary's region comes twice more: at once, and 20 s late. */
const repeatEvents = ({ aws, isOver }: Theatre): void => {
  const { put } = aws.eventbridge;
  const seen = new Set<string>();
  aws.eventbridge.put = async (event) => {
    if (event.source === 'aws.rds' && !seen.has(event.id)) {
      seen.add(event.id);
      void put(event);
      setTimeout(() => isOver() || void put(event), 20_000);
    }
    return put(event);
  };
};

/** Kills the reconciler's process once in every phase that it comes to. */
const killInEveryPhase = async ({ aws, config, phase, isOver }: Theatre): Promise<void> => {
  const killed = new Set<string>();
  while (!isOver()) {
    const now = await phase().catch(() => '');
    if (now !== '' && now !== 'healthy' && !killed.has(now)) {
      killed.add(now);
      aws.lambda.admin.killExecution(`mainstay-${config.stage}-reconciler`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** Every fault of `npm run drill`, the harmless ones first. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'process-killed',
    what: 'kill -9 of the engine, which RDS heals',
    expect: 'hold',
    lastsSeconds: 25,
    inflict: (theatre) => theatre.aws.rds.admin.killProcess(...primaryOf(theatre)),
  },
  {
    name: 'frozen',
    what: 'the primary frozen (SIGSTOP) while RDS calls it available, then thawed',
    expect: 'hold',
    lastsSeconds: 60,
    inflict: (theatre) => theatre.aws.rds.admin.freeze(...primaryOf(theatre)),
    lift: (theatre) => theatre.aws.rds.admin.thaw(...primaryOf(theatre)),
  },
  {
    name: 'frozen-forced',
    what: 'the primary frozen for good while RDS calls it available; a person forces, it thaws after the promotion',
    expect: 'failover',
    unfenced: true,
    lastsSeconds: 0,
    inflict: async (theatre) => {
      theatre.aws.rds.admin.freeze(...primaryOf(theatre));
      while (!theatre.isOver() && (await theatre.phase()) !== 'confirming') {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      // Frozen, its sessions may thaw, and it may have taken commits that nobody saw: both are taken on as well.
      await order(theatre, 'force', '--accept', 'cause,fence,loss=any');
    },
    comesBack: (theatre) => theatre.aws.rds.admin.thaw(...primaryOf(theatre)),
  },
  {
    name: 'switchover',
    what: 'no fault: a person asks for the other one to lead',
    expect: 'failover',
    losesNothing: true,
    lastsSeconds: 0,
    inflict: (theatre) => order(theatre, 'switchover'),
    comesBack: () => {},
  },
  {
    name: 'link-cut',
    what: 'the link between primary and replica cut',
    expect: 'hold',
    lastsSeconds: 30,
    inflict: (theatre) => theatre.aws.rds.admin.cutLink(...replicaOf(theatre)),
    lift: (theatre) => theatre.aws.rds.admin.healLink(...replicaOf(theatre)),
  },
  {
    name: 'observer-cut',
    what: 'the recovery region cannot reach the primary region; the witness can',
    expect: 'hold',
    lastsSeconds: 30,
    inflict: ({ aws, config }) => {
      aws.faults.add({ kind: 'region-cut', region: config.regions.primary, from: config.regions.recovery });
    },
    lift: ({ aws }) => aws.faults.clear(),
  },
  {
    name: 'region-cut',
    what: 'the whole primary region cut off, its applications going on inside',
    expect: 'hold',
    lastsSeconds: 40,
    inflict: regionCut,
    lift: regionBack,
  },
  {
    name: 'recovery-lost-leased',
    what: 'the recovery region cut off from a pair with a lease: nobody may shut its leader out',
    expect: 'hold',
    leased: true,
    lastsSeconds: 30,
    inflict: (theatre) => {
      theatre.aws.faults.add({ kind: 'region-cut', region: theatre.config.regions.recovery });
      theatre.aws.rds.admin.cutLink(...replicaOf(theatre));
    },
    lift: regionBack,
  },
  {
    name: 'host-lost',
    what: 'the host lost; it returns writable after the failover',
    expect: 'failover',
    lastsSeconds: 0,
    inflict: hostLost,
  },
  {
    name: 'host-lost-events-lost',
    what: 'the host lost, and every RDS event with it',
    expect: 'failover',
    lastsSeconds: 0,
    withoutEvents: true,
    inflict: hostLost,
  },
  {
    name: 'host-lost-events-repeated',
    what: 'the host lost; every RDS event comes three times, once 20 s late',
    expect: 'failover',
    lastsSeconds: 0,
    inflict: (theatre) => {
      repeatEvents(theatre);
      hostLost(theatre);
    },
  },
  {
    name: 'host-lost-dns-outage',
    what: "the host lost, and Route 53's API down for 45 s",
    expect: 'failover',
    lastsSeconds: 0,
    inflict: (theatre) => {
      outage(theatre, 'route53', undefined, 45);
      hostLost(theatre);
    },
  },
  {
    name: 'host-lost-store-outage',
    what: 'the host lost, and the record table out of reach for 30 s',
    expect: 'failover',
    lastsSeconds: 0,
    inflict: (theatre) => {
      outage(theatre, 'dynamodb', theatre.config.regions.recovery, 30);
      hostLost(theatre);
    },
  },
  {
    name: 'host-lost-reconciler-killed',
    what: 'the host lost, and every run of the reconciler killed once in every phase; the pair allows for the minutes in which nobody looks',
    expect: 'failover',
    lastsSeconds: 0,
    maxLossSeconds: 150,
    withinSeconds: 420,
    inflict: (theatre) => {
      void killInEveryPhase(theatre);
      hostLost(theatre);
    },
  },
  {
    name: 'region-cut-leased',
    what: 'the whole primary region cut off from a pair with a lease, its applications going on inside; it comes back',
    expect: 'failover',
    leased: true,
    lastsSeconds: 0,
    inflict: regionCut,
    comesBack: regionBack,
  },
];
