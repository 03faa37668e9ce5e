import { createServer } from 'node:net';
import { EngineError } from '../engines/engine-error.ts';

/** Ports on an instance's own address: what clients see, the server behind it, and RDS's own way to its replication source. */
export type Ports = { readonly client: number; readonly server: number; readonly replication: number };

/** An engine's own (API reference, CreateDBInstance: the defaults of Port). */
export const portsOf = (engine: string): Ports => {
  const client = /mysql|mariadb/.test(engine) ? 3306 : 5432;
  return { client, server: client + 1, replication: client + 2 };
};

const attempts = 30;

/**
 * A loopback address (127.x.y.z) whose three ports are free. Addresses are drawn at random, so that two worlds on one machine
 * do not meet. Linux answers on all of 127.0.0.0/8; macOS needs `sudo ifconfig lo0 alias ADDRESS` for each one.
 */
export const drawAddress = async (ports: Ports, random: () => number = Math.random): Promise<string> => {
  const octet = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  for (let attempt = 1; ; attempt += 1) {
    const address = `127.${octet(16, 250)}.${octet(0, 255)}.${octet(1, 254)}`;
    const problems = await Promise.all(Object.values(ports).map((port) => bindProblem(address, port)));
    const problem = problems.find((one) => one !== undefined);
    if (problem === undefined) return address;
    if (problem === 'EADDRNOTAVAIL') {
      throw new EngineError(
        `This system does not answer on ${address}: every local database needs a loopback address of its own; on macOS add one with "sudo ifconfig lo0 alias ${address}".`,
      );
    }
    if (attempt === attempts) {
      throw new EngineError(
        `No loopback address has port ${ports.client} free (${problem}): is a database listening there on all addresses? Stop it, or let it listen on 127.0.0.1 only.`,
      );
    }
  }
};

const bindProblem = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
