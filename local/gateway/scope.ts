// Where a request belongs: the SigV4 credential scope says service and region, and the access key id is the account.
import type { IncomingHttpHeaders } from 'node:http';

/** Where a request belongs. `caller` is the region of the function that sent it, when a local function did. */
export type Scope = { service: string; region: string; account: string; callerRegion?: string };

// Functions run with a session token of this form, as execution roles do: it lets a cut-off region cut both ways.
const CALLER = /^local:([a-z0-9-]+):/;

/** The session token that a local function in `region` carries. */
export const callerToken = (region: string, functionName: string): string => `local:${region}:${functionName}`;

const CREDENTIAL = /Credential=([^,\s]+)/;

/**
 * Reads the scope from the Authorization header or, when presigned, from X-Amz-Credential
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html). Undefined when the request is unsigned.
 */
export const readScope = (headers: IncomingHttpHeaders, query: string): Scope | undefined => {
  const credential = credentialOf(headers, query);
  if (!credential) return undefined;
  // <access key>/<date>/<region>/<service>/aws4_request; the key itself never holds a slash.
  const [account = '', , region = '', service = ''] = credential.split('/');
  if (!service) return undefined;
  const token = headers['x-amz-security-token'];
  const caller = typeof token === 'string' ? CALLER.exec(token)?.[1] : undefined;
  return { service, region, account, ...(caller === undefined ? {} : { callerRegion: caller }) };
};

const credentialOf = (headers: IncomingHttpHeaders, query: string): string | undefined => {
  const signed = headers.authorization && CREDENTIAL.exec(headers.authorization)?.[1];
  if (signed) return signed;
  if (!query.includes('X-Amz-Credential')) return undefined;
  return new URLSearchParams(query).get('X-Amz-Credential') ?? undefined;
};
