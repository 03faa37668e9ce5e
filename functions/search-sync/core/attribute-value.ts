/**
 * One DynamoDB value as it arrives: in a Lambda event binaries are base64 text, from the SDK they are bytes
 * (docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html). Exactly one member is present.
 */
export interface AttributeValue {
  S?: string | undefined;
  N?: string | undefined;
  B?: string | Uint8Array | undefined;
  BOOL?: boolean | undefined;
  NULL?: boolean | undefined;
  SS?: readonly string[] | undefined;
  NS?: readonly string[] | undefined;
  BS?: readonly (string | Uint8Array)[] | undefined;
  M?: Item | undefined;
  L?: readonly AttributeValue[] | undefined;
}

export type Item = Readonly<Record<string, AttributeValue>>;

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'M' | 'L';

const TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'M', 'L']);

/** Thrown when a record holds what is not a DynamoDB value: the record is poison, never the batch. */
export class ConversionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConversionError';
  }
}

/** The type of a value; throws ConversionError when there is none. */
export const typeOf = (value: AttributeValue): AttributeType => {
  for (const name in value) {
    if (TYPES.has(name) && value[name as AttributeType] !== undefined) return name as AttributeType;
  }
  throw new ConversionError('a value carries none of the types S, N, B, BOOL, NULL, SS, NS, BS, M, L');
};
