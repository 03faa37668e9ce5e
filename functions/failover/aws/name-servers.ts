import { Resolver } from 'node:dns/promises';

export interface NameServers {
  /** Asks these servers only, as `ip` or `ip:port`, when set: the local AWS's authoritative server. */
  only?: string | undefined;
  timeoutMs: number;
}

/**
 * The CNAME that every authoritative server gives for a name; undefined while one differs or is silent. Without `hosts`
 * the servers are those that DNS itself names for the closest zone around the name.
 */
export const answerOfAll = async (
  servers: NameServers,
  given: readonly string[] | undefined,
  name: string,
): Promise<string | undefined> => {
  const hosts = servers.only ? [] : (given ?? (await serversAround(name)));
  const addresses = servers.only ? [servers.only] : (await Promise.all(hosts.map(addressesOf))).flat();
  if (addresses.length === 0) return undefined;
  const answers = await Promise.all(addresses.map((address) => cnameAt(address, name, servers.timeoutMs)));
  return new Set(answers).size === 1 ? answers[0] : undefined;
};

/** The CNAME by the resolver of where this runs (a VPC's knows its private zones), or by another one; undefined where it has none. */
export const answerOfResolver = async (
  name: string,
  timeoutMs: number,
  other?: string,
): Promise<string | undefined> => {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  if (other) resolver.setServers([other]);
  try {
    return (await resolver.resolveCname(name))[0]?.toLowerCase();
  } catch (error) {
    // It answered that there is none. Anything else is no answer, and is thrown.
    if (['ENODATA', 'ENOTFOUND'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

/** The name servers of the zone that a name lies in: the first parent that has any. */
const serversAround = async (name: string): Promise<string[]> => {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  const labels = name.split('.');
  for (let from = 1; from < labels.length - 1; from += 1) {
    const found = await resolver.resolveNs(labels.slice(from).join('.')).catch(() => []);
    if (found.length > 0) return found;
  }
  return [];
};

const addressesOf = (host: string): Promise<string[]> => new Resolver({ timeout: 1_000, tries: 2 }).resolve4(host);

const cnameAt = async (address: string, name: string, timeoutMs: number): Promise<string | undefined> => {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([address]);
  try {
    return (await resolver.resolveCname(name))[0]?.toLowerCase();
  } catch {
    return undefined;
  }
};
