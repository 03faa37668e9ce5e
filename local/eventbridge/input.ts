// What a rule's target receives: the event, a part of it, a constant, or a text made from it
// (docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html).
import type { AwsEvent } from './event.ts';

export type InputShape = {
  Input?: string;
  InputPath?: string;
  InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string };
};

/** The payload for a target, as JSON text. */
export const targetInput = (event: AwsEvent, shape: InputShape): string => {
  if (shape.Input !== undefined) return shape.Input;
  if (shape.InputPath !== undefined) return JSON.stringify(at(event, shape.InputPath) ?? null);
  if (shape.InputTransformer !== undefined) return transform(event, shape.InputTransformer);
  return JSON.stringify(event);
};

const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);

const transform = (
  event: AwsEvent,
  { InputPathsMap = {}, InputTemplate }: NonNullable<InputShape['InputTransformer']>,
) =>
  InputTemplate.replace(/"?<([\w.-]+)>"?/g, (whole, name: string) => {
    const value = name === 'aws.events.event' ? event : at(event, InputPathsMap[name] ?? '$.');
    // Inside a longer JSON string the bare text goes in; a placeholder alone becomes the JSON value.
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
    if (whole.startsWith('"') && whole.endsWith('"')) return JSON.stringify(text);
    if (whole.startsWith('"')) return `"${JSON.stringify(text).slice(1, -1)}`;
    if (whole.endsWith('"')) return `${JSON.stringify(text).slice(1, -1)}"`;
    return typeof value === 'string' && !/^\s*[[{]/.test(InputTemplate) ? value : JSON.stringify(value ?? '');
  });
