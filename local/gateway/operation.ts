// The name of the operation that a request asks for, per protocol.
import type { AwsRequest } from './service.ts';

/** How a service speaks; faults are answered in its own language. */
export type Protocol = 'query-xml' | 'json' | 'rest-json' | 'rest-xml-s3' | 'rest-xml-route53' | 'opensearch';

type Asked = Pick<AwsRequest, 'service' | 'method' | 'path' | 'query' | 'headers' | 'body'>;

/** The protocol of a request. SQS, STS and others speak JSON or Query depending on the client's age. */
export const protocolOf = ({ service, headers }: Pick<AwsRequest, 'service' | 'headers'>): Protocol => {
  if (headers['x-amz-target']) return 'json';
  if (service === 's3') return 'rest-xml-s3';
  if (service === 'route53') return 'rest-xml-route53';
  if (service === 'lambda' || service === 'scheduler') return 'rest-json';
  if (service === 'es' || service === 'aoss') return 'opensearch';
  return 'query-xml';
};

/** The operation's name as in the API reference; for OpenSearch the method and the last `_verb` of the path. */
export const operationOf = (request: Asked): string => {
  const target = request.headers['x-amz-target'];
  if (target) return target.slice(target.lastIndexOf('.') + 1);
  switch (protocolOf(request)) {
    case 'rest-xml-s3':
      return s3Operation(request);
    case 'rest-xml-route53':
      return route53Operation(request);
    case 'rest-json':
      return lambdaOperation(request);
    case 'opensearch':
      return `${request.method} ${/_[a-z_]+/.exec(request.path)?.[0] ?? request.path}`;
    default:
      return request.query.get('Action') ?? new URLSearchParams(request.body.toString('utf8')).get('Action') ?? '';
  }
};

const S3_SUBRESOURCES: Record<string, string> = {
  notification: 'BucketNotificationConfiguration',
  versioning: 'BucketVersioning',
  tagging: 'Tagging',
  lifecycle: 'BucketLifecycleConfiguration',
  policy: 'BucketPolicy',
  location: 'BucketLocation',
  acl: 'Acl',
};
const S3_VERBS: Record<string, string> = { GET: 'Get', HEAD: 'Head', PUT: 'Put', DELETE: 'Delete', POST: 'Post' };

const s3Operation = ({ method, path, query, headers }: Asked): string => {
  const hasKey = path.replace(/^\//, '').replace(/\/$/, '').includes('/');
  for (const [parameter, noun] of Object.entries(S3_SUBRESOURCES)) {
    if (query.has(parameter))
      return `${S3_VERBS[method]}${noun === 'Tagging' ? (hasKey ? 'ObjectTagging' : 'BucketTagging') : noun}`;
  }
  if (query.has('uploads')) return method === 'POST' ? 'CreateMultipartUpload' : 'ListMultipartUploads';
  if (query.has('uploadId'))
    return (
      { PUT: 'UploadPart', POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload' }[method] ?? 'ListParts'
    );
  if (query.has('delete')) return 'DeleteObjects';
  if (query.has('versions')) return 'ListObjectVersions';
  if (path === '/') return 'ListBuckets';
  if (!hasKey && method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  if (hasKey && method === 'PUT' && headers['x-amz-copy-source']) return 'CopyObject';
  if (!hasKey && method === 'PUT') return 'CreateBucket';
  return `${S3_VERBS[method] ?? method}${hasKey ? 'Object' : 'Bucket'}`;
};

const route53Operation = ({ method, path }: Asked): string => {
  if (path.includes('/rrset')) return method === 'GET' ? 'ListResourceRecordSets' : 'ChangeResourceRecordSets';
  if (path.includes('/change/')) return 'GetChange';
  if (path.includes('/healthcheck')) {
    if (path.endsWith('/status')) return 'GetHealthCheckStatus';
    return { POST: 'UpdateHealthCheck', DELETE: 'DeleteHealthCheck' }[method] ?? 'GetHealthCheck';
  }
  if (path.includes('/hostedzonesbyname')) return 'ListHostedZonesByName';
  if (/\/hostedzone\/./.test(path)) return method === 'DELETE' ? 'DeleteHostedZone' : 'GetHostedZone';
  return method === 'POST' ? 'CreateHostedZone' : 'ListHostedZones';
};

const lambdaOperation = ({ method, path }: Asked): string => {
  if (path.endsWith('/invocations')) return 'Invoke';
  if (path.endsWith('/concurrency')) {
    return { PUT: 'PutFunctionConcurrency', DELETE: 'DeleteFunctionConcurrency' }[method] ?? 'GetFunctionConcurrency';
  }
  if (path.includes('/event-source-mappings/')) {
    const hasId = !path.endsWith('/event-source-mappings/');
    if (!hasId) return method === 'GET' ? 'ListEventSourceMappings' : 'CreateEventSourceMapping';
    return { PUT: 'UpdateEventSourceMapping', DELETE: 'DeleteEventSourceMapping' }[method] ?? 'GetEventSourceMapping';
  }
  if (path.endsWith('/configuration')) return 'GetFunctionConfiguration';
  return /\/functions\/./.test(path) ? 'GetFunction' : 'ListFunctions';
};
