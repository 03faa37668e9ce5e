// Parallelization factor: up to ten batches of one shard at once, each item's records in their order
// (docs.aws.amazon.com/lambda/latest/dg/with-ddb.html).

/** Splits records over lanes by their key: the records of one item stay in one lane, in their order. Empty lanes are left out. */
export const lanesOf = <R>(records: readonly R[], factor: number, keyOf: (record: R) => string): R[][] => {
  const lanes = Array.from({ length: factor }, (): R[] => []);
  for (const record of records) lanes[hashOf(keyOf(record)) % factor]?.push(record);
  return lanes.filter((lane) => lane.length > 0);
};

/** FNV-1a: the same lane for the same key, always. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
};
