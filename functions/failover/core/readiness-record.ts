import { type Answer, reportOf } from './evidence.ts';
import { blocked, type Finding, ready, unknown, warning } from './readiness-finding.ts';

/** Where the config wants the record: in which table, in which regions. */
export interface RecordPlan {
  kind: 'dr-only' | 'mrsc';
  table: string;
  replicas: readonly string[];
  /** The region that only votes. */
  witness?: string | undefined;
}

/** A part of a table, in DynamoDB's own word for its state. */
interface Member {
  region: string;
  status: string;
}

/** The record's table as it is. */
export interface TableSeen {
  consistency: 'one-region' | 'eventual' | 'strong';
  replicas: readonly Member[];
  witnesses: readonly Member[];
  isProtected: boolean;
}

const AS_DOCUMENTED = 'functions/failover/README.md, "The record", says how it is made.';

/** Whether the record is where the config wants it, and outlives what it should. */
export const recordFinding = (plan: RecordPlan, answer: Answer<TableSeen>): Finding => {
  const seen = reportOf(answer);
  if (seen === undefined) return unknown(`The table of the record, ${plan.table},`, answer);
  if (seen.consistency === 'eventual')
    return blocked(
      `${plan.table} is eventually consistent over its regions: each could commit an epoch of its own, so nothing is read from it.`,
      'The mode of a global table cannot be changed: make the table anew, of one region or with strong consistency.',
    );
  const doubts = plan.kind === 'mrsc' ? doubtsOf(plan, seen) : [];
  if (doubts.length > 0)
    return blocked(
      `${plan.table} would not outlive every region of the three: ${doubts.join('; ')}.`,
      `${AS_DOCUMENTED} Regions of a table with strong consistency are not changed one by one.`,
    );
  if (!seen.isProtected)
    return warning(
      `${plan.table} can be deleted by one call: who leads would be forgotten.`,
      'Turn deletion protection on, in each of its regions.',
    );
  if (seen.consistency === 'one-region')
    return ready(`The record is in ${plan.table} of the recovery region alone: without it nothing is promoted.`);
  const members = [...seen.replicas.map(({ region }) => region), ...seen.witnesses.map(({ region }) => region)];
  return ready(`The record in ${plan.table} is one over ${members.join(', ')}, and outlives each of them.`);
};

/** One that is being updated answers as before. */
const WORKS = new Set(['ACTIVE', 'UPDATING']);

/** What of three regions is not as the config wants it (docs: ReplicaDescription and GlobalTableWitnessDescription, states). */
const doubtsOf = ({ replicas, witness }: RecordPlan, seen: TableSeen): string[] => {
  if (seen.consistency === 'one-region') return ['it is of one region'];
  const wanted = [
    ...replicas.map((region) => ['replica', region, seen.replicas.find((one) => one.region === region)] as const),
    ...(witness === undefined
      ? []
      : [['witness', witness, seen.witnesses.find(({ region }) => region === witness)] as const]),
  ];
  return wanted.flatMap(([what, region, found]) => {
    if (found === undefined) return [`it has no ${what} in ${region}`];
    return WORKS.has(found.status) ? [] : [`its ${what} in ${region} is ${found.status}`];
  });
};
