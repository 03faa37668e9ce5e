import type { ObjectIdentity } from '../functions/object-index/core/fact.ts';
import type { ObjectRow } from '../functions/object-index/core/row.ts';
import { formatInstant } from '../functions/object-index/core/time.ts';
import { table } from './table.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** Bytes for a person: `1.4 GiB`. The exact number always stands beside it. */
export const bytesText = (bytes: bigint): string => {
  let value = Number(bytes < 0n ? -bytes : bytes);
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${bytes < 0n ? '-' : ''}${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
};

/** What the index knows of an object, and a sentence on how it knows. */
export const objectText = ({ bucket, key }: ObjectIdentity, row: ObjectRow | undefined): string => {
  if (row === undefined) return `The index has never heard of ${bucket}/${key}.`;
  const known =
    row.truthAtMs === undefined
      ? `by an event of ${formatInstant(row.eventTimeMs)}`
      : `by asking S3 at ${formatInstant(row.truthAtMs)}`;
  const order = `revision ${row.revision}, sequencer ${row.sequencer ?? 'none'}`;
  if (row.state === 'tombstone') {
    const until =
      row.expiresAtSeconds === undefined ? 'with its versions' : `until ${formatInstant(row.expiresAtSeconds * 1000)}`;
    return `${bucket}/${key} is gone: known ${known} (${order}); its tombstone stays ${until}.`;
  }
  const { object } = row;
  const facts: [string, string][] = [
    ['customer', object.customer],
    ['bytes', `${object.sizeBytes} (${bytesText(BigInt(object.sizeBytes))})`],
    ['last modified', formatInstant(object.dateMs)],
    ['entity tag', object.etag],
    ['storage class', object.storageClass],
    ...(row.versionId === undefined ? [] : [['version', row.versionId] as [string, string]]),
    ...Object.entries(object.attributes),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [...lines, '', `${bucket}/${key} is there: known ${known} (${order}).`].join('\n');
};

/** The versions that have rows, newest first; nothing where there are none. */
export const versionsText = (rows: readonly ObjectRow[]): string => {
  if (rows.length === 0) return '';
  const dateOf = (row: ObjectRow) => (row.state === 'live' ? row.object.dateMs : row.eventTimeMs);
  const lines = [...rows]
    .sort((a, b) => dateOf(b) - dateOf(a))
    .map((row) => [
      formatInstant(dateOf(row)),
      row.slot ?? '',
      row.state === 'tombstone' ? 'removed' : row.object.isMarker ? 'delete marker' : `${row.object.sizeBytes} bytes`,
    ]);
  return `\n\n${table(['version since (UTC)', 'version', 'holds'], lines)}`;
};
