import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Items and bytes of a table as DynamoDB last counted them; it does so every six hours (docs: API_TableDescription). */
export const tableSize = async (
  client: DynamoDBClient,
  TableName: string,
): Promise<{ items: number; bytes: number }> => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  return { items: Table?.ItemCount ?? 0, bytes: Table?.TableSizeBytes ?? 0 };
};
