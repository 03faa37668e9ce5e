import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

// Just enough of the MySQL protocol to be logged in to over TLS and to answer statements: what a client says and hears on the
// wire (docs (MySQL): dev.mysql.com/doc/dev/mysql-server, client/server protocol). MySQL itself was not to be had.

export type Row = Record<string, string | null>;
export type Reply =
  | { rows: Row[]; isOfProcedure?: true }
  | { error: { code: number; state: string; message: string } }
  /** It has logged the client in, and says nothing to its statement. */
  | 'silent';

export interface WireServer {
  port: number;
  /** The password of the last login, as it came inside TLS. */
  password(): string;
  stop(): Promise<void>;
}

const CAPABILITIES = {
  protocol41: 0x200,
  ssl: 0x800,
  secureConnection: 0x8000,
  multiStatements: 0x10000,
  multiResults: 0x20000,
  pluginAuth: 0x80000,
};
const MORE_RESULTS = 0x0008;
const QUERY = 0x03;
const QUIT = 0x01;

/** A server on a free port of this address, with its certificate; without one it offers no TLS. */
export const startWireServer = async (
  address: string,
  identity: { key: string; certificate: string } | undefined,
  answer: (sql: string) => Reply,
): Promise<WireServer> => {
  const sockets = new Set<Socket>();
  let password = '';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket, identity, answer, (said) => {
      password = said;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    port: (server.address() as { port: number }).port,
    password: () => password,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

const serve = (
  socket: Socket,
  identity: { key: string; certificate: string } | undefined,
  answer: (sql: string) => Reply,
  heard: (password: string) => void,
): void => {
  send(socket, 0, greeting(identity !== undefined));
  let state: 'greeted' | 'tls' | 'switching' | 'open' = 'greeted';
  let stream: Socket = socket;
  const take = (sequence: number, packet: Buffer, leave: () => void): void => {
    if (state === 'greeted' && identity) {
      // The request for TLS is the head of a login, and nothing else: what came with it is TLS already.
      leave();
      state = 'tls';
      stream = new TLSSocket(socket, { isServer: true, key: identity.key, cert: identity.certificate });
      stream.on('error', () => {});
      read(stream, take);
    } else if (state === 'tls' || state === 'greeted') {
      state = 'switching';
      send(stream, sequence + 1, Buffer.concat([Buffer.from([0xfe]), Buffer.from('mysql_clear_password\0')]));
    } else if (state === 'switching') {
      state = 'open';
      heard(packet.subarray(0, packet.indexOf(0)).toString());
      send(stream, sequence + 1, ok());
    } else if (packet[0] === QUERY) reply(stream, answer(packet.subarray(1).toString()));
    else if (packet[0] === QUIT) stream.end();
  };
  read(socket, take);
};

/** Packets as they come: three bytes of length, one of sequence. Who leaves gives back what he has not taken. */
const read = (stream: Socket, take: (sequence: number, packet: Buffer, leave: () => void) => void): void => {
  let waiting = Buffer.alloc(0);
  let isLeft = false;
  const leave = (): void => {
    isLeft = true;
    stream.pause();
    stream.removeListener('data', onData);
    if (waiting.length > 0) stream.unshift(waiting);
  };
  const onData = (chunk: Buffer): void => {
    waiting = Buffer.concat([waiting, chunk]);
    while (!isLeft && waiting.length >= 4) {
      const length = waiting.readUIntLE(0, 3);
      if (waiting.length < 4 + length) return;
      const [sequence, packet] = [waiting.readUInt8(3), waiting.subarray(4, 4 + length)];
      waiting = waiting.subarray(4 + length);
      take(sequence, packet, leave);
    }
  };
  stream.on('data', onData);
};

const send = (stream: Socket, sequence: number, payload: Buffer): void => {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head.writeUInt8(sequence & 0xff, 3);
  stream.write(Buffer.concat([head, payload]));
};

const greeting = (hasTls: boolean): Buffer => {
  const all = Object.entries(CAPABILITIES).reduce(
    (sum, [name, bit]) => (name === 'ssl' && !hasTls ? sum : sum | bit),
    0,
  );
  const low = Buffer.alloc(2);
  low.writeUInt16LE(all & 0xffff);
  const high = Buffer.alloc(2);
  high.writeUInt16LE(all >>> 16);
  return Buffer.concat([
    ...[
      Buffer.from([10]),
      Buffer.from('8.4.5\0'),
      Buffer.from([1, 0, 0, 0]),
      Buffer.from('12345678'),
      Buffer.from([0]),
    ],
    ...[low, Buffer.from([255, 2, 0]), high, Buffer.from([21]), Buffer.alloc(10)],
    ...[Buffer.from('123456789012\0'), Buffer.from('caching_sha2_password\0')],
  ]);
};

const ok = (): Buffer => Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const endOf = (status: number): Buffer => Buffer.from([0xfe, 0, 0, status, 0]);

/** A string with its length before it. */
const counted = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes.length < 251 ? Buffer.from([bytes.length]) : longHead(bytes.length), bytes]);
};
const longHead = (length: number): Buffer => {
  const head = Buffer.from([0xfc, 0, 0]);
  head.writeUInt16LE(length, 1);
  return head;
};

const column = (name: string): Buffer =>
  Buffer.concat([
    ...['def', '', '', '', name, name].map(counted),
    // utf8mb4, 1,020 bytes at most, VAR_STRING.
    Buffer.from([0x0c, 255, 0, 0xfc, 3, 0, 0, 0xfd, 0, 0, 0, 0, 0]),
  ]);

const reply = (stream: Socket, said: Reply): void => {
  if (said === 'silent') return;
  let sequence = 0;
  const next = (payload: Buffer) => {
    sequence += 1;
    send(stream, sequence, payload);
  };
  if ('error' in said) {
    const code = Buffer.alloc(2);
    code.writeUInt16LE(said.error.code);
    next(Buffer.concat([Buffer.from([0xff]), code, Buffer.from(`#${said.error.state}${said.error.message}`)]));
    return;
  }
  const [first] = said.rows;
  if (first === undefined) {
    next(ok());
    return;
  }
  const names = Object.keys(first);
  next(Buffer.from([names.length]));
  for (const name of names) next(column(name));
  next(endOf(2));
  for (const row of said.rows) {
    next(Buffer.concat(names.map((name) => (row[name] == null ? Buffer.from([0xfb]) : counted(row[name])))));
  }
  // A procedure's rows are followed by its own end.
  next(endOf(said.isOfProcedure ? 2 | MORE_RESULTS : 2));
  if (said.isOfProcedure) next(ok());
};
