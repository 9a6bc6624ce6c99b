import { postingsBetween } from '#app/domain';
import { foldOf, given, injured, killed, recorded, unknown, vague } from '../../libs/domain/testing/reports.js';

/** V2: air strikes near Mount Qarachukh, 2018-11-10: "sustained casualties" per a Peshmerga officer, number unknown. */
const officer = { name: 'Peshmerga officer', kind: 'STATE_MILITARY' } as const;
const fighters = { status: 'DIRECT_PARTICIPANT', by: officer } as const;
const strikes = recorded({
  id: 'k24-qarachukh',
  by: 'Kurdistan 24',
  kind: 'MEDIA_NATIONAL',
  published: '2018-11-10T12:00:00Z',
  start: '2018-11-10',
  type: 'AIR_STRIKE',
  placeName: 'villages near Mount Qarachukh',
  placement: { admin1: 'IQ-AR', precision: 'ADM2' },
  weapons: [{ type: 'AIR_BOMB', delivery: 'AERIAL' }],
  actors: [{ name: 'US-led Coalition', type: 'EXTERNAL_OTHER', role: 'PERPETRATOR', attribution: 'ASSESSED' }],
  casualties: [
    unknown('KILLED', fighters),
    unknown('INJURED', fighters),
    vague('CASUALTIES_UNSPECIFIED', 'sustained casualties', fighters),
  ],
});

describe('V2: an unknown toll near Mount Qarachukh', () => {
  const { incident, figure } = given(strikes);

  it('is one incident of a single source', () => {
    expect(incident).toMatchObject({
      reports: 1,
      claimants: 1,
      verification: 'SINGLE_SOURCE',
      incidentType: 'AIR_STRIKE',
    });
  });

  it('kills and injures an unknown number from 0 on, with no point', () => {
    expect(figure('KILLED')).toMatchObject({ lo: 0, hi: null, unknown: true });
    expect(figure('INJURED')).toMatchObject({ lo: 0, hi: null, unknown: true });
    expect(figure('KILLED')?.points).toEqual({ conservative: null, median: null, max: null, latest: null, best: null });
  });

  it('has at least one casualty, killed or injured, a direct participant', () => {
    expect(figure('CASUALTIES_UNSPECIFIED')).toMatchObject({ lo: 1, hi: null, unknown: false });
    expect(figure('CASUALTIES_UNSPECIFIED', 'DIRECT_PARTICIPANT')).toMatchObject({ lo: 1, hi: null });
    expect(figure('CASUALTIES_UNSPECIFIED', 'CIVILIAN')).toBeUndefined();
  });

  it('adds an open and unknown incident to the sums and leaves their lo as it was', () => {
    const postings = postingsBetween(null, incident, { position: 1, incidentId: 'qarachukh' });
    const totals = postings.filter(({ part }) => part === 'TOTAL');
    const lo = (measure: string) => totals.filter((row) => row.measure === measure).map((row) => row.dLo);
    expect(lo('KILLED')).toEqual([0]);
    expect(lo('INJURED')).toEqual([0]);
    expect(totals.find(({ measure }) => measure === 'INCIDENT')).toMatchObject({ dIncidents: 1, admin1: 'IQ-AR' });
    expect(totals.find(({ measure }) => measure === 'KILLED')).toMatchObject({ dOpen: 1, dUnknown: 1, dValued: 0 });
  });

  it('is shaped by a count as soon as somebody counts', () => {
    const count = recorded({
      id: 'later',
      by: 'Coalition',
      kind: 'STATE_MILITARY',
      casualties: [killed(4), injured(1)],
    });
    const later = foldOf([strikes, count])?.figures.find(
      ({ measure, part }) => measure === 'KILLED' && part === 'TOTAL',
    );
    expect(later).toMatchObject({ lo: 4, hi: 4, unknown: false });
  });
});
