import { BlockList } from 'node:net';

/** Who may open a connection: everybody, nobody, or these IPv4 ranges (`10.0.0.0/8`). */
export type Ingress = 'all' | 'none' | readonly string[];

/** VPC security groups by id, as far as a database's port is concerned. */
export type SecurityGroups = {
  has(id: string): boolean;
  /** Adds a group or replaces its rules; connections that are open stay (EC2 User Guide, security-group-connection-tracking). */
  set(id: string, ingress: Ingress): void;
  /** True if any of the groups lets this address in: rules only ever allow. */
  allows(ids: readonly string[], address: string): boolean;
  /** Calls back after every change of rules. */
  onChange(listener: () => void): void;
};

/** Groups to begin with. Throws on a range that isn't one. */
export const openSecurityGroups = (initial: Readonly<Record<string, Ingress>>): SecurityGroups => {
  const groups = new Map<string, (address: string) => boolean>();
  const listeners: (() => void)[] = [];
  const set = (id: string, ingress: Ingress): void => {
    groups.set(id, admission(ingress));
    for (const listener of listeners) listener();
  };
  for (const [id, ingress] of Object.entries(initial)) set(id, ingress);
  return {
    has: (id) => groups.has(id),
    set,
    allows: (ids, address) => ids.some((id) => groups.get(id)?.(address) ?? false),
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
};

const admission = (ingress: Ingress): ((address: string) => boolean) => {
  if (ingress === 'all') return () => true;
  if (ingress === 'none') return () => false;
  const ranges = new BlockList();
  for (const range of ingress) {
    const [network = '', prefix = '32'] = range.split('/');
    ranges.addSubnet(network, Number(prefix), 'ipv4');
  }
  return (address) => ranges.check(address, 'ipv4');
};
