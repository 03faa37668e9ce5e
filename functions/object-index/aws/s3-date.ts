interface Answered {
  response?: { headers?: Record<string, string> };
}

interface WithStack {
  middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<object>) => (args: never) => Promise<object>,
      options: { step: 'deserialize'; priority: 'low'; name: string },
    ): void;
  };
}

/** Keeps the headers of this command's answer: S3's own clock is in `Date`. Ours may be wrong, and the events' times are S3's. */
export const withHeaders = (command: object): (() => Record<string, string> | undefined) => {
  let headers: Record<string, string> | undefined;
  (command as WithStack).middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      headers = (result as Answered).response?.headers;
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'keepHeaders' },
  );
  return () => headers;
};

/** When S3 answered, by its clock. Throws when it does not say. */
export const dateOf = (headers: Record<string, string> | undefined): number => {
  const ms = Date.parse(headers?.date ?? '');
  if (Number.isNaN(ms)) throw new Error('S3 answered without a Date header');
  return ms;
};
