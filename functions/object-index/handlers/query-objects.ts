import { lambda } from '../../../shared/lambda/handler.ts';
import { composeQueries } from '../aws/compose.ts';
import { answer, type QueryDeps } from '../run/query-objects.ts';
import { readable } from '../run/readable.ts';

let deps: QueryDeps | undefined;

/** `{query: 'total' | 'by-customer' | 'by-date' | 'by-attribute', …}`: totals, or a page of objects and the cursor of the next. */
export const handler = lambda<Record<string, unknown>, unknown>({
  function: 'query-objects',
  run: async (event, { config, region }) => {
    deps ??= composeQueries(config, region);
    return readable(await answer(event, deps));
  },
});
