import { Agent, request as ask, createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.ts';

// A bad network in front of a real OpenSearch: what it does to a request is drawn from a seed.

type Fate = 'through' | 'cut-before' | 'cut-after' | 'late' | 'twice' | 'slow' | 429 | 503 | 403;

/** How often each fate comes up, of 100. */
const FATES: readonly [Fate, number][] = [
  ['cut-before', 4],
  ['cut-after', 4],
  ['late', 4],
  ['twice', 4],
  ['slow', 4],
  [429, 4],
  [503, 3],
  [403, 2],
];

export interface FaultProxy {
  endpoint: string;
  /** No more faults. */
  calmDown(): void;
  /** All that is still under way has landed. */
  landed(): Promise<void>;
  /** How often each fate came up. */
  fates: Map<Fate, number>;
  close(): Promise<void>;
}

/** Opens a proxy on loopback in front of `engine`. `late`: given up at once, and it lands some time later all the same. */
export const openFaultProxy = async (engine: string, chance: Chance): Promise<FaultProxy> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const fates = new Map<Fate, number>();
  const pending = new Set<Promise<unknown>>();
  let calm = false;

  const forward = (method: string, url: string, headers: IncomingHttpHeaders, body: Buffer) =>
    new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      const { host: _, authorization: __, 'transfer-encoding': ___, ...kept } = headers;
      const sent = ask(
        engine + url,
        { method, agent, headers: { ...kept, 'content-length': body.length } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
          );
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const inTheBackground = (work: Promise<unknown>): void => {
    const settled = work.catch(() => {}).finally(() => pending.delete(settled));
    pending.add(settled);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { method = 'GET', url = '/', headers } = request;
      const body = Buffer.concat(chunks);
      const fate = calm ? 'through' : drawn(chance);
      fates.set(fate, (fates.get(fate) ?? 0) + 1);
      try {
        if (typeof fate === 'number') {
          const type = { 429: 'rejected_execution_exception', 503: 'unavailable', 403: 'security_exception' }[fate];
          response.writeHead(fate, { 'content-type': 'application/json' });
          return void response.end(JSON.stringify({ error: { type, reason: 'played by the proxy' }, status: fate }));
        }
        if (fate === 'cut-before') return void request.socket.destroy();
        if (fate === 'late') {
          inTheBackground(sleep(chance.whole(5, 400)).then(() => forward(method, url, headers, body)));
          return void request.socket.destroy();
        }
        if (fate === 'slow') await sleep(chance.whole(5, 100));
        const answer = await forward(method, url, headers, body);
        if (fate === 'twice') {
          inTheBackground(sleep(chance.whole(0, 200)).then(() => forward(method, url, headers, body)));
        }
        if (fate === 'cut-after') return void request.socket.destroy();
        response.writeHead(answer.status, {
          'content-type': answer.headers['content-type'] ?? 'application/json',
          ...(answer.headers['content-encoding'] && { 'content-encoding': answer.headers['content-encoding'] }),
        });
        response.end(answer.body);
      } catch {
        request.socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calmDown: () => {
      calm = true;
    },
    landed: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
    fates,
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const drawn = (chance: Chance): Fate => {
  let left = chance.next() * 100;
  for (const [fate, share] of FATES) {
    left -= share;
    if (left < 0) return fate;
  }
  return 'through';
};
