// When an alarm changes its state: the rules alone
// (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and alarms-and-missing-data.html).

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export type AlarmRule = {
  evaluationPeriods: number;
  datapointsToAlarm: number;
  threshold: number;
  comparison: Comparison;
  treatMissingData: MissingData;
};

const COMPARE: Record<Comparison, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** The state after the last `evaluationPeriods` datapoints, oldest first; undefined is a missing one. */
export const evaluate = (rule: AlarmRule, points: readonly (number | undefined)[], before: AlarmState): AlarmState => {
  const known = points.filter((point) => point !== undefined);
  const missing = points.length - known.length;
  if (known.length === 0) {
    if (rule.treatMissingData === 'ignore') return before;
    if (rule.treatMissingData === 'missing') return 'INSUFFICIENT_DATA';
  }
  const breaching = known.filter((point) => COMPARE[rule.comparison](point, rule.threshold)).length;
  const counted = breaching + (rule.treatMissingData === 'breaching' ? missing : 0);
  return counted >= rule.datapointsToAlarm ? 'ALARM' : 'OK';
};
