// KMS as far as RDS asks it: whether a key can be used now. Who knows the keys is the account's KMS, if there is one beside
// this world; without one every key is there and enabled until a test says otherwise.
import { kmsKeyArn } from './names.ts';
import { RdsRefusal } from './refusal.ts';

/** KMS developer guide, key-state: what matters to RDS. */
export type KeyState = 'enabled' | 'disabled' | 'pending-deletion';

/** Asks the account's KMS; `key` is an id, an ARN or an alias. Undefined when there is no such key. */
export type KeyLookup = (region: string, key: string) => Promise<{ arn: string; state: KeyState } | undefined>;

export type Keys = {
  /** The ARN of a key of the region that can be used now, RDS's own if none is named; refuses with KMSKeyNotAccessibleFault. */
  usable(region: string, key: string | undefined): string;
  /** Says what a key is, whatever the account's KMS says. */
  set(region: string, key: string, state: KeyState): void;
  /** Runs an action, again after each question to the account's KMS that it turns out to have. */
  answering<Answer>(action: () => Answer): Promise<Answer>;
};

/** The alias of the key that RDS makes for itself (User Guide, Overview.Encryption). */
const ownAlias = 'alias/aws/rds';

class KeyQuestion extends Error {
  readonly region: string;
  readonly key: string;

  constructor(region: string, key: string) {
    super(`what is ${key} in ${region}?`);
    this.region = region;
    this.key = key;
  }
}

export const openKeys = (account: string, lookup: KeyLookup | undefined): Keys => {
  const said = new Map<string, KeyState>();
  let answers = new Map<string, { arn: string; state: KeyState } | undefined>();

  const find = (region: string, key: string | undefined): { arn: string; state: KeyState } | undefined => {
    const arn = kmsKeyArn(region, account, key);
    if (!arn.startsWith(`arn:aws:kms:${region}:`)) return undefined; // a key is its region's (API_CopyDBSnapshot, KmsKeyId)
    const state = said.get(arn);
    if (state !== undefined) return { arn, state };
    if (lookup === undefined) return { arn, state: 'enabled' };
    const question = `${region} ${key ?? ownAlias}`;
    if (!answers.has(question)) throw new KeyQuestion(region, key ?? ownAlias);
    const answer = answers.get(question);
    return answer && { arn: answer.arn, state: said.get(answer.arn) ?? answer.state };
  };

  return {
    usable: (region, key) => {
      const found = find(region, key);
      if (found?.state === 'enabled') return found.arn;
      throw new RdsRefusal(
        'KMSKeyNotAccessibleFault',
        `The specified KMS key [${key ?? ownAlias}] does not exist, is not enabled or you do not have permissions to access it.`,
      );
    },
    set: (region, key, state) => {
      said.set(kmsKeyArn(region, account, key), state);
    },
    answering: async (action) => {
      const mine: typeof answers = new Map();
      for (;;) {
        answers = mine; // an action runs in one go: nobody else's answers come between
        try {
          return action();
        } catch (error) {
          if (!(error instanceof KeyQuestion) || lookup === undefined) throw error;
          mine.set(`${error.region} ${error.key}`, await lookup(error.region, error.key));
        }
      }
    },
  };
};
