// Global tables with strong consistency (MRSC) in front of DynamoDB Local: one table, served in the regions of its replicas.
// Each rule with its page: README.md beside this file.
import { refusal } from '../gateway/refusals.ts';
import type { AwsRequest, AwsResponse, LocalService } from '../gateway/service.ts';
import { forward, readAnswer, type Upstream } from '../gateway/upstream.ts';
import { type GlobalTable, isWrite, itemsOf, membersOf, needsQuorum, tablesOf, whyNotGlobal } from './global-table.ts';

export type GlobalTablesOptions = {
  upstream: Upstream;
  /** Whether traffic between two regions is cut. */
  isCut(from: string, to: string): boolean;
  /** How long a write takes to reach another region. */
  replicationMs?: number;
};

const REPLICATION_MS = 15;
const JSON_1_0 = { 'content-type': 'application/x-amz-json-1.0' };

/** Answers DynamoDB's API: what is about a global table by its rules, everything else as the engine does. */
export const openGlobalTables = ({
  upstream,
  isCut,
  replicationMs = REPLICATION_MS,
}: GlobalTablesOptions): LocalService => {
  const tables = new Map<string, GlobalTable>();
  /** Item → the region that is writing it. */
  const writing = new Map<string, string>();

  const engine = async (request: AwsRequest, region: string, target?: string, body: Buffer = request.body) => {
    const { authorization = '', ...others } = request.headers;
    const headers = {
      ...others,
      // The engine keeps tables by the credential's region, and does not verify the signature.
      authorization: authorization.replace(/(Credential=[^/]+\/[^/]+\/)[^/]+\//, `$1${region}/`),
      ...(target && { 'x-amz-target': `DynamoDB_20120810.${target}` }),
    };
    const sent = { method: request.method, url: '/', headers };
    const { status, headers: given, body: answered } = await readAnswer(await forward(upstream, sent, body));
    const kept = ['content-type', 'x-amzn-requestid', 'x-amz-crc32'].flatMap((name) =>
      given[name] === undefined ? [] : [[name, String(given[name])]],
    );
    return { status, headers: Object.fromEntries(kept) as Record<string, string>, body: answered };
  };

  const isIsolated = (table: GlobalTable, region: string): boolean =>
    membersOf(table).every((other) => other === region || isCut(region, other));

  const describe = (response: AwsResponse, table: GlobalTable, region: string): AwsResponse => {
    const answer = JSON.parse(response.body.toString()) as Record<string, Record<string, unknown>>;
    const described = answer.Table ?? answer.TableDescription;
    if (described === undefined) return response;
    Object.assign(described, {
      MultiRegionConsistency: 'STRONG',
      Replicas: table.replicas
        .filter((one) => one !== region)
        .map((RegionName) => ({ RegionName, ReplicaStatus: 'ACTIVE' })),
      ...(table.witness && { GlobalTableWitnesses: [{ RegionName: table.witness, WitnessStatus: 'ACTIVE' }] }),
    });
    return { status: response.status, headers: JSON_1_0, body: JSON.stringify(answer) };
  };

  /** UpdateTable with replicas: the one way from a table of one region to a global one. */
  const convert = async (request: AwsRequest, name: string, asked: Record<string, unknown>): Promise<AwsResponse> => {
    const named = Buffer.from(JSON.stringify({ TableName: name }));
    const described = await engine(request, request.region, 'DescribeTable', named);
    if (described.status !== 200) return described;
    const scanned = await engine(
      request,
      request.region,
      'Scan',
      Buffer.from(JSON.stringify({ TableName: name, Limit: 1 })),
    );
    const { Table } = JSON.parse(described.body.toString()) as { Table: Record<string, unknown> };
    const { Count } = JSON.parse(scanned.body.toString()) as { Count: number };
    const made = whyNotGlobal(request.region, asked, {
      isEmpty: Count === 0,
      hasLocalIndex: Table.LocalSecondaryIndexes !== undefined,
    });
    if (typeof made === 'string') return invalid(made);
    const keys = (Table.KeySchema as { AttributeName: string }[]).map(({ AttributeName }) => AttributeName);
    const table: GlobalTable = { ...made, home: request.region, keys };
    tables.set(`${request.account}/${name}`, table);
    const { TableDescription } = { TableDescription: Table };
    return describe(
      { status: 200, headers: JSON_1_0, body: JSON.stringify({ TableDescription }) },
      table,
      request.region,
    );
  };

  const write = async (request: AwsRequest, table: GlobalTable, items: string[]): Promise<AwsResponse> => {
    if (items.some((item) => (writing.get(item) ?? request.region) !== request.region)) {
      return refused(
        'ReplicatedWriteConflictException',
        'One or more items are being modified by a request in another Region.',
      );
    }
    for (const item of items) writing.set(item, request.region);
    try {
      await new Promise((resolve) => setTimeout(resolve, replicationMs));
      // Cut off while it was on its way: nobody else has it, so it has not happened.
      if (isIsolated(table, request.region)) return unavailable();
      return await engine(request, table.home);
    } finally {
      for (const item of items) writing.delete(item);
    }
  };

  const handle = async (request: AwsRequest): Promise<AwsResponse> => {
    const target = request.headers['x-amz-target'] ?? '';
    const operation = target.slice(target.lastIndexOf('.') + 1);
    if (!target.startsWith('DynamoDB_')) return engine(request, request.region);
    const asked = parsed(request.body);
    const [name] = tablesOf(asked);
    if (operation === 'UpdateTable' && name !== undefined && asked.ReplicaUpdates !== undefined) {
      if (tables.has(`${request.account}/${name}`))
        return invalid('The replicas of this global table cannot be changed here.');
      return convert(request, name, asked);
    }
    const found = tablesOf(asked).flatMap((one) => tables.get(`${request.account}/${one}`) ?? []);
    const [table] = found;
    if (table === undefined) return engine(request, request.region);
    if (!table.replicas.includes(request.region)) {
      return refused('ResourceNotFoundException', 'Requested resource not found');
    }
    if (operation.startsWith('Transact'))
      return invalid('Transactions are not supported on a table with multi-Region strong consistency.');
    if (operation === 'UpdateTimeToLive')
      return invalid('Time to Live is not supported on a table with multi-Region strong consistency.');
    if (found.length !== tablesOf(asked).length || found.some((one) => one.home !== table.home)) {
      return invalid('Batches over several global tables are not modelled by the local AWS.');
    }
    if (needsQuorum(operation, asked) && isIsolated(table, request.region)) return unavailable();
    if (isWrite(operation)) return write(request, table, itemsOf(request.account, asked, table.keys));
    const answered = await engine(request, table.home);
    if (operation === 'DeleteTable' && answered.status === 200) tables.delete(`${request.account}/${name}`);
    return operation === 'DescribeTable' && answered.status === 200
      ? describe(answered, table, request.region)
      : answered;
  };
  return { handle };
};

const parsed = (body: Buffer): Record<string, unknown> => {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
};

const refused = (code: string, message: string, status = 400): AwsResponse =>
  refusal('json', { status, code: `com.amazonaws.dynamodb.v20120810#${code}`, message });
const invalid = (message: string): AwsResponse =>
  refusal('json', { status: 400, code: 'com.amazon.coral.validate#ValidationException', message });
const unavailable = (): AwsResponse =>
  refused('InternalServerError', 'No other Region of this table can be reached.', 500);
