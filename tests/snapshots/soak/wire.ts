import { RDSClient } from '@aws-sdk/client-rds';
import type { Clock } from '../../../local/clock.ts';
import type { LocalService } from '../../../local/gateway/service.ts';
import type { Ledger } from './ledger.ts';
import { RATES, type Scenario } from './scenario.ts';

// Between the SDK's client and the world: time that calls take, what goes wrong on the way, and the book of what arrived.

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';

/** How long after a change a list, or a look by name, may not show it. */
const STALE_MS = 20_000;
const MOST_ATTEMPTS = 8;

export interface Wire {
  /** By action, as the code under test asked. */
  calls: Map<string, number>;
  faults: number;
  /** RDS answers nobody. */
  isDown: boolean;
  /** A client for one invocation; when it has made `dieAfter` calls, no call of it ever ends, and `onDeath` is told. */
  client(dieAfter?: number, onDeath?: () => void): RDSClient;
  /** The API without any fault, for what people do. Gives the answer's text; throws on a refusal. */
  direct(action: string, params?: Readonly<Record<string, string>>): Promise<string>;
}

export class Refused extends Error {}

/** The wire of one soak. */
export const openWire = (
  { service, clock, durationMs }: { service: LocalService; clock: Clock; durationMs: number },
  scenario: Scenario,
  ledger: Ledger,
): Wire => {
  const asked = new Map<string, number>();
  const born = new Map<string, number>();

  const world = async (body: string) => {
    const { status, body: answer } = await service.handle({
      ...{ service: 'rds', region: REGION, account: ACCOUNT, method: 'POST', path: '/' },
      ...{ query: new URLSearchParams(), headers: {}, body: Buffer.from(body) },
    });
    return { status, text: answer.toString() };
  };

  /** What the world does, written into the book. */
  const judged = async (form: URLSearchParams, body: string) => {
    const action = form.get('Action');
    const name = form.get('DBSnapshotIdentifier')?.toLowerCase() ?? '';
    if (action === 'DeleteDBSnapshot') ledger.onDelete(name, clock.now());
    const answer = await world(body);
    if (answer.status !== 200) return answer;
    if (action === 'DeleteDBSnapshot') ledger.onDeleted(name);
    if (action === 'CreateDBSnapshot') {
      born.set(name, clock.now());
      const resourceId = /<DbiResourceId>(.*?)</.exec(answer.text)?.[1] ?? '';
      const slotMs = Date.parse(tagOf(form, 'mainstay:slot') ?? '');
      ledger.onCreated({ name, resourceId, slotMs, nowMs: clock.now(), durationMs });
    }
    return answer;
  };

  /** Reads may lag behind: what is young may be missing. */
  const lagging = (form: URLSearchParams, answer: { status: number; text: string }) => {
    if (form.get('Action') !== 'DescribeDBSnapshots' || answer.status !== 200) return answer;
    const isUnseen = (name: string) =>
      clock.now() - (born.get(name) ?? 0) < STALE_MS && scenario.fate('stale', name, asked.size) < 0.3;
    const name = form.get('DBSnapshotIdentifier');
    if (name !== null)
      return isUnseen(name) ? { status: 404, text: errorXml('DBSnapshotNotFound', `${name} not found.`) } : answer;
    const text = answer.text.replace(/<DBSnapshot>.*?<\/DBSnapshot>/gs, (one) =>
      isUnseen(/<DBSnapshotIdentifier>(.*?)</.exec(one)?.[1] ?? '') ? '' : one,
    );
    return { ...answer, text };
  };

  const wire: Wire = {
    calls: new Map(),
    faults: 0,
    isDown: false,
    client: (dieAfter = Number.POSITIVE_INFINITY, onDeath = () => {}) => {
      let callsLeft = dieAfter;
      const handle = async ({ body: sent }: { body?: unknown }) => {
        const body = String(sent ?? '');
        const form = new URLSearchParams(body);
        const action = form.get('Action') ?? '';
        if (callsLeft-- <= 0) {
          onDeath();
          return new Promise<never>(() => {});
        }
        wire.calls.set(action, (wire.calls.get(action) ?? 0) + 1);
        const subject = form.get('DBSnapshotIdentifier') ?? form.get('Marker') ?? '';
        const question = `${action} ${subject} ${Math.floor(clock.now() / 3_600_000)}`;
        const time = (asked.get(question) ?? 0) + 1;
        asked.set(question, time);
        await clock.advance(40 + Math.floor(scenario.fate('latency', question, time) * 80));
        const answer = await answerOf(form, body, scenario.fate('fault', question, time));
        return { response: { statusCode: answer.status, headers: {}, body: Buffer.from(answer.text) } };
      };
      return new RDSClient({
        region: REGION,
        credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'local' },
        requestHandler: { handle } as never,
        retryStrategy: atOnce,
      });
    },
    direct: async (action, params = {}) => {
      const answer = await world(new URLSearchParams({ Action: action, Version: '2014-10-31', ...params }).toString());
      if (answer.status !== 200) throw new Refused(`${action}: ${answer.text}`);
      return answer.text;
    },
  };

  const answerOf = async (form: URLSearchParams, body: string, drawn: number) => {
    const { throttled, failsBefore, failsAfterwards } = RATES;
    const failed = { status: 500, text: errorXml('InternalFailure', 'An internal error has occurred.') };
    if (wire.isDown) return { status: 503, text: errorXml('ServiceUnavailable', 'Service is unavailable.') };
    if (drawn >= throttled + failsBefore + failsAfterwards) return lagging(form, await judged(form, body));
    wire.faults += 1;
    if (drawn < throttled) return { status: 400, text: errorXml('Throttling', 'Rate exceeded') };
    if (drawn < throttled + failsBefore) return failed;
    await judged(form, body);
    return failed;
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
