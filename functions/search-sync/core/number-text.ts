import { ConversionError } from './attribute-value.ts';

const PLAIN = /^(?:0|-?[1-9]\d{0,37})$/;
/** A fraction that is written as it would be here: no zero too many on either side. */
const DECIMAL = /^-?(?:0|[1-9]\d*)\.\d*[1-9]$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Numbers longer than this are written with an exponent; DynamoDB holds 38 digits (docs: HowItWorks.NamingRulesDataTypes). */
const LONGEST_PLAIN = 40;

/**
 * A DynamoDB number as the one canonical JSON number of the same value: no float in between, so that 38 digits stay
 * exact, and the same value is the same text however an engine spelled it (`1.0`, `1E0`, `1`).
 */
export const numberText = (token: string): string => {
  if (PLAIN.test(token) || (token.length <= LONGEST_PLAIN && DECIMAL.test(token))) return token;
  const match = NUMBER.exec(token);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || whole.length + fraction.length === 0) {
    throw new ConversionError(`"${token.slice(0, 60)}" is not a number`);
  }
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const significant = digits.replace(/0+$/, '');
  const scale = fraction.length - Number(match[4] ?? 0) - (digits.length - significant.length);
  return (match[1] === '-' ? '-' : '') + unsigned(significant, scale);
};

/** `significant` × 10^-scale. */
const unsigned = (significant: string, scale: number): string => {
  if (scale <= 0 && significant.length - scale <= LONGEST_PLAIN) return significant + '0'.repeat(-scale);
  if (scale > 0 && scale <= LONGEST_PLAIN) {
    const point = significant.length - scale;
    return point > 0
      ? `${significant.slice(0, point)}.${significant.slice(point)}`
      : `0.${'0'.repeat(-point)}${significant}`;
  }
  const exponent = significant.length - 1 - scale;
  const mantissa = significant.length === 1 ? significant : `${significant[0]}.${significant.slice(1)}`;
  return `${mantissa}E${exponent}`;
};

/** Orders two canonical numbers: by size, and by text where a float can't tell them apart. */
export const byNumber = (a: string, b: string): number => Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0);
