import { appendFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Database, openDatabase } from '../shared/database/login.ts';

// An application that writes a ledger through the DNS name: numbered rows, each acknowledged one noted with its time. It
// knows nothing of Mainstay. Started as a process of its own: ledger-writer.ts HOST REGION SECRET FILE LANES FIRST

const [host = '', region = '', secretId = '', file = '', lanes = '2', first = '1'] = process.argv.slice(2);
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

const lane = async (): Promise<void> => {
  let database: Database | undefined;
  while (open) {
    try {
      database ??= await openDatabase({ kind: 'secret', secretId }, { region, host, timeoutMs: 1_500 });
      next += 1;
      const number = next;
      const [row] = await database.query<{ server: string }>(
        'INSERT INTO ledger (number) VALUES ($1) RETURNING inet_server_addr()::text AS server',
        [number],
      );
      appendFileSync(file, `${number} ${Date.now()} ${row?.server ?? ''}\n`);
    } catch {
      // The name may lead elsewhere now: a new connection asks it again.
      await database?.close().catch(() => {});
      database = undefined;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await database?.close().catch(() => {});
};

await Promise.all(Array.from({ length: Number(lanes) }, lane));
process.removeAllListeners('disconnect');
if (process.connected) process.disconnect();
