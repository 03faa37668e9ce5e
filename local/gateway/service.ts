/** One request of an AWS client, after the gateway has read where it belongs from the SigV4 credential scope. */
export type AwsRequest = {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly method: string;
  /** The path as sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header names are lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What a service answers. A string body is sent as UTF-8. */
export type AwsResponse = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
};

/** An AWS API that lives in our own process: RDS, Route 53, Lambda, EventBridge. */
export type LocalService = {
  /** Answers one request; a refusal is an AwsResponse in the service's own protocol, an exception becomes a 500. */
  handle(request: AwsRequest): Promise<AwsResponse>;
};
