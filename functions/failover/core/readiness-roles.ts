import type { Policy } from './policy.ts';
import type { Check } from './readiness-finding.ts';
import type { FailoverRecord } from './record.ts';

/** What a failover has left behind: checks of a pair whose roles were swapped, none of one that nothing has happened to. */
export const checkRoles = ({ policy, record }: { policy: Policy; record: FailoverRecord }): Check[] => [
  ...record.retired.map(
    ({ instance, region, epoch }): Check => ({
      name: 'old-primary',
      state: 'warning',
      ...(policy.kind === 'aurora-global'
        ? {
            sentence: `${instance} in ${region} led until epoch ${epoch}: it is kept closed until Aurora has added it back.`,
            fix: `Wait for RDS-EVENT-0241, then mainstay failover ack ${record.pair} --epoch ${record.epoch} --why "…". Copy its snapshot rds:unplanned-global-failover-…: what it alone has is in there, and expires.`,
          }
        : {
            sentence: `${instance} in ${region} led until epoch ${epoch}: it is kept closed and stopped, and started by RDS every seven days.`,
            fix: 'Delete it when nobody needs its rows any more: nothing of ours does.',
          }),
    }),
  ),
  // The reconciler and its record are where the config's replica is.
  ...(record.leader.region === policy.replica.region
    ? [
        {
          name: 'reconciler' as const,
          state: 'warning' as const,
          sentence: `${record.leader.instance} leads in ${record.leader.region}, where the reconciler is: the loss of that whole region is not covered.`,
          fix: `Switch over when the other side is ready: mainstay failover switchover ${record.pair} --epoch ${record.epoch} --why "…".`,
        },
      ]
    : []),
];
