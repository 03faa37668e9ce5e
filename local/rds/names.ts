// Identifiers, ARNs and resource ids. User Guide: Naming constraints (CHAP_Limits), USER_Tagging.ARN.
import { invalidValue } from './refusal.ts';

/** The longest identifier of an instance or a cluster (API reference, CreateDBInstance, CreateDBCluster). */
export const longestDatabase = 63;

/** What an RDS ARN of this world can name. */
export type ArnKind = 'db' | 'snapshot' | 'cluster' | 'cluster-snapshot' | 'es';

/** The identifier as RDS stores it (lower case), or the refusal that names the parameter. */
export const checkIdentifier = (parameter: string, value: string, most: number): string => {
  const isWellFormed = /^[A-Za-z][A-Za-z0-9-]*$/.test(value) && !value.endsWith('-') && !value.includes('--');
  if (!isWellFormed || value.length > most) {
    throw invalidValue(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens. At most ${most} characters.`,
    );
  }
  return value.toLowerCase();
};

/** `arn:aws:rds:REGION:ACCOUNT:db:NAME`, `…:snapshot:NAME` and so on (User Guide, USER_Tagging.ARN). */
export const arnOf = (region: string, account: string, kind: ArnKind, id: string): string =>
  `arn:aws:rds:${region}:${account}:${kind}:${id}`;

/** The parts of an RDS ARN; undefined for anything else. An automated snapshot's name has a colon of its own. */
export const parseArn = (arn: string): { region: string; account: string; kind: string; id: string } | undefined => {
  const [, region, account, kind, id] = /^arn:aws:rds:([a-z0-9-]+):(\d{12}):([a-z-]+):(.+)$/.exec(arn) ?? [];
  return region && account && kind && id ? { region, account, kind, id } : undefined;
};

/** A name or an ARN of this region and account → the name. Somebody else's ARN is not a name here. */
export const nameOf = (nameOrArn: string, region: string, kind: ArnKind): string => {
  const parsed = parseArn(nameOrArn);
  return (parsed && parsed.region === region && parsed.kind === kind ? parsed.id : nameOrArn).toLowerCase();
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A prefix and 26 upper-case characters: the identity that survives a rename and never comes back after a deletion. */
export const resourceIdFrom = (prefix: string, random: () => number): string =>
  prefix + Array.from({ length: 26 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');

/** RDS's own name of an instance; its middle part is the account's in that region. */
export const endpointNameOf = (region: string, id: string): string => `${id}.c9example.${region}.rds.amazonaws.com`;

/** The KMS key's ARN from an ARN, a key id or an alias; undefined for the region's default key of RDS. */
export const kmsKeyArn = (region: string, account: string, key: string | undefined): string => {
  if (key?.startsWith('arn:')) return key;
  if (key?.startsWith('alias/')) return `arn:aws:kms:${region}:${account}:${key}`;
  return `arn:aws:kms:${region}:${account}:key/${key ?? '00000000-0000-0000-0000-000000000000'}`;
};
