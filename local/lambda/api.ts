// Lambda's REST API, as far as clients of the house use it.
import { refusal } from '../gateway/refusals.ts';
import type { AwsRequest, AwsResponse, LocalService } from '../gateway/service.ts';
import { functionNameOf, type LambdaFunction, type Outcome } from './function.ts';
import type { MappingStatus } from './mapping.ts';

// docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
const SYNCHRONOUS_LIMIT_BYTES = 6 * 1024 * 1024;
const ASYNCHRONOUS_LIMIT_BYTES = 1024 * 1024;

type Behind = {
  functions(region?: string): LambdaFunction[];
  invoke(region: string, name: string, payload: string, options?: { clientContext?: unknown }): Promise<Outcome>;
  invokeAsync(region: string, name: string, payload: string): { requestId: string };
  admin: {
    setReservedConcurrency(region: string, name: string, value: number | undefined): void;
    mappings(): MappingStatus[];
    pauseMapping(id: string): void;
    resumeMapping(id: string): void;
  };
};

/** Opens the API in front of the service. */
export const openLambdaApi = (lambda: Behind): LocalService => ({
  handle: async (request) => {
    const [, , resource = '', encoded = '', action = ''] = request.path.split('/');
    const name = functionNameOf(decodeURIComponent(encoded));
    if (resource === 'event-source-mappings') return mappingCall(lambda, request, encoded);
    if (resource !== 'functions') return notModelled(request);
    if (name === '') return json(200, { Functions: lambda.functions(request.region).map(configuration) });
    const fn = lambda.functions(request.region).find((one) => one.name === name);
    if (!fn)
      return error(
        404,
        'ResourceNotFoundException',
        `Function not found: arn:aws:lambda:${request.region}:${request.account}:function:${name}`,
      );
    if (action === 'invocations' && request.method === 'POST') return invocation(lambda, request, fn);
    if (action === 'concurrency') return concurrency(lambda, request, fn);
    if (request.method !== 'GET') return notModelled(request);
    if (action === 'configuration') return json(200, configuration(fn));
    return json(200, {
      Configuration: configuration(fn),
      Code: { RepositoryType: 'S3' },
      ...(fn.reservedConcurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: fn.reservedConcurrency } }),
    });
  },
});

const invocation = async (lambda: Behind, request: AwsRequest, fn: LambdaFunction): Promise<AwsResponse> => {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const limit = type === 'Event' ? ASYNCHRONOUS_LIMIT_BYTES : SYNCHRONOUS_LIMIT_BYTES;
  if (request.body.length > limit)
    return error(
      413,
      'RequestTooLargeException',
      `${request.body.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
    );
  const payload = request.body.length === 0 ? '{}' : request.body.toString('utf8');
  if (!isJson(payload))
    return error(400, 'InvalidRequestContentException', 'Could not parse request body into json: it is not JSON.');
  if (type === 'DryRun') return { status: 204, body: '' };
  if (type === 'Event') {
    const { requestId } = lambda.invokeAsync(fn.region, fn.name, payload);
    return { status: 202, headers: { 'x-amzn-requestid': requestId }, body: '' };
  }
  const packed = request.headers['x-amz-client-context'];
  const clientContext = packed && (JSON.parse(Buffer.from(packed, 'base64').toString('utf8')) as unknown);
  const outcome = await lambda.invoke(fn.region, fn.name, payload, clientContext ? { clientContext } : {});
  if (outcome.kind === 'throttled') {
    return {
      ...error(429, 'TooManyRequestsException', 'Rate Exceeded.'),
      body: JSON.stringify({ Reason: outcome.because, Type: 'User', message: 'Rate Exceeded.' }),
    };
  }
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': outcome.requestId,
      'x-amz-executed-version': '$LATEST',
      ...(outcome.kind === 'function-error' ? { 'x-amz-function-error': 'Unhandled' } : {}),
    },
    body: outcome.payload,
  };
};

const concurrency = (lambda: Behind, request: AwsRequest, fn: LambdaFunction): AwsResponse => {
  if (request.method === 'PUT') {
    const { ReservedConcurrentExecutions } = JSON.parse(request.body.toString('utf8')) as {
      ReservedConcurrentExecutions: number;
    };
    lambda.admin.setReservedConcurrency(fn.region, fn.name, ReservedConcurrentExecutions);
    return json(200, { ReservedConcurrentExecutions });
  }
  if (request.method === 'DELETE') {
    lambda.admin.setReservedConcurrency(fn.region, fn.name, undefined);
    return { status: 204, body: '' };
  }
  const reserved = fn.reservedConcurrency;
  return json(200, reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved });
};

/** List, get, enable and disable; mappings are made by the template alone. */
const mappingCall = (lambda: Behind, request: AwsRequest, id: string): AwsResponse => {
  const here = lambda.admin.mappings().filter(({ region }) => region === request.region);
  if (id === '' && request.method === 'GET') {
    const name = functionNameOf(request.query.get('FunctionName') ?? '');
    const source = request.query.get('EventSourceArn');
    return json(200, {
      EventSourceMappings: here
        .filter((one) => (!name || one.functionName === name) && (!source || one.sourceArn === source))
        .map(mappingView),
    });
  }
  const found = here.find((one) => one.id === id);
  if (!found) return error(404, 'ResourceNotFoundException', 'The resource you requested does not exist.');
  if (request.method === 'PUT') {
    const { Enabled } = JSON.parse(request.body.toString('utf8')) as { Enabled?: boolean };
    if (Enabled === undefined) return notModelled(request);
    if (Enabled) lambda.admin.resumeMapping(id);
    else lambda.admin.pauseMapping(id);
    return json(202, mappingView({ ...found, state: Enabled ? 'Enabled' : 'Disabled' }));
  }
  return request.method === 'GET' ? json(200, mappingView(found)) : notModelled(request);
};

const mappingView = (one: MappingStatus) => ({
  UUID: one.id,
  EventSourceArn: one.sourceArn,
  FunctionArn: one.functionArn,
  State: one.state,
  LastProcessingResult: one.lastResult,
  BatchSize: one.batchSize,
});

const configuration = (fn: LambdaFunction) => ({
  FunctionName: fn.name,
  FunctionArn: fn.arn,
  Runtime: fn.runtime,
  Handler: fn.handler,
  Role: fn.role,
  Timeout: fn.timeoutSeconds,
  MemorySize: fn.memoryMb,
  Version: '$LATEST',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Environment: { Variables: fn.environment },
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const json = (status: number, body: unknown): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const error = (status: number, code: string, message: string): AwsResponse =>
  refusal('rest-json', { status, code, message });
const notModelled = ({ method, path }: AwsRequest): AwsResponse =>
  error(501, 'NotImplemented', `${method} ${path} is not modelled by the local Lambda service.`);
