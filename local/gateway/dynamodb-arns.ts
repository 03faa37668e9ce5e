// DynamoDB Local says `ddblocal` and account 000000000000 in every ARN. On AWS they name the caller's own region and
// account, and configuration is written that way, so both are translated on requests about tables and streams.

const THEIRS = 'arn:aws:dynamodb:ddblocal:000000000000:';

// Shard iterators hold an ARN too, and are opaque: what comes back from these two is left alone.
const NEVER_BACK = new Set(['GetShardIterator', 'GetRecords']);
const DATA = /^(Get|Put|Update|Delete)Item$|^Query$|^Scan$|^Batch|^Transact|^Execute|^GetRecords$/;

/** Whether an operation is about tables and streams, so that its ARNs matter. Items are never touched. */
export const isTableOperation = (target: string): boolean => !DATA.test(target.slice(target.lastIndexOf('.') + 1));

/** The translation for one caller. */
export const arnsFor = ({ region, account }: { region: string; account: string }) => {
  const ours = `arn:aws:dynamodb:${region}:${account}:`;
  return {
    toEngine: (body: Buffer): Buffer => Buffer.from(body.toString('utf8').replaceAll(ours, THEIRS)),
    fromEngine: (operation: string, body: Buffer): Buffer =>
      NEVER_BACK.has(operation) ? body : Buffer.from(body.toString('utf8').replaceAll(THEIRS, ours)),
  };
};
