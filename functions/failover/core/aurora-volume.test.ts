import { describe, expect, test } from '@jest/globals';
import { marksOfVolume, type VolumeReader, type VolumeSeen, volumeOf, volumeReport } from './aurora-volume.ts';
import { hasAll, volumePosition } from './position.ts';

const NOW = 1_790_000_100_000;
// The numbers of AWS's own example: aurora-global-database-monitoring.
const LEADER: VolumeSeen = { region: 'us-east-1', lsn: '93763984222', lagMs: -1, comparedMs: 0, askedMs: NOW };
const OWN: VolumeSeen = { region: 'us-west-2', lsn: '93763984222', lagMs: 900, comparedMs: NOW - 500, askedMs: NOW };
const READER: VolumeReader = { isReader: true, heartbeat: { atMs: NOW - 2_000, epoch: 3 } };

const report = (own: Partial<VolumeSeen> = {}, reader: Partial<VolumeReader> = {}, sinceMs = NOW - 60_000) =>
  volumeReport({ ...OWN, ...own }, { ...READER, ...reader }, { marks: 'x', sinceMs, lookedMs: NOW }, NOW);

describe('a secondary of a global database', () => {
  test('is told by the volume of its own region', () => {
    expect(volumeOf([LEADER, OWN], 'us-west-2')).toBe(OWN);
    expect(() => volumeOf([LEADER], 'us-west-2')).toThrow('nothing of the volume in us-west-2');
    expect(() => volumeOf([], 'us-west-2')).toThrow('part of a global database?');
  });

  test('of an idle leader stays young by Aurora’s comparison, though nothing new came', () => {
    expect(report()).toMatchObject({ inRecovery: true, lastMessageAgeMs: 1_400 });
  });

  test('that lags and still gets log may have heard just now, and nothing proves it: something came since the last look', () => {
    expect(report({ lagMs: 90_000 }, {}, NOW)).toMatchObject({ lastMessageAgeMs: 90_500, mayHearAgeMs: 0 });
  });

  test.each([
    ['nobody compares any more', { comparedMs: NOW - 45_000 }, 45_900],
    ['they are compared, and the lag grows', { comparedMs: NOW, lagMs: 45_000 }, 45_000],
  ])('that gets nothing grows old: %s', (_name, own, ageMs) => {
    expect(report(own).lastMessageAgeMs).toBe(ageMs);
  });

  test('may be as young as the last look that found something new', () => {
    expect(report({ comparedMs: NOW - 3_600_000 }).mayHearAgeMs).toBe(60_000);
  });

  test.each([
    ['no time of a comparison', { comparedMs: undefined }],
    ['no lag', { lagMs: undefined }],
    ['a lag that is no time', { lagMs: -1 }],
    ['a word for a number', { lagMs: Number.NaN }],
    ['no clock of the server', { askedMs: undefined }],
  ])('that says %s gives no view: neither fresh nor silent', (_name, own) => {
    expect(() => report(own)).toThrow('does not say when the volume in us-west-2 was last compared');
  });

  test('is none where the volume is the leader’s: a reader there hears nobody else', () => {
    expect(() => report({ lagMs: -1, comparedMs: 0 })).toThrow('leads');
    expect(() => report({ lagMs: 0, comparedMs: 0 })).toThrow('leads');
  });

  test('that takes writes hears nobody, and is no standby', () => {
    expect(report({ lagMs: -1, comparedMs: 0 }, { isReader: false })).toMatchObject({
      inRecovery: false,
      receivedLsn: expect.any(String),
    });
    expect(report({ lagMs: -1, comparedMs: 0 }, { isReader: false })).not.toHaveProperty('lastMessageAgeMs');
  });

  test('has what its volume and its heartbeat say; without a heartbeat nobody knows how far it is', () => {
    const position = `93763984222@${NOW - 2_000}`;
    expect(report()).toMatchObject({ receivedLsn: position, replayedLsn: position });
    expect(report({}, { heartbeat: undefined })).toMatchObject({ receivedLsn: undefined, replayedLsn: undefined });
  });

  test('is marked by its log and by the heartbeat: either of them is news', () => {
    const marks = marksOfVolume(OWN, READER);
    expect(marksOfVolume({ ...OWN, comparedMs: NOW, lagMs: 1 }, READER)).toBe(marks);
    expect(marksOfVolume({ ...OWN, lsn: '93763984223' }, READER)).not.toBe(marks);
    expect(marksOfVolume(OWN, { ...READER, heartbeat: { atMs: NOW, epoch: 3 } })).not.toBe(marks);
    expect(marksOfVolume(OWN, { ...READER, heartbeat: undefined })).not.toBe(marks);
  });
});

describe('the position of a volume', () => {
  const at = (lsn: string, beatMs: number) => volumePosition(lsn, beatMs);

  test('has another when both its log and its heartbeat have come', () => {
    expect(hasAll(at('93763985102', 7), at('93763985102', 7))).toBe(true);
    expect(hasAll(at('93763985102', 7), at('93763985101', 6))).toBe(true);
    expect(hasAll(at('93763985102', 7), at('93763985103', 7))).toBe(false);
    // Aurora tells the leader's LSN late: the heartbeat that was written there must be seen here.
    expect(hasAll(at('93763985102', 6), at('93763985102', 7))).toBe(false);
    expect(hasAll(at('18446744073709551615', 7), at('18446744073709551614', 7))).toBe(true);
  });

  test('is none where one of them is not known, and is compared with no other engine’s', () => {
    expect(volumePosition(undefined, 7)).toBeUndefined();
    expect(volumePosition('93763985102', undefined)).toBeUndefined();
    expect(volumePosition('', 7)).toBeUndefined();
    expect(hasAll(at('93763985102', 7), '16/B374D848')).toBeUndefined();
    expect(hasAll('0-1-270', at('93763985102', 7))).toBeUndefined();
  });
});
