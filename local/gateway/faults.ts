// Faults on demand: what goes wrong at the gateway, for whom, how often. Seeded, so that a failing run can be repeated.

export const FAULT_KINDS = [
  'throttle',
  'error-5xx',
  'timeout-before',
  'timeout-after',
  'region-cut',
  'latency',
  // DynamoDB: what its local engines never do.
  'transaction-conflict',
  'throughput-exceeded',
  'unprocessed',
  // SQS: what ministack never does.
  'sqs-duplicate',
  'sqs-shuffle',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

// A long poll asks before there is anything to duplicate.
const ON_ANSWER = new Set<FaultKind>(['sqs-duplicate', 'sqs-shuffle']);

/** Operations that a special fault can be about; the plain ones strike any. */
const ABOUT: Partial<Record<FaultKind, RegExp>> = {
  'transaction-conflict': /^(Transact(Write|Get)Items|(Put|Update|Delete)Item)$/,
  unprocessed: /^Batch(Write|Get)Item$/,
  'sqs-duplicate': /^ReceiveMessage$/,
  'sqs-shuffle': /^ReceiveMessage$/,
};

/** One fault. What is not given matches everything; without `times` it lasts until it is cleared. */
export type FaultRule = {
  kind: FaultKind;
  service?: string;
  region?: string;
  /** For `region-cut`: only between `region` and this one; from all others unless said. */
  from?: string;
  operation?: string;
  times?: number;
  /** 0 to 1; 1 unless said. */
  probability?: number;
  seed?: number;
  /** For `latency`: how much; for timeouts and cuts: how long the caller hangs before the connection drops (0 unless said). */
  latencyMs?: number;
};

/** A rule that waits, with how often it has struck. */
export type ActiveFault = FaultRule & { id: number; struck: number };

type Target = { service: string; region: string; callerRegion?: string };

export interface Faults {
  /** Adds a rule; throws one sentence naming every problem of a bad one. Returns its removal. */
  add(rule: FaultRule): () => void;
  clear(): void;
  list(): ActiveFault[];
  /** Whether some rule may concern this request: only then does the gateway read its body. */
  mayStrike(target: Target): boolean;
  /** The faults that strike this request, or its answer, now; each match is counted. */
  strike(target: Target, operation: string, phase?: 'request' | 'answer'): ActiveFault[];
  /** Whether traffic between the two regions is cut. An outside client has no region of its own. */
  isCut(from: string | undefined, to: string): boolean;
}

/** Opens an empty book of faults. */
export const openFaults = (): Faults => {
  let rules: (ActiveFault & { random: () => number })[] = [];
  let ids = 0;

  const cuts = (rule: FaultRule, one: string | undefined, other: string | undefined) =>
    rule.kind === 'region-cut' &&
    one !== other &&
    ((rule.region === one && (rule.from === undefined || rule.from === other)) ||
      (rule.region === other && (rule.from === undefined || rule.from === one)));
  const isCut = (from: string | undefined, to: string) => rules.some((rule) => cuts(rule, from, to));

  const concerns = (rule: ActiveFault, target: Target) =>
    rule.kind === 'region-cut'
      ? cuts(rule, target.callerRegion, target.region)
      : (rule.service === undefined || rule.service === target.service) &&
        (rule.region === undefined || rule.region === target.region);

  return {
    add: (given) => {
      const problems = faultProblems(given);
      if (problems.length > 0) throw new Error(`This fault can not be set: ${problems.join('; ')}.`);
      const rule = { ...given, id: ++ids, struck: 0, random: randomFrom(given.seed ?? ids) };
      rules.push(rule);
      return () => {
        rules = rules.filter((other) => other !== rule);
      };
    },
    clear: () => {
      rules = [];
    },
    list: () => rules.map(({ random: _, ...rule }) => ({ ...rule })),
    mayStrike: (target) => rules.length > 0 && rules.some((rule) => concerns(rule, target)),
    strike: (target, operation, phase = 'request') => {
      const struck = rules.filter(
        (rule) =>
          ON_ANSWER.has(rule.kind) === (phase === 'answer') &&
          concerns(rule, target) &&
          (ABOUT[rule.kind]?.test(operation) ?? true) &&
          (rule.operation === undefined || rule.operation === operation) &&
          (rule.probability === undefined || rule.random() < rule.probability),
      );
      for (const rule of struck) rule.struck++;
      rules = rules.filter((rule) => rule.times === undefined || rule.struck < rule.times);
      return struck;
    },
    isCut,
  };
};

/** Everything that is wrong with a rule, as phrases; empty when it is good. */
export const faultProblems = (rule: FaultRule): string[] => {
  const problems: string[] = [];
  if (!FAULT_KINDS.includes(rule.kind))
    problems.push(`kind must be one of ${FAULT_KINDS.join(', ')}, not ${rule.kind}`);
  if (rule.kind === 'region-cut' && !rule.region) problems.push('region-cut needs a region');
  if (rule.from !== undefined && rule.kind !== 'region-cut') problems.push('from is for region-cut only');
  if (rule.kind === 'latency' && !(rule.latencyMs !== undefined && rule.latencyMs > 0))
    problems.push('latency needs latencyMs above 0');
  if (rule.times !== undefined && !(Number.isInteger(rule.times) && rule.times > 0))
    problems.push('times must be a whole number above 0');
  if (rule.probability !== undefined && !(rule.probability >= 0 && rule.probability <= 1))
    problems.push('probability must be between 0 and 1');
  return problems;
};

/** A small seeded generator of numbers in [0, 1) (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
