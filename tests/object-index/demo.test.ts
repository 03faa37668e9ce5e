import { expect, test } from '@jest/globals';
import { demoOf } from '../demo-thread.ts';
import { describeWithEngines } from '../engine.ts';

await describeWithEngines(['ministack', 'dynamodb'], 'from the trigger to the engine', () => {
  test('files in S3 are rows, and the totals equal a walk of the files', async () => {
    const { exitCode, findings, said } = await demoOf('object-index');
    expect({ wrong: findings.filter(({ ok }) => !ok), said: findings.every(({ ok }) => ok) ? '' : said }).toEqual({
      wrong: [],
      said: '',
    });
    expect(findings.length).toBeGreaterThanOrEqual(3);
    expect(exitCode).toBe(0);
  }, 150_000);
});
