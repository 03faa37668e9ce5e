/** `aws/rds/x` → `AwsRdsX`: a logical id may hold letters and digits only. */
export const logicalId = (...words: string[]): string =>
  words
    .flatMap((word) => word.split(/[^A-Za-z0-9]+/))
    .filter(Boolean)
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join('');
