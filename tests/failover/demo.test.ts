import { expect, test } from '@jest/globals';
import { demoOf } from '../demo-thread.ts';
import { describeWithEngines } from '../engine.ts';

await describeWithEngines(['ministack', 'dynamodb', 'postgres'], 'from the trigger to the engine', () => {
  test('a killed process holds; a lost host is fenced, the standby promoted, and the writer goes on by name', async () => {
    const { exitCode, findings, said } = await demoOf('failover');
    expect({ wrong: findings.filter(({ ok }) => !ok), said: findings.every(({ ok }) => ok) ? '' : said }).toEqual({
      wrong: [],
      said: '',
    });
    expect(findings.length).toBeGreaterThanOrEqual(2);
    expect(exitCode).toBe(0);
  }, 150_000);
});
