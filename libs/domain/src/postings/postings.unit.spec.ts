import { type Posting, postingsBetween } from '#app/domain';
import { foldOf, injured, killed, recorded, unknown } from '../../testing/reports.js';

const at = { position: 7, incidentId: 'i' };
const zero = {
  ...{ dIncidents: 0, dLo: 0, dHi: 0, dOpen: 0, dUnknown: 0, dConservative: 0, dMedian: 0, dMax: 0, dLatest: 0 },
  ...{ dValued: 0, dBest: 0, dBestValued: 0 },
};
const cell = {
  ...{ position: 7, incidentId: 'i', publisher: 'urn:test:publisher', boundary: 'iso-3166', country: 'IQ' },
  ...{ admin1: 'IQ-NI', admin2: '', month: '2018-11-01', startDate: '2018-11-08', incidentType: 'IED_ATTACK' },
};

function total(postings: readonly Posting[], measure: string): Posting | undefined {
  return postings.find((posting) => posting.measure === measure && posting.part === 'TOTAL');
}

describe('postings', () => {
  it('open an incident with every column of the journal', () => {
    const value = { qualifier: 'BETWEEN', lo: 3, hi: 5, point: 4 } as const;
    const opened = postingsBetween(null, foldOf([recorded({ casualties: [{ measure: 'KILLED', value }] })]), at);
    const verification = 'SINGLE_SOURCE';
    expect(opened).toEqual([
      { ...cell, verification, ...zero, measure: 'INCIDENT', part: 'TOTAL', dIncidents: 1 },
      {
        ...{
          ...cell,
          verification,
          measure: 'KILLED',
          part: 'TOTAL',
          dIncidents: 1,
          dLo: 3,
          dHi: 5,
          dOpen: 0,
          dUnknown: 0,
        },
        ...{ dConservative: 4, dMedian: 4, dMax: 4, dLatest: 4, dValued: 1, dBest: 4, dBestValued: 1 },
      },
      {
        ...{ ...cell, verification, ...zero, measure: 'KILLED', part: 'UNKNOWN', dIncidents: 1, dLo: 3, dHi: 5 },
      },
    ]);
  });

  it('post only the difference when the incident stays where it is', () => {
    const before = foldOf([recorded({ casualties: [killed(3), injured(5)] })]);
    const after = foldOf([recorded({ casualties: [killed(4, null), injured(5)] })]);
    const postings = postingsBetween(before, after, at);
    expect(new Set(postings.map(({ measure }) => measure))).toEqual(new Set(['KILLED']));
    expect(total(postings, 'KILLED')).toMatchObject({ dIncidents: 0, dLo: 1, dHi: -3, dOpen: 1, dValued: 0, dMax: 1 });
  });

  it('move everything when the incident moves', () => {
    const before = foldOf([recorded({ casualties: [killed(3)] })]);
    const after = foldOf([recorded({ casualties: [killed(3)], start: '2018-10-08' })]);
    const incidents = postingsBetween(before, after, at).filter(({ measure }) => measure === 'INCIDENT');
    expect(incidents.map(({ month, dIncidents }) => [month, dIncidents])).toEqual([
      ['2018-11-01', -1],
      ['2018-10-01', 1],
    ]);
  });

  it('count an unknown toll as open and unknown, with no value', () => {
    const postings = postingsBetween(null, foldOf([recorded({ casualties: [unknown('KILLED')] })]), at);
    expect(total(postings, 'KILLED')).toMatchObject({ dLo: 0, dHi: 0, dOpen: 1, dUnknown: 1, dValued: 0 });
  });

  it('count flags, and take them back', () => {
    const flagged = foldOf([recorded({ casualties: [killed(1)], flags: ['INTERVAL_INCONSISTENT'] })]);
    const sound = foldOf([recorded({ casualties: [killed(1)] })]);
    const flag = { measure: 'FLAG', part: 'INTERVAL_INCONSISTENT' };
    expect(postingsBetween(sound, flagged, at)).toMatchObject([{ ...flag, dIncidents: 1 }]);
    expect(postingsBetween(flagged, sound, at)).toMatchObject([{ ...flag, dIncidents: -1 }]);
  });

  describe('of an incident that is dated only to a year', () => {
    const only = { measure: 'DATED_TO_YEAR', part: 'TOTAL' };
    const dated = (precision: 'DAY' | 'WEEK' | 'MONTH' | 'YEAR', start = '2018-01-01') =>
      foldOf([recorded({ casualties: [killed(1)], start, end: '2018-12-31', precision })]);
    const ofYear = (postings: readonly Posting[]): Posting[] =>
      postings.filter(({ measure }) => measure === 'DATED_TO_YEAR');

    it('count it in the cell of its incident, once and without a toll', () => {
      const opened = postingsBetween(null, dated('YEAR'), at);
      const verification = 'SINGLE_SOURCE';
      const inJanuary = { ...cell, verification, month: '2018-01-01', startDate: '2018-01-01' };
      expect(ofYear(opened)).toEqual([{ ...inJanuary, ...zero, ...only, dIncidents: 1 }]);
      expect(total(opened, 'INCIDENT')).toEqual({
        ...inJanuary,
        ...zero,
        measure: 'INCIDENT',
        part: 'TOTAL',
        dIncidents: 1,
      });
    });

    it.each(['DAY', 'WEEK', 'MONTH'] as const)('are none for one that is dated to a %s', (precision) => {
      expect(ofYear(postingsBetween(null, dated(precision), at))).toEqual([]);
    });

    it('take it back when it is dated more finely on the same day, and post it again when that is taken back', () => {
      expect(postingsBetween(dated('YEAR'), dated('DAY'), at)).toMatchObject([{ ...only, dIncidents: -1 }]);
      expect(postingsBetween(dated('DAY'), dated('YEAR'), at)).toMatchObject([{ ...only, dIncidents: 1 }]);
    });

    it('move it with the incident, and take it back with it', () => {
      const moved = postingsBetween(dated('YEAR'), dated('YEAR', '2017-01-01'), at);
      expect(ofYear(moved).map(({ month, dIncidents }) => [month, dIncidents])).toEqual([
        ['2018-01-01', -1],
        ['2017-01-01', 1],
      ]);
      expect(ofYear(postingsBetween(dated('YEAR'), null, at))).toMatchObject([{ month: '2018-01-01', dIncidents: -1 }]);
    });

    it('are none when its toll alone changes', () => {
      const more = foldOf([
        recorded({ casualties: [killed(2)], start: '2018-01-01', end: '2018-12-31', precision: 'YEAR' }),
      ]);
      const postings = postingsBetween(dated('YEAR'), more, at);
      expect(new Set(postings.map(({ measure }) => measure))).toEqual(new Set(['KILLED']));
    });
  });

  it('are none when nothing changed', () => {
    const state = foldOf([recorded({ casualties: [killed(1)], flags: ['INTERVAL_INCONSISTENT'] })]);
    expect(postingsBetween(state, state, at)).toEqual([]);
    expect(postingsBetween(null, null, at)).toEqual([]);
  });
});
