import { RDSClient } from '@aws-sdk/client-rds';
import { kindOf, words } from './kinds.ts';
import type { Ledger } from './ledger.ts';
import { RATES, type Scenario } from './scenario.ts';
import { ACCOUNT, COPY_MS, type Records, type Region, regions, SNAPSHOT_MS, STALE_MS } from './world.ts';

// Between the SDK's client and the world: time that calls take, what goes wrong on the way, and the book of what arrived.

const MOST_ATTEMPTS = 8;

export interface Wire {
  /** By action, as the code under test asked. */
  calls: Map<string, number>;
  faults: number;
  /** Regions whose RDS answers nobody. */
  down: Set<Region>;
  /** A client for one invocation; when it has made `dieAfter` calls, no call of it ever ends, and `onDeath` is told. */
  client(region: Region, dieAfter?: number, onDeath?: () => void): RDSClient;
}

/** The wire of one soak. */
export const openWire = (records: Records, scenario: Scenario, ledgers: Record<Region, Ledger>): Wire => {
  const { clock } = records;
  const asked = new Map<string, number>();
  const born = new Map<string, number>();

  /** What the world does, written into the region's book. */
  const judged = async (region: Region, form: URLSearchParams) => {
    const action = form.get('Action') ?? '';
    const kind = kindOf(action);
    const its = words[kind];
    const ledger = ledgers[region];
    const name = (form.get(its.snapshotId) ?? form.get(`Target${its.snapshotId}`) ?? '').toLowerCase();
    if (action === its.remove) await ledger.onDelete(name, clock.now());
    const answer = await records.ask(region, form);
    if (answer.status !== 200) return answer;
    if (action === its.remove) ledger.onDeleted(name);
    if (action === its.create || action === its.copy) {
      const isCopy = action === its.copy;
      const resourceId = isCopy ? tagOf(form, 'mainstay:resource-id') : its.resourceId.exec(answer.text)?.[1];
      const slotMs = Date.parse(tagOf(form, 'mainstay:slot') ?? '');
      const copyOf = form.get(`Source${its.snapshotId}`)?.split(':').at(-1);
      const readyMs = clock.now() + (isCopy ? COPY_MS : SNAPSHOT_MS);
      born.set(name, clock.now());
      await ledger.onCreated({ name, kind, resourceId: resourceId ?? '', slotMs, copyOf, readyMs }, clock.now());
    }
    return answer;
  };

  /** A look by name may lag behind too: AWS promises nothing of it. (The lists' lag is the world's.) */
  const lagging = async (region: Region, form: URLSearchParams) => {
    const its = words[kindOf(form.get('Action') ?? '')];
    const name = form.get(its.snapshotId) ?? '';
    const isYoung = clock.now() - (born.get(name) ?? Number.NEGATIVE_INFINITY) < STALE_MS;
    return form.get('Action') === its.describe && isYoung && scenario.fate('stale', name, clock.now()) < 0.3
      ? { status: 404, text: errorXml(its.notFound, `${name} not found.`) }
      : judged(region, form);
  };

  const answerOf = async (region: Region, form: URLSearchParams, drawn: number) => {
    const { throttled, failsBefore, failsAfterwards } = RATES;
    const failed = { status: 500, text: errorXml('InternalFailure', 'An internal error has occurred.') };
    if (wire.down.has(region)) return { status: 503, text: errorXml('ServiceUnavailable', 'Service is unavailable.') };
    if (drawn >= throttled + failsBefore + failsAfterwards) return lagging(region, form);
    wire.faults += 1;
    if (drawn < throttled) return { status: 400, text: errorXml('Throttling', 'Rate exceeded') };
    if (drawn < throttled + failsBefore) return failed;
    await judged(region, form);
    return failed;
  };

  const wire: Wire = {
    calls: new Map(),
    faults: 0,
    down: new Set(),
    client: (region, dieAfter = Number.POSITIVE_INFINITY, onDeath = () => {}) => {
      let callsLeft = dieAfter;
      const handle = async ({ body }: { body?: unknown }) => {
        const form = new URLSearchParams(String(body ?? ''));
        const action = form.get('Action') ?? '';
        if (callsLeft-- <= 0) {
          onDeath();
          return new Promise<never>(() => {});
        }
        wire.calls.set(action, (wire.calls.get(action) ?? 0) + 1);
        const { snapshotId } = words[kindOf(action)];
        const subject = form.get(snapshotId) ?? form.get(`Target${snapshotId}`) ?? form.get('Marker') ?? '';
        const question = `${region} ${action} ${subject} ${Math.floor(clock.now() / 3_600_000)}`;
        const time = (asked.get(question) ?? 0) + 1;
        asked.set(question, time);
        await clock.advance(40 + Math.floor(scenario.fate('latency', question, time) * 80));
        const answer = await answerOf(region, form, scenario.fate('fault', question, time));
        return { response: { statusCode: answer.status, headers: {}, body: Buffer.from(answer.text) } };
      };
      return new RDSClient({
        region: regions[region],
        credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'local' },
        requestHandler: { handle } as never,
        retryStrategy: atOnce,
        // Without one the SDK masks every answer for a log that nobody keeps.
        logger: {} as never,
      });
    },
  };
  return wire;
};

const tagOf = (form: URLSearchParams, key: string): string | undefined => {
  for (let index = 1; form.has(`Tags.Tag.${index}.Key`); index++)
    if (form.get(`Tags.Tag.${index}.Key`) === key) return form.get(`Tags.Tag.${index}.Value`) ?? undefined;
  return undefined;
};

const errorXml = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>0</RequestId></ErrorResponse>`;

// The SDK's standard rules of what is tried again, without its waiting: the virtual clock does not pass while a timer runs.
const atOnce = {
  mode: 'standard',
  acquireInitialRetryToken: async () => token(0),
  refreshRetryTokenForRetry: async (last: { getRetryCount(): number }, { errorType }: { errorType: string }) => {
    if (errorType === 'CLIENT_ERROR' || last.getRetryCount() + 1 >= MOST_ATTEMPTS) throw new Error('no more attempts');
    return token(last.getRetryCount() + 1);
  },
  recordSuccess: () => {},
};
const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
