import { expect, test } from '@jest/globals';
import { demoOf } from '../demo-thread.ts';
import { describeWithEngines } from '../engine.ts';

await describeWithEngines(['ministack', 'dynamodb', 'opensearch'], 'from the trigger to the engine', () => {
  test('rows are documents, and hits are read back from the table', async () => {
    const { exitCode, findings, said } = await demoOf('search-sync');
    expect({ wrong: findings.filter(({ ok }) => !ok), said: findings.every(({ ok }) => ok) ? '' : said }).toEqual({
      wrong: [],
      said: '',
    });
    expect(findings.length).toBeGreaterThanOrEqual(2);
    expect(exitCode).toBe(0);
  }, 150_000);
});
