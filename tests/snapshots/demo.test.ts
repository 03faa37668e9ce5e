import { expect, test } from '@jest/globals';
import { demoOf } from '../demo-thread.ts';
import { describeWithEngines } from '../engine.ts';

await describeWithEngines(['ministack', 'dynamodb', 'postgres'], 'from the trigger to the engine', () => {
  test('the schedule fires, a live PostgreSQL is in the snapshot, and expiry only plans', async () => {
    const { exitCode, findings, said } = await demoOf('snapshots');
    expect({ wrong: findings.filter(({ ok }) => !ok), said: findings.every(({ ok }) => ok) ? '' : said }).toEqual({
      wrong: [],
      said: '',
    });
    expect(findings.length).toBeGreaterThanOrEqual(2);
    expect(exitCode).toBe(0);
  }, 150_000);
});
