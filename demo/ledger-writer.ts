import { appendFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { openDatabase } from '../shared/database/login.ts';
import { openMysql } from '../shared/database/mysql.ts';

// An application that writes a ledger through the DNS name: numbered rows, each acknowledged one noted with its time. It
// knows nothing of Mainstay. Started as a process of its own: ledger-writer.ts HOST REGION SECRET FILE LANES FIRST ENGINE

const [host = '', region = '', secretId = '', file = '', lanes = '2', first = '1', engine = 'postgres'] =
  process.argv.slice(2);
let next = Number(first) - 1;
let open = true;
// The demo is gone, kill -9 too: nothing of ours stays.
process.on('disconnect', () => {
  rmSync(dirname(file), { recursive: true, force: true });
  process.exit(0);
});
process.on('SIGTERM', () => {
  open = false;
});

interface Ledger {
  /** Writes one row; the address of the server that took it. */
  write(number: number): Promise<string>;
  close(): Promise<void>;
}

const openLedger = async (): Promise<Ledger> => {
  const login = { kind: 'secret', secretId } as const;
  const where = { region, host, timeoutMs: 1_500 };
  if (engine === 'postgres') {
    const database = await openDatabase(login, where);
    const sql = 'INSERT INTO ledger (number) VALUES ($1) RETURNING inet_server_addr()::text AS server';
    return {
      write: async (number) => (await database.query<{ server: string }>(sql, [number]))[0]?.server ?? '',
      close: database.close,
    };
  }
  const database = await openMysql(login, where);
  const sql = 'INSERT INTO ledger.ledger (number) VALUES (?) RETURNING @@bind_address AS server';
  return {
    write: async (number) => (await database.query<{ server: string }>(sql, [number]))[0]?.server ?? '',
    close: database.close,
  };
};

const lane = async (): Promise<void> => {
  let ledger: Ledger | undefined;
  while (open) {
    try {
      ledger ??= await openLedger();
      next += 1;
      const number = next;
      const server = await ledger.write(number);
      appendFileSync(file, `${number} ${Date.now()} ${server}\n`);
    } catch {
      // The name may lead elsewhere now: a new connection asks it again.
      await ledger?.close().catch(() => {});
      ledger = undefined;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await ledger?.close().catch(() => {});
};

await Promise.all(Array.from({ length: Number(lanes) }, lane));
process.removeAllListeners('disconnect');
if (process.connected) process.disconnect();
