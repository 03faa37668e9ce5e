import type { XmlValue } from '../../xml.ts';
import type { Context } from '../context.ts';
import type { Params } from '../params.ts';
import type { RegionState } from '../types.ts';

/** One API action: answers its result, or throws the refusal. Whatever it asks of a key comes before what it changes. */
export type Action = (context: Context, region: RegionState, params: Params) => XmlValue;
