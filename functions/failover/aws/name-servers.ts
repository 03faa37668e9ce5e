import { Resolver } from 'node:dns/promises';

export interface NameServers {
  /** Asks these servers only, as `ip` or `ip:port`, when set: the local AWS's authoritative server. */
  only?: string | undefined;
  timeoutMs: number;
}

/** The CNAME that every authoritative server of a zone gives for a name; undefined while one differs or is silent. */
export const answerOfAll = async (
  servers: NameServers,
  hosts: readonly string[],
  name: string,
): Promise<string | undefined> => {
  const addresses = servers.only ? [servers.only] : (await Promise.all(hosts.map(addressesOf))).flat();
  if (addresses.length === 0) return undefined;
  const answers = await Promise.all(addresses.map((address) => cnameAt(address, name, servers.timeoutMs)));
  return new Set(answers).size === 1 ? answers[0] : undefined;
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
