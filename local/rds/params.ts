// A Query protocol form as actions read it. A parameter that an action does not take, or takes on AWS but not here, is refused
// by name: a typo must not pass for a default.
import { invalidCombination, invalidValue, RdsRefusal } from './refusal.ts';
import type { Tag } from './types.ts';

/** Typed access to one action's form. */
export type Params = {
  readonly action: string;
  /** The value; refuses with MissingParameter if there is none. */
  required(name: string): string;
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  whole(name: string, least: number, most: number): number | undefined;
  /** `Name.member.1`, `Name.Member.2`…; undefined if the list was not sent, [] if it was sent empty. */
  list(name: string, member: string): string[] | undefined;
  filters(known: readonly string[]): { readonly name: string; readonly values: readonly string[] }[];
  tags(): readonly Tag[] | undefined;
  /** Refuses whatever of the form is neither in `names` nor a part of every request. */
  only(...names: readonly string[]): void;
};

// PreSignedUrl, SourceRegion: sent by the SDKs for cross-region calls; the ARN says it all, and nothing is ever fetched.
const everywhere = new Set(['Action', 'Version', 'PreSignedUrl', 'SourceRegion']);

/** Reads a form body. */
export const openParams = (body: Buffer): Params => {
  const form = new URLSearchParams(body.toString('utf8'));
  const text = (name: string) => form.get(name) || undefined;
  const indices = (prefix: string): number[] => {
    const found = [...form.keys()].flatMap((key) =>
      key.startsWith(prefix) ? [Number.parseInt(key.slice(prefix.length), 10)] : [],
    );
    return [...new Set(found)].filter(Number.isInteger).sort((a, b) => a - b);
  };
  const list = (name: string, member: string) => {
    const at = [`${name}.${member}.`, `${name}.member.`].find((prefix) => indices(prefix).length > 0);
    if (at === undefined) return form.has(name) ? [] : undefined;
    return indices(at).map((index) => form.get(`${at}${index}`) ?? '');
  };
  return {
    action: form.get('Action') ?? '',
    text,
    list,
    required: (name) => {
      const value = text(name);
      if (value === undefined)
        throw new RdsRefusal('MissingParameter', `The request must contain the parameter ${name}.`);
      return value;
    },
    flag: (name) => {
      const value = text(name)?.toLowerCase();
      if (value === undefined) return undefined;
      if (value !== 'true' && value !== 'false')
        throw invalidValue(`Invalid value ${value} for ${name}. Must be true or false`);
      return value === 'true';
    },
    whole: (name, least, most) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (!Number.isInteger(number) || number < least || number > most) {
        throw invalidValue(`Invalid value ${value} for ${name}. Must be between ${least} and ${most}`);
      }
      return number;
    },
    filters: (known) =>
      indices('Filters.Filter.').map((index) => {
        const name = form.get(`Filters.Filter.${index}.Name`) ?? '';
        if (!known.includes(name)) throw invalidValue(`Unrecognized filter name: ${name}`);
        return { name, values: list(`Filters.Filter.${index}.Values`, 'Value') ?? [] };
      }),
    tags: () => {
      if (!form.has('Tags') && indices('Tags.Tag.').length === 0) return undefined;
      return checkTags(
        indices('Tags.Tag.').map((index) => ({
          key: form.get(`Tags.Tag.${index}.Key`) ?? '',
          value: form.get(`Tags.Tag.${index}.Value`) ?? '',
        })),
      );
    },
    only: (...names) => {
      const unknown = [...form.keys()]
        .map((key) => key.split('.')[0]!)
        .find((name) => !everywhere.has(name) && !names.includes(name));
      if (unknown !== undefined) {
        throw invalidCombination(`The local RDS does not model the parameter ${unknown} of ${form.get('Action')}`);
      }
    },
  };
};

/** Tag rules of the API model's Tag type: 1–128 and 0–256 characters of a small alphabet, and no prefix of AWS's own. */
export const checkTags = (tags: readonly Tag[]): readonly Tag[] => {
  for (const { key, value } of tags) {
    if (key.length < 1 || key.length > 128)
      throw invalidValue('Tag keys must be between 1 and 128 characters in length');
    if (value.length > 256) throw invalidValue('Tag values must be at most 256 characters in length');
    if (/^(aws|rds):/i.test(key))
      throw invalidValue(`Tag keys cannot start with the reserved prefix ${key.slice(0, 4)}`);
    if (![key, value].every((text) => /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u.test(text))) {
      throw invalidValue(`The tag ${key} contains characters that are not allowed`);
    }
  }
  return tags;
};

/** `current` with `added` replacing equal keys; at most 50 (User Guide, USER_Tagging). */
export const mergeTags = (current: readonly Tag[], added: readonly Tag[]): readonly Tag[] => {
  const merged = [...new Map([...current, ...added].map((tag) => [tag.key, tag])).values()];
  if (merged.length > 50) throw invalidValue('The number of tags exceeds the maximum of 50 per resource');
  return merged;
};
