import type { DBInstance, Tag } from '@aws-sdk/client-rds';

// What a replica takes over from the old primary, whose place it is to take: whose it is, and how it is watched.

/** RDS takes 50 (docs: USER_Tagging). */
const MOST_TAGS = 50;

/**
 * The old one's tags beside ours: whose it is, what it costs, and that it is to be snapshotted, for it is to lead one day. Of our own
 * marks only that last one: a mark of a lease, a drill or a throw-away is of that very database. AWS's own cannot be given.
 */
export const tagsLike = (
  { TagList = [] }: { TagList?: Tag[] | undefined },
  ours: Readonly<Record<string, string>>,
): Tag[] => {
  const kept = TagList.filter(({ Key = '' }) => !/^(aws:|rds:|mainstay:(?!snapshots(:|$)))/.test(Key));
  const own = Object.entries(ours).map(([Key, Value]) => ({ Key, Value }));
  return [...own, ...kept.slice(0, MOST_TAGS - own.length)];
};

/** How a DB instance is watched and kept up, in words of a request; of a cluster's member as of an instance. */
export const watchedLike = (old: DBInstance) => ({
  AutoMinorVersionUpgrade: old.AutoMinorVersionUpgrade,
  MonitoringInterval: old.MonitoringInterval,
  MonitoringRoleArn: old.MonitoringRoleArn,
  ...(old.PerformanceInsightsEnabled && {
    EnablePerformanceInsights: true,
    PerformanceInsightsKMSKeyId: old.PerformanceInsightsKMSKeyId,
    PerformanceInsightsRetentionPeriod: old.PerformanceInsightsRetentionPeriod,
  }),
  CACertificateIdentifier: old.CACertificateIdentifier,
});
