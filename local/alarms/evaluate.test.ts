import { describe, expect, test } from '@jest/globals';
import { type AlarmRule, evaluate } from './evaluate.ts';

const rule: AlarmRule = {
  evaluationPeriods: 3,
  datapointsToAlarm: 2,
  threshold: 1,
  comparison: 'LessThanThreshold',
  treatMissingData: 'missing',
};
const none = undefined;

// docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
describe('an alarm', () => {
  test.each([
    ['is OK below its number of datapoints', [0, 1, 1], 'OK'],
    ['alarms at M of N, in any place', [0, 1, 0], 'ALARM'],
    ['counts what is there when some are missing', [0, none, 0], 'ALARM'],
    ['has insufficient data when nothing came', [none, none, none], 'INSUFFICIENT_DATA'],
  ])('%s', (_, points, expected) => {
    expect(evaluate(rule, points as (number | undefined)[], 'OK')).toBe(expected);
  });

  // docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  test.each([
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['ignore', 'ALARM'],
  ] as const)('with missing data %s, silence in ALARM becomes %s', (treatMissingData, expected) => {
    expect(evaluate({ ...rule, treatMissingData }, [none, none, none], 'ALARM')).toBe(expected);
  });
});
