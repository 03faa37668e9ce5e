import { chunked, type Operation } from '../core/operation.ts';
import { itemOutcome, type Outcome, requestOutcome } from '../core/outcome.ts';
import { inFlight } from './in-flight.ts';
import type { Patience, SearchIndex } from './ports.ts';

/** How hard the index is pressed, and how patiently. */
export interface SendSettings {
  /** Uncompressed: below the 10 MiB that the smaller instance types take (docs: opensearch-service limits). */
  maxBytes: number;
  maxOperations: number;
  /** Of the first request: the index begins while the others are made. */
  firstOperations: number;
  requestsInFlight: number;
  /** Stop retrying when less than this is left: enough to report, and for one request's timeout. */
  reserveMs: number;
  firstBackoffMs: number;
  maxBackoffMs: number;
}

export const sendSettings: SendSettings = {
  maxBytes: 5 * 1024 * 1024,
  maxOperations: 1_000,
  firstOperations: 125,
  requestsInFlight: 4,
  reserveMs: 8_000,
  firstBackoffMs: 100,
  maxBackoffMs: 5_000,
};

/** An operation of a caller's thing, and what became of it. */
export interface Write<T> {
  of: T;
  operation: Operation;
}
export interface Sent<T> extends Write<T> {
  outcome: Outcome;
}

/**
 * Sends all writes in bounded requests, a few at a time, and sends again only what failed for a passing reason, until
 * the time is nearly up. Conditions make a repeated or late request harmless. A write that is still failing comes back
 * as `retry`. An incident ends it: what is left keeps its last outcome. Writes that are made when they are asked for are
 * made while the index works on those before.
 */
export const sendAll = async <T>(
  index: SearchIndex,
  writes: Iterable<Write<T>>,
  patience: Patience,
  settings: SendSettings = sendSettings,
): Promise<Sent<T>[]> => {
  const settled: Sent<T>[] = [];
  let pending = writes;
  let { maxOperations } = settings;
  for (let round = 0; ; round++) {
    const chunks = chunked(pending, { ...settings, maxOperations });
    const send = (chunk: readonly Write<T>[]) => sendChunk(index, chunk);
    const sent = (await inFlight(chunks, settings.requestsInFlight, send, () => patience.sleep(0))).flat();
    const failing = sent.filter(({ outcome }) => outcome.kind === 'retry');
    settled.push(...sent.filter(({ outcome }) => outcome.kind !== 'retry'));
    const pauseMs = backoffMs(round, settings, patience.chance());
    const over =
      failing.length === 0 ||
      sent.some(({ outcome }) => outcome.kind === 'incident') ||
      patience.remainingMs() - pauseMs < settings.reserveMs;
    if (over) return [...settled, ...failing];
    await patience.sleep(pauseMs);
    pending = failing;
    // Less at once, for the cluster said that it is too much.
    maxOperations = Math.max(1, Math.floor(maxOperations / 2));
  }
};

/** Exponential with full jitter: writers that failed together do not come back together. */
const backoffMs = (round: number, { firstBackoffMs, maxBackoffMs }: SendSettings, chance: number): number =>
  chance * Math.min(maxBackoffMs, firstBackoffMs * 2 ** round);

const sendChunk = async <T>(index: SearchIndex, chunk: readonly Write<T>[]): Promise<Sent<T>[]> => {
  const answer = await index.bulk(chunk.map(({ operation }) => operation));
  if (answer.kind === 'items') {
    if (answer.items.length === chunk.length) {
      return chunk.map((write, i) => {
        const item = answer.items[i];
        return { ...write, outcome: itemOutcome(write.operation.write.kind, item ?? { status: 0 }) };
      });
    }
    const reason = `${answer.items.length} answers to ${chunk.length} operations`;
    return chunk.map((write) => ({ ...write, outcome: { kind: 'incident', reason } }));
  }
  const outcome = requestOutcome(answer, chunk.length);
  if (outcome.kind !== 'halve') return chunk.map((write) => ({ ...write, outcome }));
  const middle = Math.ceil(chunk.length / 2);
  return [...(await sendChunk(index, chunk.slice(0, middle))), ...(await sendChunk(index, chunk.slice(middle)))];
};
