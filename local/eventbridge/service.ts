// EventBridge's API, as far as clients of the house use it: PutEvents, ListRules, ListTargetsByRule.
import { refusal } from '../gateway/refusals.ts';
import type { AwsRequest, AwsResponse, LocalService } from '../gateway/service.ts';
import { type EventBus, eventId } from './bus.ts';
import { type AwsEvent, eventTime } from './event.ts';

type Entry = {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  Resources?: string[];
  Time?: number;
  EventBusName?: string;
};

const MAX_ENTRIES = 10;
const MAX_ENTRY_BYTES = 1_048_576;

/** Opens the API in front of the buses. */
export const openEventBridgeApi = (ports: {
  bus: EventBus;
  now(): number;
  onError(error: unknown): void;
}): LocalService => {
  const putEvents = (request: AwsRequest, { Entries = [] }: { Entries?: Entry[] }): AwsResponse => {
    if (Entries.length === 0 || Entries.length > MAX_ENTRIES)
      return invalid(`1 to ${MAX_ENTRIES} entries are expected, not ${Entries.length}.`);
    const results = Entries.map((entry) => {
      const refused = entryRefusal(entry);
      if (refused) return refused;
      const event: AwsEvent = {
        version: '0',
        id: eventId(),
        'detail-type': entry.DetailType ?? '',
        source: entry.Source ?? '',
        account: request.account,
        time: eventTime(entry.Time === undefined ? ports.now() : entry.Time * 1000),
        region: request.region,
        resources: entry.Resources ?? [],
        detail: JSON.parse(entry.Detail ?? '{}'),
      };
      ports.bus.put(event).catch(ports.onError);
      return { EventId: event.id };
    });
    return ok({ FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results });
  };

  return {
    handle: async (request) => {
      const operation = request.headers['x-amz-target']?.split('.').pop();
      const asked = JSON.parse(request.body.toString('utf8') || '{}') as Record<string, unknown>;
      switch (operation) {
        case 'PutEvents':
          return putEvents(request, asked as { Entries?: Entry[] });
        case 'ListRules':
          return ok({
            Rules: ports.bus.rules(request.region).map((rule) => ({
              Name: rule.name,
              Arn: rule.arn,
              State: rule.enabled ? 'ENABLED' : 'DISABLED',
              EventPattern: JSON.stringify(rule.pattern),
              EventBusName: 'default',
            })),
          });
        case 'ListTargetsByRule': {
          const rule = ports.bus.rules(request.region).find(({ name }) => name === asked.Rule);
          return rule
            ? ok({ Targets: rule.targets })
            : refusal('json', {
                status: 400,
                code: 'ResourceNotFoundException',
                message: `Rule ${asked.Rule} does not exist on EventBus default.`,
              });
        }
        default:
          return refusal('json', {
            status: 501,
            code: 'NotImplemented',
            message: `${operation} is not modelled by the local EventBridge: rules come from the packaged templates.`,
          });
      }
    },
  };
};

// docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
const entryRefusal = (entry: Entry): { ErrorCode: string; ErrorMessage: string } | undefined => {
  if (!entry.Source || !entry.DetailType || entry.Detail === undefined)
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Parameter Source, DetailType and Detail are required.' };
  // Service names are AWS's own (docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html).
  if (entry.Source.startsWith('aws.'))
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  if (Buffer.byteLength(JSON.stringify(entry)) > MAX_ENTRY_BYTES)
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Total size of the entry exceeds the limit.' };
  return isJsonObject(entry.Detail)
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
};

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const ok = (body: unknown): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
const invalid = (message: string): AwsResponse =>
  refusal('json', { status: 400, code: 'ValidationException', message });
