import { Client, Serializer } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';

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

export interface OpenSearchPlace {
  /** `https://host` of the domain, or the local AWS. */
  node: string;
  region: string;
  /** What the request is signed for: a managed domain or a serverless collection. */
  service: 'es' | 'aoss';
  credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }>;
  /** Of one request; below the Lambda's, so that a silent cluster is noticed while there is time to report. */
  requestTimeoutMs: number;
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

/** A signed, compressed, keep-alive connection that never repeats a request by itself: only the caller knows what may be repeated. */
export const openSearchHttp = (place: OpenSearchPlace): OpenSearchHttp => {
  const client = new Client({
    ...AwsSigv4Signer({ region: place.region, service: place.service, getCredentials: place.credentials as never }),
    node: place.node,
    Serializer: TextSerializer as never,
    compression: 'gzip',
    suggestCompression: true,
    maxRetries: 0,
    requestTimeout: place.requestTimeoutMs,
    agent: { keepAlive: true, maxSockets: 16 },
  });
  return {
    ask: async (method, path, { query = {}, body, lines } = {}) => {
      const answer = await client.transport.request(
        {
          method,
          path,
          querystring: query,
          ...(body === undefined ? {} : { body }),
          ...(lines === undefined ? {} : { bulkBody: lines }),
        },
        { ignore: EVERY_FAULT },
      );
      const text = answer.body as unknown;
      return { status: answer.statusCode ?? 0, text: typeof text === 'string' ? text : '' };
    },
  };
};
