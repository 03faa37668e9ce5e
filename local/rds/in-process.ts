// The way from an SDK client to a service in the same process, without a socket: for simulations of many thousand calls.
import type { LocalService } from '../gateway/service.ts';

type SdkRequest = {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** What an AWS SDK client takes as its `requestHandler`. Region and account are read from the signature's scope, as at the gateway. */
export const requestHandlerOf = (service: LocalService) => ({
  metadata: { handlerProtocol: 'http/1.1' },
  handle: async ({ method, path, query = {}, headers, body }: SdkRequest) => {
    // Credential=ACCOUNT/DATE/REGION/SERVICE/aws4_request
    const scope = /Credential=([^/]+)\/[^/]+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '');
    const answer = await service.handle({
      service: scope?.[3] ?? '',
      region: scope?.[2] ?? '',
      account: scope?.[1] ?? '',
      method,
      path,
      query: queryOf(query),
      headers,
      body: Buffer.from(body ?? ''),
    });
    return { response: { statusCode: answer.status, headers: { ...answer.headers }, body: Buffer.from(answer.body) } };
  },
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
});

const queryOf = (query: NonNullable<SdkRequest['query']>): URLSearchParams => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const one of [value ?? ''].flat()) params.append(name, one);
  return params;
};
