import { Resolver } from 'node:dns/promises';

/** Asks DNS as the deployment does: the VPC's resolver on AWS, the local AWS's server where MAINSTAY_DNS names one. */
export interface Names {
  /** The names that a CNAME chain goes through, the asked one first. */
  chain(host: string): Promise<string[]>;
  /** IPv4 addresses of a name. */
  addresses(host: string): Promise<string[]>;
}

const MAX_CHAIN = 8;

/** The resolver to ask; `timeoutMs` per try, two tries. */
export const openNames = (server = process.env.MAINSTAY_DNS, timeoutMs = 1_000): Names => {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (server) resolver.setServers([server]);
  const next = async (host: string): Promise<string | undefined> => {
    try {
      return (await resolver.resolveCname(host))[0]?.toLowerCase();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'ENODATA' || code === 'ENOTFOUND') return undefined;
      throw error;
    }
  };
  return {
    chain: async (host) => {
      const names = [host.toLowerCase()];
      for (let link = await next(host); link !== undefined; link = await next(link)) {
        if (names.length >= MAX_CHAIN) throw new Error(`${host} goes through more than ${MAX_CHAIN} names: a loop?`);
        names.push(link);
      }
      return names;
    },
    addresses: (host) => resolver.resolve4(host),
  };
};

/**
 * The RDS name that a host leads to: RDS certificates carry the endpoint's own name, so `verify-full` through a CNAME of
 * ours must check that one (docs: UsingWithRDS.SSL). Only a name of RDS is accepted; anything else is checked as it stands.
 */
export const certifiedName = (chain: readonly string[]): string =>
  chain.find((name) => /\.rds\.amazonaws\.com(\.cn)?$/.test(name)) ?? chain[0] ?? '';
