/** What to keep: grandfather, father, son. Every rule is a count above 0 or absent; rules are joined by OR. */
export interface Policy {
  keepLast?: number | undefined;
  keepHourly?: number | undefined;
  keepDaily?: number | undefined;
  keepWeekly?: number | undefined;
  keepMonthly?: number | undefined;
  keepYearly?: number | undefined;
  /** All that are younger than this, seen from the newest snapshot (not from now: a stopped schedule must not empty it). */
  keepWithinHours?: number | undefined;
}

/** The rules by the words that tags, sentences and tables use. */
export const RULES = {
  last: 'keepLast',
  hourly: 'keepHourly',
  daily: 'keepDaily',
  weekly: 'keepWeekly',
  monthly: 'keepMonthly',
  yearly: 'keepYearly',
  'within-hours': 'keepWithinHours',
} as const satisfies Record<string, keyof Policy>;
export type Rule = keyof typeof RULES;

/** The deployment's settings for this wing, all of them. */
export interface Settings {
  /** Who owns a snapshot: `mainstay-<stage>`. */
  stack: string;
  /** A database is selected when it carries this tag with a true value. */
  tagKey: string;
  prefix: string;
  expiry: 'plan' | 'armed';
  policy: Policy;
  minKeep: number;
  maxDeletionsPerRun: number;
  creationBrokenAfterHours: number;
  includeReplicas: boolean;
  /** Absent: what is left of a deleted database is kept for good. */
  orphanKeepDays?: number | undefined;
  failedKeepHours: number;
  /** Under a short quota: leave the freshest out and say so (`wait`), or let the oldest that only the policy keeps go (`evict-oldest`). */
  onQuota: 'wait' | 'evict-oldest';
  metricsPerDatabase: boolean;
  usdPerGibMonth: number;
  copies?: CopySettings | undefined;
  verification?: VerificationSettings | undefined;
}

/** Copies in the recovery region. */
export interface CopySettings {
  everyHours: number;
  policy: Policy;
  minKeep: number;
  kmsKeyId: string;
  encryptCopies: 'required' | 'as-source';
  optionGroups: Readonly<Record<string, string>>;
  maxInFlight: number;
}

export type Expectation = { equals: string | number | boolean } | { atLeast: number } | { rows: number };

export interface Check {
  /** A regular expression over database identifiers. */
  database: string;
  dbname: string;
  query: string;
  expect: Expectation;
}

/** Restores to throw-away databases. */
export interface VerificationSettings {
  everyHours: number;
  atOnce: number;
  maxMinutes: number;
  maxInstanceHoursPerDay: number;
  instanceClass?: string | undefined;
  subnetGroup: string;
  securityGroupIds: readonly string[];
  checks: readonly Check[];
}

/** The rules of a policy that keep anything, with their counts. */
export const activeRules = (policy: Policy): { rule: Rule; count: number }[] =>
  (Object.keys(RULES) as Rule[])
    .map((rule) => ({ rule, count: policy[RULES[rule]] ?? 0 }))
    .filter(({ count }) => count > 0);

/** What is wrong with a policy, or nothing. An empty one would delete everything, so it is refused. */
export const policyProblems = (policy: Policy): string[] => {
  const wrong = (Object.keys(RULES) as Rule[])
    .filter((rule) => {
      const count = policy[RULES[rule]];
      return count !== undefined && !(Number.isSafeInteger(count) && count >= 0);
    })
    .map((rule) => `${rule}=${policy[RULES[rule]]} is not a whole number of 0 or more`);
  return activeRules(policy).length === 0 && wrong.length === 0 ? ['it keeps nothing'] : wrong;
};

/** A policy in words: `24 hourly, 7 daily, all within 48 hours`. */
export const policyText = (policy: Policy): string =>
  activeRules(policy)
    .map(({ rule, count }) => (rule === 'within-hours' ? `all within ${count} hours` : `${count} ${rule}`))
    .join(', ') || 'nothing';

export type PolicyReading = { policy: Policy; problems: [] } | { policy?: never; problems: [string, ...string[]] };

/** Reads a policy as it stands in a tag: `hourly=24 daily=7 within-hours=48`. Every problem at once. */
export const readPolicy = (text: string): PolicyReading => {
  const policy: Policy = {};
  const problems: string[] = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [rule, value, ...more] = word.split('=');
    if (rule === undefined || !(rule in RULES) || more.length > 0) {
      problems.push(`"${word}" is none of ${Object.keys(RULES).join('=N, ')}=N`);
    } else if (policy[RULES[rule as Rule]] !== undefined) {
      problems.push(`${rule} is given twice`);
    } else if (!/^\d{1,6}$/.test(value ?? '')) {
      problems.push(`"${word}" needs a whole number of 0 or more`);
    } else {
      policy[RULES[rule as Rule]] = Number(value);
    }
  }
  if (problems.length === 0) problems.push(...policyProblems(policy));
  return problems.length === 0 ? { policy, problems: [] } : { problems: problems as [string, ...string[]] };
};
