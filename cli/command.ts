import type { Config } from '../shared/config/schema.ts';

/** One `mainstay <wing> <verb>`. A command computes; only the frame prints. */
export interface Command {
  wing: 'snapshots' | 'failover' | 'objects' | 'search';
  verb: string;
  /** One line for the list of commands. */
  summary: string;
  /** What follows the verb, as a person types it: `"text" --index NAME`. */
  usage?: string;
  /** A whole command line that works. */
  example: string;
  options?: Record<string, { type: 'string' | 'boolean'; description: string }>;
  run(call: CommandCall): Promise<CommandResult>;
}

export interface CommandCall {
  config: Config;
  account: string;
  /** --region, else the region of the role that the wing lives in. */
  region: string;
  positionals: string[];
  values: Record<string, string | boolean | undefined>;
  /** Progress for long work: shown on a terminal, silent under --json. */
  progress: (line: string) => void;
}

export interface CommandResult {
  /** What --json prints. */
  json: unknown;
  /** What a person reads. */
  text: string;
  /** 0 unless the command says otherwise; 2 is for wrong usage. */
  exitCode?: number;
}

/** Wrong usage: printed with the command's help, exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
