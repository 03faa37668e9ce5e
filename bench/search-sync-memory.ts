import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSearchHttp } from '../functions/search-sync/aws/opensearch-http.ts';
import { openSearchIndex } from '../functions/search-sync/aws/opensearch-index.ts';
import { syncOnce } from './search-sync-cost.ts';
import { recordsOf } from './search-sync-items.ts';

// Run by bench/search-sync-cost.ts as a process of its own: one batch through the real client, signed and compressed, to a
// server that counts its lines and says yes. The server is in the same process, so its part is counted too.

const EVENT_BYTES = 6 * 1024 * 1024;

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    // As many answers as the operations of this request, which the memory of the batch does not depend on.
    response.end(answers.shift() ?? '{"errors":false,"items":[]}');
  });
});
const answers: string[] = [];
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const http = openSearchHttp({
  node: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  region: 'eu-west-1',
  service: 'es',
  credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' }),
  requestTimeoutMs: 10_000,
});
const inner = openSearchIndex(http, Date.now);
const index = {
  ...inner,
  bulk: async (operations: Parameters<typeof inner.bulk>[0]) => {
    answers.push(`{"errors":false,"items":[${operations.map(() => '{"index":{"status":201}}').join(',')}]}`);
    return inner.bulk(operations);
  },
};
const one = JSON.stringify(recordsOf(1)[0]).length;
const count = Math.floor(EVENT_BYTES / (one + 1));

await syncOnce(JSON.stringify({ Records: recordsOf(10) }), index);
const megabytes = (bytes: number) => bytes / 1024 / 1024;
const baseMb = process.resourceUsage().maxRSS / 1024;
let event = JSON.stringify({ Records: recordsOf(count) });
// What made the event is not the batch's: a Lambda gets it as text.
const beforeMb = process.resourceUsage().maxRSS / 1024;
const eventMb = megabytes(event.length);
let peakMb = 0;
const watch = setInterval(() => {
  peakMb = Math.max(peakMb, megabytes(process.memoryUsage.rss()));
}, 2);
const written = await syncOnce(event, index);
clearInterval(watch);
event = '';
peakMb = Math.max(peakMb, megabytes(process.memoryUsage.rss()));
const maxMb = process.resourceUsage().maxRSS / 1024;
// The highest that the process ever stood at counts, unless making the event stood higher than the batch.
console.log(JSON.stringify({ baseMb, eventMb, count, written, peakMb: maxMb > beforeMb ? maxMb : peakMb }));
server.closeAllConnections();
server.close();
