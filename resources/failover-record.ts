import { mrscRegions, recordTable } from '../shared/config/record.ts';
import type { Config } from '../shared/config/schema.ts';

type Table = {
  Type: string;
  DependsOn?: string[];
  DeletionPolicy: 'Retain';
  UpdateReplacePolicy: 'Retain';
  Properties: Record<string, unknown>;
};

// Kept when the stack is removed: it says who leads, and losing it in mid-incident would lose the epoch.
const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } as const;

const KEYS = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
};

/**
 * The table of the record, in the recovery region's stack. Each kind has a logical id and a name of its own: a table cannot be made
 * global by its type in a template, and a change of it might delete the table (docs: aws-resource-dynamodb-globaltable).
 */
export const failoverRecord = (config: Config): Record<string, Table> => {
  const regions = mrscRegions(config);
  return regions === undefined
    ? { FailoverRecords: alone(config) }
    : { FailoverGlobalRecords: overThree(config, regions) };
};

const alone = (config: Config): Table => ({
  Type: 'AWS::DynamoDB::Table',
  ...KEPT,
  Properties: {
    TableName: recordTable(config),
    BillingMode: 'PAY_PER_REQUEST',
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { Ref: 'MainstayKey' } },
    ...KEYS,
  },
});

/** One stack makes it in all its regions. Without streams, which strong consistency does not need, and without expiry, which it does not have. */
const overThree = (config: Config, { replicas, witness }: NonNullable<ReturnType<typeof mrscRegions>>): Table => ({
  Type: 'AWS::DynamoDB::GlobalTable',
  // The key of this region by its alias, as those of the others: no template can refer to what another region's stack has made.
  DependsOn: ['MainstayKeyAlias'],
  ...KEPT,
  Properties: {
    TableName: recordTable(config),
    BillingMode: 'PAY_PER_REQUEST',
    MultiRegionConsistency: 'STRONG',
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    Replicas: replicas.map((Region) => ({
      Region,
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      // docs: aws-properties-dynamodb-globaltable-replicassespecification — a key of the replica's region, also by alias.
      SSESpecification: { KMSMasterKeyId: `alias/mainstay-${config.stage}` },
    })),
    ...(witness === undefined ? {} : { GlobalTableWitnesses: [{ Region: witness }] }),
    ...KEYS,
  },
});
