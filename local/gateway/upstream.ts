// An engine behind the gateway: where it listens, and what of a request must differ for it.
import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** An HTTP engine on loopback. `keepHost`: it makes addresses of its own from the Host header (ministack's queue URLs). */
export type Upstream = {
  readonly host: string;
  readonly port: number;
  readonly keepHost?: boolean;
  /** Headers that it must not see: OpenSearch without its security plugin knows no Authorization. */
  readonly dropHeaders?: readonly string[];
};

// One pool for all engines: connections are kept, since a new one per request costs more than the proxying itself.
const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 64 });

// Hop-by-hop headers end here (RFC 9110, section 7.6.1). Expect was answered by our own server already.
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect'];

type Sent = { method: string; url: string; headers: Record<string, string | string[] | undefined> };

/** Sends a request on; the body is a stream, or a buffer that replaces it. Resolves with the answer's head. */
export const forward = (upstream: Upstream, sent: Sent, body: Readable | Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers: OutgoingHttpHeaders = { ...sent.headers };
    for (const name of [...HOP_BY_HOP, ...(upstream.dropHeaders ?? [])]) delete headers[name];
    if (!upstream.keepHost) headers.host = `${upstream.host}:${upstream.port}`;
    if (Buffer.isBuffer(body)) {
      delete headers['transfer-encoding'];
      headers['content-length'] = body.length;
    }
    const outgoing = httpRequest({
      host: upstream.host,
      port: upstream.port,
      method: sent.method,
      path: sent.url,
      headers,
      agent,
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    if (Buffer.isBuffer(body)) {
      outgoing.end(body);
      return;
    }
    body.once('error', () => outgoing.destroy());
    body.once('close', () => {
      if (!body.readableEnded) outgoing.destroy(); // our client went away in the middle of its body
    });
    body.pipe(outgoing);
  });

/** Reads an answer whole. */
export const readAnswer = async (answer: IncomingMessage) => ({
  status: answer.statusCode ?? 502,
  headers: answer.headers,
  body: await buffer(answer),
});

/** Closes idle connections, so that a process can end. */
export const closeUpstreams = (): void => agent.destroy();
