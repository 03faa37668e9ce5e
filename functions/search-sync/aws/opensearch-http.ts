import { Client, type ClientOptions, Serializer } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import { basicAuthorization, type DomainLogin } from './domain-login.ts';

/** One request to OpenSearch; every answer with a status comes back as it is, and only "no answer" throws. */
export interface OpenSearchHttp {
  ask(method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE', path: string, request?: AskRequest): Promise<Answer>;
}

export interface AskRequest {
  query?: Record<string, string>;
  /** JSON text. */
  body?: string;
  /** Lines of JSON, the last one ended too. */
  lines?: string;
}

export interface Answer {
  status: number;
  text: string;
}

/** Signed for a managed domain (`es`) or a serverless collection (`aoss`). */
interface Signed {
  region: string;
  service: 'es' | 'aoss';
  credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }>;
}

export type OpenSearchPlace = {
  /** `https://host` of the domain, or the local AWS. */
  node: string;
  /** Of one request; below the Lambda's, so that a silent cluster is noticed while there is time to report. */
  requestTimeoutMs: number;
  /** The authority that the server's certificate must come from, PEM; those that Node knows unless said. */
  authority?: string | undefined;
} & (Signed | { login: DomainLogin });

/** Thrown when there was no answer. It carries a sentence and nothing of the request, whose headers may hold a password. */
export class NoAnswerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoAnswerError';
  }
}

/**
 * Answers stay text: the client's own reader rounds a version of 19 digits, and throws at a field named `__proto__`.
 * Its types do not say that a Serializer may return what it was given.
 */
class TextSerializer extends Serializer {
  override deserialize(text: string): object {
    return text as unknown as object;
  }
}

/** Statuses are ours to judge: the client neither throws at them nor marks the node as dead. */
const EVERY_FAULT = Array.from({ length: 200 }, (_, i) => 400 + i);

/**
 * A signed or logged in, compressed, keep-alive connection that never repeats a request by itself: only the caller knows
 * what may be repeated. But for a 401 to a password: that request did nothing, and the secret may have been changed since.
 */
export const openSearchHttp = (place: OpenSearchPlace): OpenSearchHttp => {
  const login = 'login' in place ? place.login : undefined;
  if (login !== undefined) refuseOpenWire(place.node);
  const client = new Client({ ...('login' in place ? {} : signing(place)), ...connection(place) });
  const send = async (
    method: string,
    path: string,
    { query = {}, body, lines }: AskRequest,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const request = {
      method,
      path,
      querystring: query,
      ...(body === undefined ? {} : { body }),
      ...(lines === undefined ? {} : { bulkBody: lines }),
    };
    const answer = await client.transport.request(request, { ignore: EVERY_FAULT, headers }).catch((error: unknown) => {
      throw new NoAnswerError(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    });
    const text = answer.body as unknown;
    return { status: answer.statusCode ?? 0, text: typeof text === 'string' ? text : '' };
  };
  return {
    ask: async (method, path, request = {}) => {
      if (login === undefined) return send(method, path, request, {});
      const first = await login.current();
      const answer = await send(method, path, request, basicAuthorization(first));
      const newer = answer.status === 401 ? await login.renewed(first) : undefined;
      return newer === undefined ? answer : send(method, path, request, basicAuthorization(newer));
    },
  };
};

/** A password crosses no wire in the clear; what never leaves the machine may (the local AWS). */
const refuseOpenWire = (node: string): void => {
  const { protocol, hostname } = new URL(node);
  if (protocol !== 'https:' && !/^(localhost|127\.)/.test(hostname)) {
    throw new Error(`${protocol}//${hostname}: a password is sent by https only`);
  }
};

const signing = ({ region, service, credentials }: Signed) =>
  AwsSigv4Signer({ region, service, getCredentials: credentials as never });

const connection = ({ node, requestTimeoutMs, authority }: OpenSearchPlace): ClientOptions => ({
  node,
  Serializer: TextSerializer as never,
  compression: 'gzip',
  suggestCompression: true,
  maxRetries: 0,
  requestTimeout: requestTimeoutMs,
  agent: { keepAlive: true, maxSockets: 16 },
  ssl: { rejectUnauthorized: true, ...(authority !== undefined && { ca: authority }) },
});
