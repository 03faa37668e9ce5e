// What happens to instances without anybody having asked RDS for it, and what RDS does about it.
import type { Context } from './context.ts';
import { instanceEvents as events } from './event-catalogue.ts';
import type { Instance } from './types.ts';

/**
 * RDS restarts a dead engine process on its host by itself after some seconds; the status stays what it was, events tell
 * (User Guide, USER_Events.Messages: RDS-EVENT-0004 and 0006, category availability).
 */
export const healProcess = (context: Context, instance: Instance): void => {
  const { clock, announce, durations } = context;
  context.begin(async () => {
    announce.database(instance, events.shutdown);
    for (;;) {
      await clock.sleep(durations.engineRestartMs);
      if (instance.host?.state() !== 'dead' || instance.status === 'deleting') return;
      try {
        await instance.host.start();
        break;
      } catch {
        // What the dead server left (shared memory that its last children hold) goes away by itself: RDS tries again.
      }
    }
    announce.database(instance, events.restarted);
  });
};

/**
 * The host of a Single-AZ instance is lost for good, or until it returns: RDS puts the instance into `failed` and recommends
 * a point-in-time restore (RDS-EVENT-0031; User Guide, accessing-monitoring, status `failed`). It takes a while to say so.
 */
export const loseHost = (context: Context, instance: Instance): void => {
  instance.host?.lose();
  context.begin(async () => {
    await context.clock.sleep(context.durations.hostLossNoticeMs);
    if (instance.host?.state() !== 'lost') return;
    instance.status = 'failed';
    context.announce.database(instance, events.failed);
  });
};

/** The host is back with its disk: RDS recovers the instance (RDS-EVENT-0020, 0021), and it takes writes again. */
export const returnHost = (context: Context, instance: Instance): void => {
  const { announce, clock, durations } = context;
  instance.host?.recover();
  instance.status = 'starting';
  context.begin(
    async () => {
      announce.database(instance, events.recoveryStarted);
      await Promise.all([instance.host?.start(), clock.sleep(durations.startMs)]);
      instance.status = 'available';
      announce.database(instance, events.restarted);
      announce.database(instance, events.recoveryComplete);
    },
    () => {
      instance.status = 'failed';
      announce.database(instance, events.failed);
    },
  );
};
