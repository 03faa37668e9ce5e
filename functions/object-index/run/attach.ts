import { type AttachPlan, type NotificationEntry, planAttach, planDetach } from '../core/notification.ts';

/** A bucket's notification configuration, of which one entry is ours. */
export interface BucketNotifications {
  read(bucket: string): Promise<NotificationEntry[]>;
  /** Reads again, leaves all others as they are, and writes. */
  replaceOurs(bucket: string, added: readonly NotificationEntry[]): Promise<void>;
}

export interface AttachResult {
  plan: AttachPlan;
  written: boolean;
}

/** Attaches a bucket to the index or detaches it; without `write` it only says what would change. */
export const attach = async (
  asked: { bucket: string; queueArn: string; events?: readonly string[]; verb: 'attach' | 'detach'; write: boolean },
  notifications: BucketNotifications,
): Promise<AttachResult> => {
  const { bucket, queueArn, events, verb, write } = asked;
  const existing = await notifications.read(bucket);
  const plan = verb === 'attach' ? planAttach(bucket, existing, queueArn, events) : planDetach(bucket, existing);
  const written = write && 'added' in plan;
  if (written) await notifications.replaceOurs(bucket, plan.added);
  return { plan, written };
};
