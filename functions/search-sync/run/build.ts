import { ConversionError, type Item } from '../core/attribute-value.ts';
import type { Change } from '../core/change.ts';
import { contentOf, documentText, type Origin, stubText } from '../core/document.ts';
import type { Hash } from '../core/document-id.ts';
import type { Operation } from '../core/operation.ts';
import type { SyncTarget } from './repair.ts';
import type { Write } from './send.ts';

/** A target fed by one stream. */
export interface StreamTarget extends SyncTarget {
  /** The label of the stream: the generation of its sequence numbers. */
  stream: string;
}

/** A change and the content of its document, where one could be made. */
export interface Built {
  change: Change;
  content: string | undefined;
}

export interface BuiltWrites {
  /** Made one by one as they are taken; to be taken once. */
  writes: Iterable<Write<Built>>;
  /** Items that no document could be made of: all of them once the writes were taken. */
  refused: { built: Built; reason: string }[];
  /** Changes that only name a key: the table must be read. */
  looks: Change[];
}

/** Makes one conditional write of each change. */
export const buildWrites = (changes: readonly Change[], target: StreamTarget, hash: Hash): BuiltWrites => {
  const refused: BuiltWrites['refused'] = [];
  function* made(): Generator<Write<Built>> {
    for (const change of changes) {
      if (change.what.kind === 'remove') {
        yield { of: { change, content: undefined }, operation: operation(change, target, { kind: 'delete' }) };
      } else if (change.what.kind === 'put') {
        const write = put(change, change.what.item);
        if (write !== undefined) yield write;
      }
    }
  }
  const put = (change: Change, item: Item): Write<Built> | undefined => {
    try {
      const content = contentOf(item, target);
      const document = documentText(content, change.keys, target, originOf(change, target), hash);
      return { of: { change, content }, operation: operation(change, target, { kind: 'index', document }) };
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      refused.push({ built: { change, content: undefined }, reason: error.message });
      return undefined;
    }
  };
  return { writes: made(), refused, looks: changes.filter(({ what }) => what.kind === 'look') };
};

/** The stub of a refused document, at the version of its change. */
export const stubWrite = (built: Built, target: StreamTarget, reason: string, hash: Hash): Write<Built> => {
  const { change, content } = built;
  const document = stubText(content, change.keys, target, originOf(change, target), reason, hash);
  return { of: built, operation: operation(change, target, { kind: 'index', document }) };
};

const operation = (change: Change, target: StreamTarget, write: Operation['write']): Operation => ({
  index: target.index,
  viaAlias: true,
  id: change.id,
  condition: { kind: 'at-least', version: change.version },
  write,
});

const originOf = (change: Change, target: StreamTarget): Origin => ({
  source: 'stream',
  sequence: change.sequence,
  stream: target.stream,
  seconds: change.seconds,
});
