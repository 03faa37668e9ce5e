// Errors in each protocol's own shape, so that the SDKs read code, message and retryability as from AWS.
import { randomUUID } from 'node:crypto';
import { type Protocol, protocolOf } from './operation.ts';
import type { AwsRequest, AwsResponse } from './service.ts';

type Refusal = { status: number; code: string; message: string };

const xml = (text: string) => text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** An error answer in the given protocol. */
export const refusal = (protocol: Protocol, { status, code, message }: Refusal): AwsResponse => {
  const id = randomUUID();
  switch (protocol) {
    case 'json':
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': id },
        body: JSON.stringify({ __type: code, message }),
      };
    case 'rest-json':
      return {
        status,
        headers: { 'content-type': 'application/json', 'x-amzn-errortype': code, 'x-amzn-requestid': id },
        body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message, message }),
      };
    case 'rest-xml-s3':
      return {
        status,
        headers: { 'content-type': 'application/xml', 'x-amz-request-id': id },
        body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${xml(message)}</Message><RequestId>${id}</RequestId></Error>`,
      };
    case 'opensearch':
      return {
        status,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ error: { type: code, reason: message }, status }),
      };
    default:
      return {
        status,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': id },
        body: `<ErrorResponse><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code><Message>${xml(message)}</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
      };
  }
};

// Throttling has another name in every service (docs.aws.amazon.com, each API reference's Errors; retried by
// docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
const THROTTLES: Record<string, Refusal> = {
  s3: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
  lambda: { status: 429, code: 'TooManyRequestsException', message: 'Rate Exceeded.' },
  dynamodb: { status: 400, code: 'ThrottlingException', message: 'Rate of requests exceeds the allowed throughput.' },
  sqs: { status: 403, code: 'RequestThrottled', message: 'Request is throttled.' },
  es: { status: 429, code: 'too_many_requests', message: '429 Too Many Requests' },
};
const THROTTLE: Refusal = { status: 400, code: 'Throttling', message: 'Rate exceeded' };
const JSON_THROTTLE: Refusal = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' };

const FAILURES: Record<string, Refusal> = {
  s3: { status: 500, code: 'InternalError', message: 'We encountered an internal error. Please try again.' },
  lambda: { status: 500, code: 'ServiceException', message: 'An internal error has occurred.' },
  dynamodb: { status: 500, code: 'InternalServerError', message: 'The request processing has failed.' },
  es: { status: 503, code: 'service_unavailable', message: 'Service Unavailable' },
};
const FAILURE: Refusal = { status: 500, code: 'InternalFailure', message: 'The request processing has failed.' };

/** The answer of a service that is throttling this request. */
export const throttled = (request: Pick<AwsRequest, 'service' | 'headers'>): AwsResponse => {
  const protocol = protocolOf(request);
  return refusal(protocol, THROTTLES[request.service] ?? (protocol === 'json' ? JSON_THROTTLE : THROTTLE));
};

/** The answer of a service that failed internally. */
export const failed = (request: Pick<AwsRequest, 'service' | 'headers'>): AwsResponse =>
  refusal(protocolOf(request), FAILURES[request.service] ?? FAILURE);
