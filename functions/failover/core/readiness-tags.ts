import type { Answer } from './evidence.ts';
import { nameIn, PAIR_TAG, type Policy } from './policy.ts';
import { blocked, type Check, type Finding, ready, unknown } from './readiness-finding.ts';
import type { FailoverRecord } from './record.ts';

/** Of what RDS says of an instance (aws/instances.ts). */
type Tagged = Answer<{ arn: string; pairTag?: string | undefined }>;

/** The pair's two as they are now, and what RDS says of them. */
export interface TagFacts {
  policy: Policy;
  record: Pick<FailoverRecord, 'leader' | 'candidate'>;
  leader: Tagged;
  replica: Tagged;
}

/**
 * What does not bear a name of the config may be touched only while it carries its pair's tag (resources/roles.ts): one that lost it,
 * or that a person built and named, is found here and not on the day. No checks of a pair under its own names.
 */
export const checkTags = ({ policy, record, leader, replica }: TagFacts): Check[] => {
  const both = [
    { ...record.leader, answer: leader },
    { ...record.candidate, answer: replica },
  ];
  return both
    .filter(({ instance, region }) => instance !== nameIn(policy, region))
    .filter(({ instance }, at, all) => all.findIndex((one) => one.instance === instance) === at)
    .map((one) => ({ name: `tag:${one.instance}`, ...tagged(policy, one) }));
};

const tagged = (
  { pair }: Policy,
  { instance, region, answer }: { instance: string; region: string; answer: Tagged },
): Finding => {
  if (answer.kind !== 'ok') return unknown(`RDS in ${region}`, answer);
  const { pairTag, arn } = answer.report;
  return pairTag === pair
    ? ready(`${instance} carries the tag ${PAIR_TAG}=${pair}, which IAM asks for.`)
    : blocked(
        `${instance} lacks the tag ${PAIR_TAG}=${pair}: IAM would refuse to fence, promote or stop it.`,
        `Give it the tag: aws rds add-tags-to-resource --region ${region} --resource-name ${arn} --tags Key=${PAIR_TAG},Value=${pair}.`,
      );
};
