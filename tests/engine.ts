import { describe, expect, test } from '@jest/globals';
import { engineStatus } from '../local/engines/needs.ts';

export type Engine = 'postgres' | 'mariadb' | 'dynamodb' | 'opensearch' | 'ministack';

/**
 * A describe that needs real engines. Where one can't be had the tests are SKIPPED with the reason and what to install;
 * under REQUIRE_ENGINES=1 they fail instead. Await it at the top of a test file.
 */
export const describeWithEngines = async (
  engines: readonly Engine[],
  name: string,
  body: () => void,
): Promise<void> => {
  const status = await engineStatus();
  const reasons = engines.flatMap((engine) =>
    status[engine].have ? [] : [`${engine}: ${status[engine].why ?? 'not to be had'}`],
  );
  if (reasons.length === 0) {
    describe(name, body);
  } else if (process.env.REQUIRE_ENGINES === '1') {
    test(`${name}: its engines are there`, () => expect(reasons).toEqual([]));
  } else {
    describe.skip(`SKIPPED (${reasons.join('; ')}): ${name}`, body);
  }
};
