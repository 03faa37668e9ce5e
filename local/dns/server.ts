import type { Socket } from 'node:net';
import { createTCPServer, createUDPServer, Packet } from 'dns2';
import { type AnsweredRecord, answer } from './answer.ts';
import { txtStrings } from './text.ts';
import { createZones, type Zones } from './zone.ts';

/** A running authoritative server. `address` is what `Resolver.setServers` takes. */
export type Dns = {
  readonly address: string;
  readonly zones: Zones;
  stop(): Promise<void>;
};

const attempts = 20;

/**
 * Starts an authoritative DNS server on one loopback port, UDP and TCP.
 * Port 0 (the default) takes a free one. Throws when the port asked for is taken, with the port in the message.
 */
export const openDns = async ({
  host = '127.0.0.1',
  port = 0,
}: {
  host?: string;
  port?: number;
} = {}): Promise<Dns> => {
  const zones = createZones();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listen(zones, host, port);
    } catch (error) {
      // The number that TCP was given may be taken for UDP: only for a port of our own choice is there another try.
      if (port !== 0 || attempt === attempts) {
        throw new Error(`The DNS server cannot listen on ${host} port ${port}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
};

const listen = async (zones: Zones, host: string, port: number): Promise<Dns> => {
  const clients = new Set<Socket>();
  const respond = (request: Packet): Packet => replyTo(zones, request);
  const tcp = createTCPServer((request, send) => void send(respond(request)));
  tcp.on('connection', (socket: Socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
  });
  tcp.on('requestError', () => {});
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(port, host, resolve);
  });
  const bound = (tcp.address() as { port: number }).port;
  const udp = createUDPServer((request, send) => void send(respond(request)).catch(() => {}));
  udp.on('requestError', () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(bound, host, resolve);
    });
  } catch (error) {
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
    throw error;
  }
  return {
    address: `${host}:${bound}`,
    zones,
    stop: async () => {
      for (const socket of clients) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => tcp.close(() => resolve())),
        new Promise<void>((resolve) => udp.close(() => resolve())),
      ]);
    },
  };
};

const replyTo = (zones: Zones, request: Packet): Packet => {
  const reply = Packet.createResponseFromRequest(request);
  const question = request.questions[0];
  if (question === undefined || request.header.opcode !== 0) {
    reply.header.rcode = question === undefined ? Packet.RCODE.FORMERR : Packet.RCODE.NOTIMP;
    return reply;
  }
  const { code, authoritative, answers, authorities } = answer(
    zones,
    { name: question.name, type: Packet.typeName(question.type) },
    Math.random(),
  );
  reply.header.rcode = Packet.RCODE[code];
  reply.header.aa = authoritative ? 1 : 0;
  reply.answers = answers.map(resource);
  reply.authorities = authorities.map(resource);
  return reply;
};

const withoutDot = (name: string): string => name.replace(/\.$/, '');

const resource = (record: AnsweredRecord): InstanceType<typeof Packet.Resource> => {
  const base = new Packet.Resource(
    withoutDot(record.name),
    Packet.TYPE[record.type],
    Packet.CLASS.IN,
    record.ttlSeconds,
  );
  return Object.assign(base, data(record));
};

const data = ({ type, value }: AnsweredRecord): object => {
  switch (type) {
    case 'A':
    case 'AAAA':
      return { address: value };
    case 'CNAME':
      return { domain: withoutDot(value) };
    case 'NS':
      return { ns: withoutDot(value) };
    case 'TXT':
      return { data: txtStrings(value) ?? [value] };
    case 'SOA': {
      const [primary = '', admin = '', ...numbers] = value.trim().split(/\s+/);
      const [serial = 1, refresh = 7200, retry = 900, expiration = 1_209_600, minimum = 86_400] = numbers.map(Number);
      return { primary: withoutDot(primary), admin: withoutDot(admin), serial, refresh, retry, expiration, minimum };
    }
  }
};
