import { type Answer, reportOf, sameHost } from './evidence.ts';
import { blocked, type Check, type Finding, ready, unknown, warning } from './readiness-finding.ts';
import { checkReaders, type ReadersFacts } from './readiness-readers.ts';

/** One record of the writer's name, as mode `stop` needs two of them. */
export interface WriterRecord {
  /** Of a failover routing policy: which of the two. */
  failover?: 'PRIMARY' | 'SECONDARY' | undefined;
  value: string;
  ttlSeconds: number;
  healthCheckId?: string | undefined;
}

/** What there must be in Route 53 before the day, beside what the writer's name says. */
export interface NamesFacts extends ReadersFacts {
  /** Undefined: Route 53 knows no such zone. */
  zone: Answer<{ name: string; isPrivate: boolean } | undefined>;
  /** Mode `stop`: the writer's records, and the health check on our alarm, if there is one. */
  standby: Answer<{ records: WriterRecord[]; healthCheckId: string | undefined }>;
}

const zone = ({ policy: { names }, zone: answer }: NamesFacts): Finding => {
  if (answer.kind !== 'ok') return unknown(`The zone ${names.zoneId}`, answer);
  const found = answer.report;
  if (found === undefined)
    return blocked(`Route 53 knows no zone ${names.zoneId} in this account.`, 'Name the zone that the writer lies in.');
  const root = found.name.toLowerCase().replace(/\.$/, '');
  const outside = [names.writer, names.reader].find((one) => one !== undefined && !one.endsWith(`.${root}`));
  if (outside !== undefined)
    return blocked(`${outside} does not lie in the zone ${root}.`, 'Name the zone that it lies in.');
  const said = names.zone ?? 'public';
  return found.isPrivate === (said === 'private')
    ? ready(`${root} is a ${said} zone of this account.`)
    : blocked(
        `${root} is a ${found.isPrivate ? 'private' : 'public'} zone, and the config says ${said}.`,
        `Set dns.zone: ${found.isPrivate ? 'private' : 'public'}, so that the right servers are asked.`,
      );
};

const standby = ({ policy, record, standby: answer, replicaHost }: NamesFacts): Finding => {
  const seen = reportOf(answer);
  const { writer, ttlSeconds } = policy.names;
  if (seen === undefined) return unknown(`The records of ${writer}`, answer);
  const [primary, secondary] = (['PRIMARY', 'SECONDARY'] as const).map((which) =>
    seen.records.find(({ failover }) => failover === which),
  );
  if (primary === undefined || secondary === undefined)
    return blocked(
      `${writer} has no two records of a failover routing policy: there is nothing to choose between.`,
      'Make a PRIMARY to the primary and a SECONDARY to the replica.',
    );
  if (seen.healthCheckId === undefined)
    return blocked('There is no health check on the alarm of the names.', 'Deploy the recovery stack: it makes it.');
  if (primary.healthCheckId !== seen.healthCheckId)
    return blocked(
      `The PRIMARY record of ${writer} does not follow our health check: nothing would move it.`,
      `Give it the health check ${seen.healthCheckId}.`,
    );
  if (secondary.healthCheckId !== undefined)
    return warning(
      `The SECONDARY record of ${writer} has a health check: in an outage Route 53 could take both for dead.`,
      'Take it off.',
    );
  // Which instance stands behind which record is the config's, whoever leads.
  const host = [record.leader, record.candidate].find(({ instance }) => instance === policy.replica.instance)?.endpoint;
  const expected = host?.host ?? replicaHost;
  if (expected !== undefined && !sameHost(secondary.value, expected))
    return blocked(`The SECONDARY record of ${writer} leads to ${secondary.value}.`, `Let it lead to ${expected}.`);
  const longest = Math.max(primary.ttlSeconds, secondary.ttlSeconds);
  return longest > ttlSeconds
    ? warning(
        `A record of ${writer} has a TTL of ${longest} s, and ${ttlSeconds} s are planned.`,
        `Set it to ${ttlSeconds} s.`,
      )
    : ready(`${writer} has both records, and our health check chooses between them.`);
};

/** The checks of names that the config asks for: the zone always, readers and standby records where there are to be any. */
export const checkNames = (facts: NamesFacts): Check[] => [
  { name: 'zone', ...zone(facts) },
  ...checkReaders(facts),
  ...(facts.policy.names.mode === 'stop' ? [{ name: 'standby-records' as const, ...standby(facts) }] : []),
];

/** What was told of a pair's readiness last. */
export interface ReadinessState {
  pair: string;
  version: number;
  atMs: number;
  blocked: string[];
}

/**
 * What to tell people after a look: all that stands in the way at once, when something stands in the way that did not before, and
 * that nothing does any more. `unknown` is not told by itself: it says nothing, and what is blocked stays so.
 */
export const readinessNews = (
  pair: string,
  before: ReadinessState | undefined,
  checks: readonly Check[],
  nowMs: number,
): { next: ReadinessState; subject?: string; sentence?: string } => {
  const isUnknown = (name: string) => checks.find((check) => check.name === name)?.state === 'unknown';
  const was = before?.blocked ?? [];
  // At the first look what could not be looked at is a problem, too: a permission that is missing, say.
  const blocking = checks.filter(({ state }) => state === 'blocked' || (before === undefined && state === 'unknown'));
  const blockedNow = [...blocking.map(({ name }) => name), ...was.filter(isUnknown)];
  const next = { pair, version: (before?.version ?? 0) + 1, atMs: nowMs, blocked: blockedNow };
  if (blockedNow.some((name) => !was.includes(name)))
    return {
      next,
      subject: `${pair}: not ready`,
      sentence: `A failover of ${pair} would be held or useless: ${blocking
        .map(({ sentence, fix }) => `${sentence}${fix === undefined ? '' : ` ${fix}`}`)
        .join(' ')}`,
    };
  if (was.length > 0 && blockedNow.length === 0)
    return {
      next,
      subject: `${pair}: ready again`,
      sentence: `Nothing stands in the way of a failover of ${pair} any more.`,
    };
  return { next };
};
