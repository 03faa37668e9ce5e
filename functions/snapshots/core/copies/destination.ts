// Where copies may go. The destination is a value, so that an account of its own can come later; today it must be ours.

export interface Place {
  region: string;
  account: string;
}

export interface Destination {
  region: string;
  /** Absent: the account of the sources. */
  account?: string | undefined;
}

export type DestinationVerdict =
  | { kind: 'accepted' }
  | { kind: 'refused'; because: 'same-region' | 'other-partition' | 'other-account'; sentence: string };

/** The partition of a region. Snapshots do not leave theirs (docs: USER_CopySnapshot, cross-Region considerations: China and GovCloud). */
export const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** Whether copies from here may go there, before anything is called. */
export const judgeDestination = (from: Place, to: Destination): DestinationVerdict => {
  const refused = (because: 'same-region' | 'other-partition' | 'other-account', sentence: string) =>
    ({ kind: 'refused', because, sentence }) as const;
  if (to.region === from.region) {
    return refused('same-region', `No copies: ${to.region} is where the sources are, and would be lost with them.`);
  }
  if (partitionOf(to.region) !== partitionOf(from.region)) {
    return refused(
      'other-partition',
      `No copies: RDS copies no snapshot from ${from.region} to ${to.region}, which is another partition.`,
    );
  }
  if (to.account !== undefined && to.account !== from.account) {
    return refused(
      'other-account',
      `No copies: account ${to.account} is not ${from.account}, and copies to another account are not built yet.`,
    );
  }
  return { kind: 'accepted' };
};
