// One HTTP endpoint for every AWS client: routed by SigV4 service and region, with faults on demand.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { arnsFor, isTableOperation } from './dynamodb-arns.ts';
import { openQueueFaults, splitBatch, throughputExceeded, transactionConflict } from './fault-specials.ts';
import type { ActiveFault, FaultKind, Faults } from './faults.ts';
import { operationOf, protocolOf } from './operation.ts';
import { failed, refusal, throttled } from './refusals.ts';
import { readScope, type Scope } from './scope.ts';
import type { AwsRequest, AwsResponse, LocalService } from './service.ts';
import { closeUpstreams, forward, readAnswer, type Upstream } from './upstream.ts';

/** Who answers a service: one of ours, or an engine. */
export type Route = { local: LocalService } | { upstream: Upstream };

/** Sees a request after it has succeeded: subscription filters and metrics live on what passes by. */
export type Observer = { service: string; operation: string; seen(request: AwsRequest): void };

export type GatewayOptions = {
  /** 0 for a free port. */
  port: number;
  route(service: string): Route | undefined;
  faults: Faults;
  /** Answers /_local/… */
  control(method: string, path: string, body: Buffer): Promise<AwsResponse>;
  observers?: Observer[];
};

export type Gateway = { endpoint: string; port: number; stop(): Promise<void> };

/** Opens the gateway on 127.0.0.1. A taken port is refused in one sentence. */
export const openGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const observers = new Map((options.observers ?? []).map((seer) => [`${seer.service}.${seer.operation}`, seer]));
  const queueFaults = openQueueFaults();
  const answer = answerWith(options, observers, queueFaults);
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      // A service that means to give no answer says so by this name (local/rds/disturbances.ts).
      const isMeant = (error as Error).name === 'TimeoutError';
      if (isMeant || outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
      else write(outgoing, { status: 502, body: `The local AWS failed: ${(error as Error).message}` });
    });
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      closeUpstreams();
      await closed;
    },
  };
};

const listen = (server: ReturnType<typeof createServer>, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `Port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another with --port (0 for a free one).`,
            )
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });

const answerWith = (
  { route, faults, control }: GatewayOptions,
  observers: Map<string, Observer>,
  queueFaults: ReturnType<typeof openQueueFaults>,
) => {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = incoming.url ?? '/';
    const cut = url.indexOf('?');
    const path = cut < 0 ? url : url.slice(0, cut);
    const query = cut < 0 ? '' : url.slice(cut + 1);
    const method = incoming.method ?? 'GET';
    if (path.startsWith('/_local/')) return write(outgoing, await control(method, path, await buffer(incoming)));

    // Unsigned requests are S3's (public reads) or ask for ministack's health.
    const scope: Scope = readScope(incoming.headers, query) ?? { service: 's3', region: '', account: '' };
    const chosen = route(scope.service);
    const headers = incoming.headers as Record<string, string>;
    if (!chosen) {
      await buffer(incoming);
      return write(outgoing, notStarted({ service: scope.service, headers }));
    }
    const target = headers['x-amz-target'] ?? '';
    const named = `${scope.service}.${target.slice(target.lastIndexOf('.') + 1)}`;
    const isTables = scope.service === 'dynamodb' && isTableOperation(target);
    const mustRead =
      'local' in chosen ||
      faults.mayStrike(scope) ||
      observers.has(named) ||
      isTables ||
      named === 'sqs.ReceiveMessage';
    if (!mustRead && 'upstream' in chosen) {
      const reply = await forward(chosen.upstream, { method, url, headers }, incoming);
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      return pipeline(reply, outgoing).catch(() => {}); // the client went away: nobody is left to be told
    }

    const request: AwsRequest = {
      service: scope.service,
      region: scope.region,
      account: scope.account,
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      body: await buffer(incoming),
    };
    const operation = operationOf(request);
    const struck = faults.strike(scope, operation);
    const first = (kind: FaultKind): ActiveFault | undefined => struck.find((fault) => fault.kind === kind);

    const slow = first('latency');
    if (slow) await pause(slow.latencyMs ?? 0);
    const lost = first('region-cut') ?? first('timeout-before');
    if (lost) return drop(outgoing, lost);
    const refused = refusedBy(first, request, operation);
    if (refused) return write(outgoing, refused);

    const split = first('unprocessed') ? splitBatch(operation, request.body) : undefined;
    if (first('unprocessed') && !split) return write(outgoing, throughputExceeded());
    const exchange = async (body: Buffer): Promise<AwsResponse> => {
      if ('local' in chosen) return chosen.local.handle({ ...request, body });
      const reply = await readAnswer(await forward(chosen.upstream, { method, url, headers }, body));
      return { status: reply.status, headers: plain(reply.headers), body: reply.body };
    };
    const arns = isTables ? arnsFor(scope) : undefined;
    let response = await exchange(split?.send ?? arns?.toEngine(request.body) ?? request.body);
    if (response.status < 300) {
      const body = Buffer.from(response.body);
      if (split) response = rewritten(response, split.finish(body));
      if (arns) response = rewritten(response, arns.fromEngine(operation, body));
      if (named === 'sqs.ReceiveMessage') {
        const late = faults.strike(scope, operation, 'answer');
        if (late.length > 0 || queueFaults.pending()) {
          const asked = JSON.parse(request.body.toString('utf8')) as { QueueUrl: string; MaxNumberOfMessages?: number };
          const limit = asked.MaxNumberOfMessages ?? 1;
          response = rewritten(response, queueFaults.receive(asked.QueueUrl, limit, body, late));
        }
      }
      observers.get(named)?.seen(request);
    }
    const forgotten = first('timeout-after');
    if (forgotten) return drop(outgoing, forgotten);
    write(outgoing, response);
  };
};

const refusedBy = (
  first: (kind: FaultKind) => ActiveFault | undefined,
  request: AwsRequest,
  operation: string,
): AwsResponse | undefined => {
  if (first('throttle')) return throttled(request);
  if (first('error-5xx')) return failed(request);
  if (first('transaction-conflict')) return transactionConflict(operation, request.body);
  if (first('throughput-exceeded')) return throughputExceeded();
  return undefined;
};

/** The answer for a service whose engine was not started. */
export const notStarted = (request: Pick<AwsRequest, 'service' | 'headers'>): AwsResponse =>
  refusal(protocolOf(request), {
    status: 501,
    code: 'NotImplemented',
    message: `The local AWS was started without an engine for ${request.service}.`,
  });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Drops the connection without an answer, after the caller has hung for the fault's latency. */
const drop = async (outgoing: ServerResponse, fault: ActiveFault): Promise<void> => {
  if (fault.latencyMs) await pause(fault.latencyMs);
  outgoing.destroy();
};

// The length changes with the body, and so does DynamoDB's checksum, which the SDK verifies.
const rewritten = (response: AwsResponse, body: Buffer): AwsResponse => {
  const { 'content-length': _length, 'x-amz-crc32': _crc, ...headers } = response.headers ?? {};
  return { ...response, headers, body };
};

const plain = (headers: IncomingMessage['headers']): Record<string, string> => {
  const kept = Object.entries(headers).filter(([name]) => name !== 'transfer-encoding' && name !== 'connection');
  return Object.fromEntries(
    kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
};

const write = (outgoing: ServerResponse, { status, headers, body }: AwsResponse): void => {
  const bytes = Buffer.from(body);
  // An answer to HEAD says the length of what it does not carry.
  const length = headers?.['content-length'] ?? String(bytes.length);
  outgoing.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': length });
  outgoing.end(bytes);
};
