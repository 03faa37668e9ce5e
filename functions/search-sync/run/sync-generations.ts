import { lowerCheckpoint } from '../core/checkpoint.ts';
import type { SyncReport } from '../core/sentences.ts';
import type { StreamTarget } from './build.ts';
import type { Generations, Written } from './ports.ts';
import { type SendSettings, sendSettings } from './send.ts';
import { readBatch, type SyncPorts, type SyncRules, syncBatch, syncRules } from './sync.ts';

export interface GenerationPorts extends SyncPorts {
  generations: Generations;
}

/** What one batch came to in every index of its table. */
export interface GenerationsReport extends SyncReport {
  /** Of the index that is not searched, where there is one. */
  shadow?: SyncReport | undefined;
  /** Why the shadow was let go of: it is not built to its end, and what is searched is not held up by it. */
  abandoned?: string | undefined;
}

const MAX_LOOKS = 3;

/**
 * Brings one batch into every index of the table. One look at its start is enough: what a batch carries is in the table
 * before it is delivered, and the backfill of an index that begins later reads the table later, strongly consistent.
 * `target.index` is the alias that is searched.
 */
export const syncGenerations = async (
  ports: GenerationPorts,
  target: StreamTarget,
  records: readonly unknown[],
  settings: SendSettings = sendSettings,
  rules: SyncRules = syncRules,
): Promise<GenerationsReport> => {
  const { generations, patience } = ports;
  const alias = target.index;
  const asked = generations.of(alias);
  // Heard below. The question is on its way before the records are read, which takes as long as its answer.
  asked.catch(() => {});
  await patience.sleep(0);
  const batch = readBatch(ports, target, records, rules);
  const reports = new Map<string, SyncReport>();
  let abandoned: string | undefined;
  for (let look = 1; ; look++) {
    let written: Written;
    try {
      written = await (look === 1 ? asked : generations.of(alias));
    } catch (error) {
      return nothingDone(target, records, error instanceof Error ? error.message : String(error));
    }
    const missing = indexesOf(written).filter((index) => !reports.has(index));
    const made = await Promise.all(
      missing.map((index) => syncBatch(ports, { ...target, index }, records, settings, rules, batch)),
    );
    missing.forEach((index, at) => void reports.set(index, made[at] as SyncReport));
    const broken = brokenShadow(written, reports);
    if (broken === undefined || look === MAX_LOOKS) return joined(records, written, reports, abandoned);
    // A shadow that can't be written is no reason for what is searched to stand still. Let go of in one step of the
    // cluster, or not at all; then looked at again, for it may have gone, or be the one that is searched, by now.
    if (await generations.abandon(alias, broken.shadow).catch(() => false)) abandoned = broken.incident;
  }
};

/** The shadow that is at fault alone: an incident of both indexes is one of the cluster, and no reason to let go of it. */
const brokenShadow = ({ serving, shadow }: Written, reports: ReadonlyMap<string, SyncReport>) => {
  const incident = shadow === undefined ? undefined : reports.get(shadow)?.incident;
  if (shadow === undefined || incident === undefined || reports.get(serving)?.incident !== undefined) return undefined;
  return { shadow, incident };
};

const indexesOf = ({ serving, shadow }: Written): string[] => (shadow === undefined ? [serving] : [serving, shadow]);

const joined = (
  records: readonly unknown[],
  written: Written,
  reports: ReadonlyMap<string, SyncReport>,
  abandoned: string | undefined,
): GenerationsReport => {
  const serving = reports.get(written.serving) as SyncReport;
  const shadow = written.shadow === undefined ? undefined : reports.get(written.shadow);
  return {
    ...serving,
    undone: Math.max(serving.undone, shadow?.undone ?? 0),
    checkpoint: lowerCheckpoint(sequencesOf(records), serving.checkpoint, shadow?.checkpoint),
    incident: serving.incident ?? shadow?.incident,
    shadow,
    abandoned,
  };
};

const sequencesOf = (records: readonly unknown[]): (string | undefined)[] =>
  records.map((record) => (record as { dynamodb?: { SequenceNumber?: string } } | null)?.dynamodb?.SequenceNumber);

const nothingDone = (target: StreamTarget, records: readonly unknown[], incident: string): GenerationsReport => ({
  table: target.table,
  index: target.index,
  records: records.length,
  keys: 0,
  written: 0,
  stale: 0,
  repaired: 0,
  stubbed: 0,
  malformed: 0,
  undone: records.length,
  checkpoint: '',
  incident,
});
