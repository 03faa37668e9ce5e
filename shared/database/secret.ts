import * as v from 'valibot';

const Secret = v.object({
  host: v.string(),
  port: v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.integer()),
  dbname: v.string(),
  username: v.string(),
  password: v.string(),
});

export type DatabaseSecret = v.InferOutput<typeof Secret>;

/** A secret's text as a login. Throws with every missing field's name, and never with a value of the secret. */
export const parseSecret = (secretId: string, text: string | undefined): DatabaseSecret => {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    throw new Error(`the secret ${secretId} is not JSON: expected host, port, dbname, username and password`);
  }
  const result = v.safeParse(Secret, json);
  if (result.success) return result.output;
  const fields = result.issues.map((issue) => v.getDotPath(issue) ?? 'an object');
  throw new Error(`the secret ${secretId} lacks a usable ${fields.join(', ')}`);
};
