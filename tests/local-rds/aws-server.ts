import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { LocalService } from '../../local/gateway/service.ts';

/** The smallest gateway: real HTTP in front of one local service, so that a real SDK client can ask it. */
export const serve = async (service: LocalService): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const sockets = new Set<Socket>();
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    // Credential=ACCOUNT/DATE/REGION/SERVICE/aws4_request
    const scope = /Credential=([^/]+)\/[^/]+\/([^/]+)\/([^/]+)\//.exec(incoming.headers.authorization ?? '');
    const answering = service.handle({
      service: scope?.[3] ?? '',
      region: scope?.[2] ?? '',
      account: scope?.[1] ?? '',
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks),
    });
    // An exception is a 500, as at the gateway, and its text must reach the test.
    const answer = await answering.catch((error: unknown) => ({ status: 500, headers: {}, body: String(error) }));
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

/** Client settings for the local services: an access key id of 12 digits is the account. */
export const clientSettings = (region: string, endpoint: string) => ({
  region,
  endpoint,
  credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
  maxAttempts: 1,
  // A request that hangs is to be told from a clock that does.
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
});
