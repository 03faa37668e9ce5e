import { readFileSync } from 'node:fs';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';

/** The table of resources/object-index.yml, so that what is tested is what is deployed; `name` replaces its name. */
export const templateTable = (name: string): CreateTableCommandInput => {
  const file = readFileSync(new URL('../../resources/object-index.yml', import.meta.url), 'utf8');
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } =
    parse(file).Resources.ObjectIndexTable.Properties;
  return { TableName: name, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode };
};
