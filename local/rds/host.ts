// The host that one instance runs on: a server, the network in front of it, and what can happen to both.

import type { EngineProcess } from '../engines/run.ts';
import { portsOf } from './addresses.ts';
import { createProxy, type NetworkProxy } from './proxy.ts';
import type { Cluster, ServerKind, Upstream } from './servers/server-kind.ts';

/** `lost` is a machine that is gone from the network; `dead` a machine whose server has ended by itself. */
export type HostState = 'down' | 'up' | 'frozen' | 'dead' | 'lost';

export type Host = {
  readonly kind: ServerKind;
  readonly cluster: Cluster;
  readonly address: string;
  state(): HostState;
  /** Starts the server, then lets clients in. */
  start(): Promise<void>;
  /** Ends the server in order. Its machine goes with it: clients get no answer at all. */
  stop(): Promise<void>;
  /** Ends the server in order and starts it again; refuses connections meanwhile. */
  restart(): Promise<void>;
  /** kill -9 of the server's main process: connections break, new ones are refused. */
  killProcess(): void;
  /** The machine is gone with all that ran on it: nothing answers, nobody is told. */
  lose(): void;
  /** The machine is on the network again, without a server. */
  recover(): void;
  freeze(): void;
  thaw(): void;
  /** Asks again whether clients that wait may come in (after a change of security groups). */
  recheck(): void;
  /** Where this host's server gets its log from; undefined once it is on its own. */
  replicateFrom(upstream: Upstream | undefined, source: Host | undefined): Promise<void>;
  /** Pulls or plugs in the cable to the replication source. */
  setLink(whole: boolean): void;
  isLinkCut(): boolean;
  /** Calls back when the machine vanishes or comes back, before anything else happens. Returns its removal. */
  onVanish(listener: () => void): () => void;
  sessions(): number;
  /** Ends everything without ceremony. */
  discard(): Promise<void>;
};

/**
 * A host that is down. `admit` is the security groups' word on a client's address. `onDeath` hears of a server that ended
 * although nobody asked it to, while the machine is still there.
 */
export const createHost = (
  kind: ServerKind,
  cluster: Cluster,
  { admit, onDeath }: { admit: (address: string) => boolean; onDeath: () => void },
): Host => {
  const { host: address } = cluster;
  const ports = portsOf(kind.engine);
  const front = createProxy({ host: address, port: ports.client }, { host: address, port: ports.server }, admit);
  let state: HostState = 'down';
  let server: EngineProcess | undefined;
  let upstream: Upstream | undefined;
  let link: { readonly proxy: NetworkProxy; readonly source: Host; readonly forget: () => void } | undefined;
  let isCut = false;
  let isFrontOpen = false;
  const vanishListeners = new Set<() => void>();

  const openFront = async (): Promise<void> => {
    if (!isFrontOpen) await front.open();
    isFrontOpen = true;
  };
  const closeFront = (): void => {
    front.close();
    isFrontOpen = false;
  };

  const launch = async (): Promise<void> => {
    const started = await kind.start(cluster, upstream);
    server = started;
    state = 'up';
    void started.exited.then(() => {
      if (server !== started) return;
      server = undefined;
      // The family of a killed server ends by itself; what is left of it must not keep the next one from starting.
      void started.stop();
      if (state !== 'up' && state !== 'frozen') return;
      state = 'dead';
      closeFront();
      onDeath();
    });
  };

  const endServer = async (): Promise<void> => {
    const ending = server;
    server = undefined;
    await ending?.stop();
  };

  /** The cable carries only while nobody pulled it and both machines are there. */
  const refreshLink = (): void => {
    if (isCut || state === 'lost' || link?.source.state() === 'lost') link?.proxy.hold();
    else link?.proxy.release();
  };

  const closeLink = (): void => {
    link?.forget();
    link?.proxy.close();
    link?.proxy.reset();
    link = undefined;
  };

  return {
    kind,
    cluster,
    address,
    state: () => state,
    start: async () => {
      await launch();
      await openFront();
      front.release();
    },
    stop: async () => {
      state = 'down';
      await endServer();
      await openFront(); // so that a client's packets vanish, as with a stopped instance's address, instead of being refused
      front.reset();
      front.hold();
    },
    restart: async () => {
      state = 'down';
      closeFront();
      await endServer();
      await launch();
      await openFront();
    },
    killProcess: () => server?.kill('SIGKILL', 'process'),
    lose: () => {
      state = 'lost';
      front.hold();
      refreshLink();
      for (const listener of vanishListeners) listener();
      void openFront().catch(() => {}); // a dead server's host had its port closed: packets to a lost one vanish instead
      const lost = server;
      server = undefined;
      lost?.kill('SIGKILL');
      void lost?.stop();
    },
    recover: () => {
      state = 'down';
      closeFront();
      front.reset();
      front.release();
      refreshLink();
      for (const listener of vanishListeners) listener();
    },
    freeze: () => {
      server?.kill('SIGSTOP');
      state = 'frozen';
    },
    thaw: () => {
      server?.kill('SIGCONT');
      state = 'up';
    },
    recheck: () => front.recheck(),
    replicateFrom: async (next, source) => {
      closeLink();
      upstream = next;
      if (next === undefined || source === undefined) return;
      // RDS's own network: customers' security groups have no say here.
      const proxy = createProxy(
        { host: address, port: ports.replication },
        { host: source.address, port: ports.server },
        () => true,
      );
      await proxy.open();
      link = { proxy, source, forget: source.onVanish(refreshLink) };
      refreshLink();
    },
    setLink: (whole) => {
      isCut = !whole;
      refreshLink();
    },
    isLinkCut: () => isCut,
    onVanish: (listener) => {
      vanishListeners.add(listener);
      return () => vanishListeners.delete(listener);
    },
    sessions: () => front.sessions(),
    discard: async () => {
      state = 'down';
      closeFront();
      front.reset();
      closeLink();
      await endServer();
    },
  };
};
