import { isIPv4, isIPv6 } from 'node:net';
import { txtStrings } from '../dns/text.ts';
import type { RecordType } from '../dns/zone.ts';

/** Why Route 53 refuses this value for this type; undefined if it doesn't (Developer Guide, ResourceRecordTypes). */
export const valueProblem = (type: RecordType, value: string): string | undefined => {
  const fault = faultOf(type, value);
  return fault && `Invalid Resource Record: FATAL problem: ${fault} encountered with '${value}'`;
};

const faultOf = (type: RecordType, value: string): string | undefined => {
  switch (type) {
    case 'A':
      return isIPv4(value) ? undefined : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)';
    case 'AAAA':
      return isIPv6(value) ? undefined : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)';
    case 'TXT':
      return txtStrings(value) ? undefined : 'InvalidCharacterString (Value should be enclosed in quotation marks)';
    case 'CNAME':
    case 'NS':
      return isDomainName(value) ? undefined : 'UnsupportedCharacter (Value contains unsupported characters)';
    case 'SOA':
      return value.trim().split(/\s+/).length === 7 ? undefined : 'SOARDATAFieldCount (Value must have seven fields)';
  }
};

/** RFC 1035 section 2.3.4: labels up to 63 octets, a name up to 255. */
export const isDomainName = (name: string): boolean => {
  const bare = name.replace(/\.$/, '').replace(/\\[0-7]{3}/g, 'x');
  return (
    bare.length > 0 && bare.length <= 253 && bare.split('.').every((label) => /^[A-Za-z0-9_*-]{1,63}$/.test(label))
  );
};
