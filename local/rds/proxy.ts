import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The network in front of one server: a TCP proxy that admits, holds, carries and breaks connections.
 * `held` is a cable that was pulled: nothing moves, nothing is answered, nobody is told. What was admitted stays admitted.
 */
export type NetworkProxy = {
  /** Starts listening; rejects with the system's error, e.g. EADDRINUSE. */
  open(): Promise<void>;
  /** Stops listening: new connections are refused. Open ones go on. */
  close(): void;
  hold(): void;
  release(): void;
  /** Asks again whether those that wait may come in. */
  recheck(): void;
  /** Breaks every connection with a reset. */
  reset(): void;
  /** Connections carried at this moment. */
  sessions(): number;
};

type Address = { readonly host: string; readonly port: number };

type Carried = { readonly client: Socket; readonly upstream: Socket; endedWhileHeld: boolean };

/** As long as a Linux client sends SYN packets before it gives up (tcp(7), tcp_syn_retries). */
const longestWaitMs = 127_000;

/**
 * A connection that `admit` refuses is neither answered nor refused: like a packet that a security group drops, so that the
 * client runs into its own timeout (VPC User Guide, vpc-security-groups).
 */
export const createProxy = (listen: Address, target: Address, admit: (address: string) => boolean): NetworkProxy => {
  const carried = new Set<Carried>();
  const waiting = new Set<Socket>();
  let server: Server | undefined;
  let isHeld = false;

  const accept = (client: Socket): void => {
    client.setNoDelay(true);
    client.pause();
    waiting.add(client);
    client.once('close', () => waiting.delete(client));
    client.setTimeout(longestWaitMs, () => client.destroy());
    client.on('error', () => {});
    admitWaiting(client);
  };

  const admitWaiting = (client: Socket): void => {
    if (isHeld || client.destroyed || !admit(client.remoteAddress ?? '')) return;
    waiting.delete(client);
    client.setTimeout(0);
    const pair: Carried = { client, upstream: connect({ ...target, noDelay: true }), endedWhileHeld: false };
    carried.add(pair);
    for (const socket of [pair.client, pair.upstream]) {
      socket.on('error', () => {});
      socket.once('close', (failed) => endPair(pair, failed));
    }
    flow(pair);
  };

  const flow = ({ client, upstream }: Carried): void => {
    client.pipe(upstream);
    upstream.pipe(client);
  };

  /** One side is gone: the other hears of it, after all that was sent to it before, unless the cable is pulled. */
  const endPair = (pair: Carried, failed: boolean): void => {
    if (isHeld) {
      pair.endedWhileHeld = true;
      return;
    }
    carried.delete(pair);
    for (const socket of [pair.client, pair.upstream]) {
      if (socket.destroyed) continue;
      if (failed) socket.resetAndDestroy();
      else socket.destroySoon();
    }
  };

  return {
    open: () =>
      new Promise((resolve, reject) => {
        const opening = createServer({ pauseOnConnect: true }, accept);
        opening.once('error', reject);
        opening.listen(listen.port, listen.host, () => {
          opening.removeListener('error', reject);
          opening.on('error', () => {});
          server = opening;
          resolve();
        });
      }),
    close: () => {
      server?.close();
      server = undefined;
    },
    hold: () => {
      if (isHeld) return;
      isHeld = true;
      for (const { client, upstream } of carried) {
        client.unpipe(upstream).pause();
        upstream.unpipe(client).pause();
      }
    },
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      for (const pair of [...carried]) {
        if (pair.endedWhileHeld) endPair(pair, true);
        else flow(pair);
      }
      for (const client of [...waiting]) admitWaiting(client);
    },
    recheck: () => {
      for (const client of [...waiting]) admitWaiting(client);
    },
    reset: () => {
      for (const client of waiting) client.resetAndDestroy();
      for (const { client, upstream } of carried) {
        client.resetAndDestroy();
        upstream.destroy();
      }
      carried.clear();
      waiting.clear();
    },
    sessions: () => carried.size,
  };
};
