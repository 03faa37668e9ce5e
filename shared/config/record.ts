// Where the failover record is kept: `dr-only`, a table of the recovery region; `mrsc`, a global table with strong consistency
// over three regions. What such a table may span is AWS's word (docs: V2globaltables_HowItWorks, key facts about MRSC).

/** A table spans one of these sets alone, and exactly three of its regions (docs: API_CreateGlobalTableWitnessGroupMemberAction). */
export const REGION_SETS: readonly (readonly string[])[] = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

interface Regions {
  primary: string;
  recovery: string;
  witness: string;
}

/** `third`: the region of the witness function unless said. A witness of DynamoDB's answers nobody, and costs nothing. */
export interface Mrsc {
  kind: 'mrsc';
  third?: string | undefined;
  thirdIs: 'witness' | 'replica';
}

type Kept = { kind: 'dr-only' } | Mrsc;
interface Keeping {
  stage: string;
  regions: Regions;
  failover: { record: Kept };
}

const setOf = (region: string): readonly string[] | undefined => REGION_SETS.find((set) => set.includes(region));

interface Problem {
  at: 'primary' | 'recovery' | 'third';
  input: string;
  message: string;
}

/** Everything that keeps three regions from carrying such a table, each at the setting to change. */
export const mrscProblems = (
  { primary, recovery, witness }: Regions,
  { third = witness, thirdIs }: Mrsc,
): Problem[] => {
  const refuse = (isSo: boolean, at: Problem['at'], input: string, message: string): Problem[] =>
    isSo ? [{ at, input, message: `expected ${message}` }] : [];
  const instead = 'or failover.record: { kind: dr-only }';
  const nowhere = `one of ${REGION_SETS.flat().join(', ')}, where alone DynamoDB is strongly consistent over regions; ${instead}`;
  const set = setOf(primary) ?? setOf(recovery);
  const inNone = [
    ...refuse(setOf(primary) === undefined, 'primary', primary, nowhere),
    ...refuse(setOf(recovery) === undefined, 'recovery', recovery, nowhere),
  ];
  if (set === undefined) return inNone;
  const isTaken = third === primary || third === recovery;
  const others = set.filter((one) => one !== primary && one !== recovery).join(' or ');
  return [
    ...inNone,
    ...refuse(
      setOf(recovery) !== undefined && !set.includes(recovery),
      'recovery',
      recovery,
      `one of ${set.join(', ')}: a table with strong consistency does not reach from the set of ${primary} into another; ${instead}`,
    ),
    ...refuse(
      isTaken || !set.includes(third),
      'third',
      third,
      `${others}: a table with strong consistency is in exactly three regions of one set`,
    ),
    ...refuse(
      thirdIs === 'replica' && third !== witness,
      'third',
      third,
      `${witness}, the region of the witness, or thirdIs: witness: a replica is encrypted by the key of the stack of its region`,
    ),
  ];
};

/** Of the record in three regions: where it can be read and written, the region that it is decided in first, and who only votes. */
export const mrscRegions = ({
  regions: { primary, recovery, witness },
  failover: { record },
}: Pick<Keeping, 'regions' | 'failover'>): { replicas: string[]; witness?: string } | undefined => {
  if (record.kind !== 'mrsc') return undefined;
  const { third = witness, thirdIs } = record;
  return thirdIs === 'replica'
    ? { replicas: [recovery, primary, third] }
    : { replicas: [recovery, primary], witness: third };
};

const TABLES = { 'dr-only': 'failover', mrsc: 'failover-global' } as const;

/** The record's table: one name for each kind, for neither can become the other and both are kept. */
export const recordTable = ({ stage, failover }: Pick<Keeping, 'stage' | 'failover'>): string =>
  `mainstay-${stage}-${TABLES[failover.record.kind]}`;

/** The table that the record was in if the config has said the other kind before. */
export const formerTable = ({ stage, failover }: Pick<Keeping, 'stage' | 'failover'>): string =>
  `mainstay-${stage}-${TABLES[failover.record.kind === 'mrsc' ? 'dr-only' : 'mrsc']}`;

/** The table that a lease is kept in: its owner's, or the record's. */
export const leaseTable = (
  config: Pick<Keeping, 'stage' | 'failover'>,
  lease: { table?: string | undefined },
): string => lease.table ?? recordTable(config);

/**
 * The partition key of a pair's lease: in the record's table one of its own, so that IAM lets a guard write its lease and no record
 * (docs: specifying-conditions, dynamodb:LeadingKeys).
 */
export const leaseKey = (lease: { table?: string | undefined }, pair: string): string =>
  `${lease.table === undefined ? 'LEASE' : 'PAIR'}#${pair}`;
