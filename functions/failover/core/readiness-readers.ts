import { type Answer, isInstance, type ReaderSeen, reportOf, sameHost } from './evidence.ts';
import { readersHostOf } from './names-cluster.ts';
import { healthCheckOf, type ReadersReport } from './names-reader.ts';
import type { Policy, Target } from './policy.ts';
import { blocked, type Check, type Finding, ready, unknown, warning } from './readiness-finding.ts';
import type { FailoverRecord } from './record.ts';

/** What there is of the readers' name before the day. */
export interface ReadersFacts {
  policy: Policy;
  record: FailoverRecord;
  readers: Answer<ReadersReport>;
  /** The host of the pair's own replica, as RDS says it. */
  replicaHost?: string | undefined;
  /** What RDS says of those of `dns.readers`. */
  others?: readonly ReaderSeen[] | undefined;
}

/** The pair's own replica under the readers' name, and each of `dns.readers`; nothing where the config asks for no such name. */
export const checkReaders = (facts: ReadersFacts): Check[] => {
  const { reader, readers = [] } = facts.policy.names;
  if (reader === undefined) return [];
  return [
    { name: 'readers', ...own(facts, reader) },
    ...readers.map((one): Check => ({ name: `reader:${one.instance}`, ...further(facts, reader, one) })),
  ];
};

const own = ({ policy, record, readers, replicaHost }: ReadersFacts, reader: string): Finding => {
  const seen = reportOf(readers);
  if (seen === undefined) return unknown(`The readers' name ${reader}`, readers);
  const host = replicaHost ?? record.candidate.endpoint?.host;
  if (host === undefined)
    return { state: 'unknown', sentence: 'The replica was not seen yet.', fix: 'Let the reconciler look once.' };
  return recordOf(seen, { ...record.candidate, host, reader, ttlSeconds: policy.names.ttlSeconds }, blocked);
};

const NOT_ASKED = { kind: 'not-asked' } as const;

const further = (
  { policy, record, readers, others = [] }: ReadersFacts,
  reader: string,
  { instance, region }: Target,
): Finding => {
  const answer = others.find((one) => one.instance === instance)?.answer ?? NOT_ASKED;
  const view = reportOf(answer);
  if (view === undefined) return unknown(`RDS in ${region}`, answer);
  const out = `take its record out of ${reader} and the instance out of dns.readers`;
  if (view === 'gone') return warning(`RDS in ${region} knows no instance ${instance}.`, `Build it again, or ${out}.`);
  // One that follows the candidate follows the leader after a failover.
  const sources = [...new Set([record.leader.instance, record.candidate.instance])];
  if (!sources.some((source) => isInstance(view.source ?? '', source)))
    return warning(
      `${instance} replicates ${view.source ?? 'nothing'}, not ${sources.join(' or ')}: a failover takes it out of ${reader}.`,
      `Build it anew as a replica of ${record.leader.instance}, or ${out}.`,
    );
  const seen = reportOf(readers);
  if (seen === undefined) return unknown(`The readers' name ${reader}`, readers);
  const host = view.endpoint?.host;
  if (host === undefined)
    return {
      state: 'unknown',
      sentence: `${instance} has no endpoint yet: it is ${view.status}.`,
      fix: 'Look again when it is available.',
    };
  // A failover makes what is missing of it: until then nobody reads from it.
  return recordOf(seen, { instance, region, host, reader, ttlSeconds: policy.names.ttlSeconds }, warning);
};

interface Wanted extends Target {
  host: string;
  reader: string;
  ttlSeconds: number;
}

/** One reader's record: weighted, under its instance's name, to its endpoint, on its health check. */
const recordOf = (
  seen: ReadersReport,
  { instance, region, host, reader, ttlSeconds }: Wanted,
  missing: typeof blocked,
): Finding => {
  // A cluster is read from by its readers' name; of a replica cluster its own name is as good.
  const leadsThere = ({ value }: { value: string }) => sameHost(value, host) || sameHost(value, readersHostOf(host));
  const mine = seen.records.find(({ identifier }) => identifier === instance) ?? seen.records.find(leadsThere);
  const make = `Make a weighted CNAME of ${reader} to ${readersHostOf(host)}, with the identifier ${instance} and the health check mainstay-…-reader-${instance}.`;
  if (mine === undefined) return missing(`${reader} has no record of ${instance}.`, make);
  if (!leadsThere(mine))
    return blocked(
      `The record of ${instance} in ${reader} leads to ${mine.value}, not to ${readersHostOf(host)}.`,
      `Let it lead to ${readersHostOf(host)}.`,
    );
  if (mine.identifier === undefined || mine.weight === undefined)
    return blocked(`The record of ${reader} is no weighted one: no second reader fits beside it.`, make);
  const check = healthCheckOf(seen, instance);
  if (check === undefined)
    return missing(
      `There is no health check on the alarm of ${instance}.`,
      `Deploy the stack in ${region}: it makes it.`,
    );
  if (mine.healthCheckId !== check)
    return warning(
      `The record of ${instance} follows ${mine.healthCheckId === undefined ? 'no health check' : 'another health check'}: a dead reader would stay in ${reader}.`,
      `Give it the health check ${check}.`,
    );
  if (mine.identifier !== instance)
    return warning(
      `The record of ${instance} in ${reader} has the identifier ${mine.identifier}, not its instance's name.`,
      `Replace it by one with the identifier ${instance}.`,
    );
  return mine.ttlSeconds > ttlSeconds
    ? warning(
        `The record of ${instance} has a TTL of ${mine.ttlSeconds} s, and ${ttlSeconds} s are planned.`,
        `Set it to ${ttlSeconds} s now: an old TTL outlives the change.`,
      )
    : ready(`${reader} has ${instance}, on its health check, with a TTL of ${mine.ttlSeconds} s.`);
};
