// One execution environment, from within: imports the bundle once, then answers one event at a time over IPC.
// It knows nothing of the house: it must run any bundle as Lambda's Node 24 runtime would.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** What the environment is told. `event` is JSON text. */
export type ToRuntime = { id: string; event: string; arn: string; deadlineMs: number; clientContext?: unknown };
/** What it tells. */
export type FromRuntime =
  | { kind: 'ready' }
  | { kind: 'init-failed'; error: ErrorReport }
  | { kind: 'done'; id: string; payload: string }
  | { kind: 'failed'; id: string; error: ErrorReport };
export type ErrorReport = { errorType: string; errorMessage: string; trace: string[] };

const tell = (message: FromRuntime) => process.send?.(message);

const report = (error: unknown): ErrorReport => {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
};

const runtimeError = (errorType: string, errorMessage: string): Error =>
  Object.assign(new Error(errorMessage), { name: errorType });

type Handler = (event: unknown, context: unknown) => unknown;

const load = async (specification: string): Promise<Handler> => {
  const cut = specification.lastIndexOf('.');
  const [base, name] = [specification.slice(0, cut), specification.slice(cut + 1)];
  const file = ['.js', '.mjs', '.cjs'].map((ending) => base + ending).find((path) => existsSync(path));
  if (!file) throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${base}'`);
  const bundle = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const handler = bundle[name] ?? (bundle.default as Record<string, unknown> | undefined)?.[name];
  if (typeof handler !== 'function')
    throw runtimeError('Runtime.HandlerNotFound', `${specification} is undefined or not exported`);
  // Node 24's runtime takes no callbacks any more (docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html).
  if (handler.length > 2)
    throw runtimeError('Runtime.CallbackHandlerDeprecated', 'Callback handlers are not supported on nodejs24.x.');
  return handler as Handler;
};

// Bundles may look at argv or the parent's channel; neither exists on Lambda, so what we need is taken first.
const specification = process.argv[2] ?? '';
const fromEnvironment = (name: string) => process.env[name] ?? '';

const contextOf = ({ id, arn, deadlineMs, clientContext }: ToRuntime) => ({
  awsRequestId: id,
  functionName: fromEnvironment('AWS_LAMBDA_FUNCTION_NAME'),
  functionVersion: '$LATEST',
  invokedFunctionArn: arn,
  memoryLimitInMB: fromEnvironment('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
  logGroupName: fromEnvironment('AWS_LAMBDA_LOG_GROUP_NAME'),
  logStreamName: fromEnvironment('AWS_LAMBDA_LOG_STREAM_NAME'),
  callbackWaitsForEmptyEventLoop: true,
  ...(clientContext === undefined ? {} : { clientContext }),
  getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
});

process.on('disconnect', () => process.exit(0)); // the local AWS is gone: so are we
try {
  const handler = await load(specification);
  process.on('message', (told: ToRuntime) => {
    (async () => {
      const result = await handler(JSON.parse(told.event), contextOf(told));
      tell({ kind: 'done', id: told.id, payload: JSON.stringify(result) ?? 'null' });
    })().catch((error: unknown) => tell({ kind: 'failed', id: told.id, error: report(error) }));
  });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'init-failed', error: report(error) });
}
