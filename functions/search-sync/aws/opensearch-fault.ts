import type { Answer } from './opensearch-http.ts';

/** Thrown when OpenSearch's answer to a read is neither a document nor "no such document". */
export class OpenSearchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OpenSearchError';
  }
}

interface Fault {
  type?: string;
  reason?: string;
  root_cause?: { reason?: string }[];
}

/** Type and reason of a refused request. */
export const errorOf = (answer: Answer): { type: string; reason: string } => {
  const body = parse(answer.text);
  const error = body?.error;
  if (typeof error === 'object' && error !== null) {
    return {
      type: error.type ?? 'unknown',
      reason: error.root_cause?.[0]?.reason ?? error.reason ?? 'no reason given',
    };
  }
  return { type: 'http', reason: error ?? body?.message ?? body?.Message ?? answer.text.slice(0, 200) };
};

/** One line about a refused request. */
export const faultOf = (answer: Answer): string => {
  const { type, reason } = errorOf(answer);
  return `${answer.status} ${type}: ${reason}`;
};

const parse = (text: string): { error?: Fault | string; message?: string; Message?: string } | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
