import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig } from '../shared/aws/client-config.ts';
import { errorText } from '../shared/aws/errors.ts';

export interface Caller {
  account: string | undefined;
  /** Who it is, for what is kept: an ARN. */
  arn: string;
}

/** Whose the credentials are; without any AWS, throws one sentence on what is lacking. */
export const caller = async (region: string): Promise<Caller> => {
  try {
    const sts = new STSClient(clientConfig(region, { requestTimeoutMs: 5_000, maxAttempts: 2 }));
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn ?? 'unknown' };
  } catch (error) {
    const where = process.env.AWS_ENDPOINT_URL ?? `AWS in ${region}`;
    throw new Error(
      `cannot ask ${where} who this is (${errorText(error)}): export credentials, or start the local AWS with "npm run local" and export what it prints`,
    );
  }
};
