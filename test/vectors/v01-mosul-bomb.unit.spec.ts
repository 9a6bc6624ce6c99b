import {
  applyToIncident,
  conversionPolicy1,
  foldIncident,
  type IncidentEvent,
  type IncidentFigures,
  type Measure,
  type Part,
  type Posting,
  postingsBetween,
  type ReportState,
} from '#app/domain';
import {
  activeAfter,
  foldOf,
  type GivenReport,
  injured,
  killed,
  recorded,
  vague,
} from '../../libs/domain/testing/reports.js';

/** V1: the bomb near the Abu Layla restaurant in Mosul, 2018-11-08, as seven claimants count it. */
const carBomb = [{ type: 'IED', delivery: 'VBIED' }];
const ministry = { name: 'Iraqi Ministry of Defence spokesperson', kind: 'STATE_MILITARY' } as const;
const deputy = { name: 'Member of parliament for Mosul', kind: 'STATE_CIVIL' } as const;
const given: GivenReport[] = [
  {
    id: 'k24',
    by: 'Kurdistan 24',
    kind: 'MEDIA_NATIONAL',
    relayedFrom: [{ name: 'Mosul Eye', kind: 'SOCIAL' }],
    published: '2018-11-08T20:00:00Z',
    weapons: carBomb,
    casualties: [killed(3), injured(5)],
  },
  {
    id: 'rudaw',
    by: 'Rudaw',
    kind: 'MEDIA_NATIONAL',
    published: '2018-11-08T21:00:00Z',
    weapons: carBomb,
    casualties: [killed(2, 2, { by: ministry }), injured(11, 11, { by: ministry }), killed(4, 4, { by: deputy })],
  },
  {
    id: 'afp',
    by: 'AFP',
    kind: 'WIRE',
    relayedFrom: [{ name: 'Security official in Mosul', kind: 'STATE_MILITARY' }],
    published: '2018-11-08T22:00:00Z',
    weapons: carBomb,
    casualties: [killed(3), injured(12)],
  },
  {
    id: 'reuters',
    by: 'Reuters',
    kind: 'WIRE',
    relayedFrom: [{ name: 'Hospital in Mosul', kind: 'HEALTH_AUTHORITY' }],
    published: '2018-11-08T23:00:00Z',
    weapons: carBomb,
    casualties: [killed(5, null), injured(14)],
  },
  {
    id: 'mecra',
    by: 'MECRA',
    kind: 'NGO',
    published: '2018-11-09T06:00:00Z',
    weapons: [{ type: 'IED', delivery: 'UVIED' }],
    casualties: [killed(2), vague('INJURED', 'a dozen')],
  },
  {
    id: 'antiwar',
    by: 'Antiwar.com',
    kind: 'NGO',
    published: '2018-11-09T08:00:00Z',
    weapons: carBomb,
    casualties: [killed(5), injured(14)],
  },
];
const events = given.map((each) => recorded(each));

function figureOf(incident: IncidentFigures | null, measure: Measure, part: Part = 'TOTAL') {
  return incident?.figures.find((figure) => figure.measure === measure && figure.part === part);
}

describe('V1: seven claims on the Mosul bomb', () => {
  const incident = foldOf(events);

  it('kills 2…open and injures 5…14, "at least five" leaving the top open', () => {
    expect(figureOf(incident, 'KILLED')).toMatchObject({ lo: 2, hi: null, unknown: false });
    expect(figureOf(incident, 'INJURED')).toMatchObject({ lo: 5, hi: 14, unknown: false });
  });

  it('estimates conservative 2 and 5, median 3 and 12, max 5 and 14, latest by publication', () => {
    const none = { best: null };
    expect(figureOf(incident, 'KILLED')?.points).toEqual({ conservative: 2, median: 3, max: 5, latest: 5, ...none });
    expect(figureOf(incident, 'INJURED')?.points).toEqual({
      conservative: 5,
      median: 12,
      max: 14,
      latest: 14,
      ...none,
    });
  });

  it('keeps the claims of two officials that one outlet relays', () => {
    expect(incident).toMatchObject({ reports: 6, claimants: 7, verification: 'CORROBORATED' });
    const rudaw = foldOf([events[1] as IncidentEvent]);
    expect(figureOf(rudaw, 'KILLED')).toMatchObject({ lo: 2, hi: 4 });
    expect(rudaw).toMatchObject({ claimants: 2, verification: 'CORROBORATED' });
  });

  it('holds the weapon to be contested between a car bomb and a sticky bomb', () => {
    expect(incident).toMatchObject({
      weaponGroup: 'CONTESTED',
      weapons: ['IED', 'VBIED'],
      flags: ['CONTESTED_WEAPON'],
    });
    expect(incident?.contested.weapon?.map(({ value, claimants }) => [value, claimants.length])).toEqual([
      ['VBIED', 5],
      ['UVIED', 1],
    ]);
  });

  it('leaves the status of all victims unknown', () => {
    expect(figureOf(incident, 'KILLED', 'UNKNOWN')).toMatchObject({ lo: 2, hi: null });
    expect(figureOf(incident, 'INJURED', 'UNKNOWN')).toMatchObject({ lo: 5, hi: 14 });
  });

  it('is in every order of arrival the same', () => {
    expect(foldOf(events.toReversed())).toEqual(incident);
  });

  it('is as of a position before a claim arrived without it, and the postings between tell the difference', () => {
    let active: ReportState[] = [];
    let before: IncidentFigures | null = null;
    const journal: Posting[] = [];
    for (const event of events) {
      const { closed, opened } = applyToIncident(active, event);
      active = [...active.filter((state) => !closed.includes(state)), ...opened];
      const after: IncidentFigures | null = foldIncident(active, conversionPolicy1);
      journal.push(...postingsBetween(before, after, { position: event.position, incidentId: 'mosul' }));
      before = after;
    }
    const sumAsOf = (position: number, measure: string) => {
      const rows = journal.filter((row) => row.position <= position && row.measure === measure && row.part === 'TOTAL');
      const sum = (column: 'dIncidents' | 'dLo' | 'dHi' | 'dOpen') =>
        rows.reduce((total, row) => total + row[column], 0);
      return { incidents: sum('dIncidents'), lo: sum('dLo'), hi: sum('dHi'), open: sum('dOpen') };
    };
    const reuters = (events[3] as IncidentEvent).position;
    expect(sumAsOf(reuters - 1, 'KILLED')).toEqual({ incidents: 1, lo: 2, hi: 4, open: 0 });
    expect(sumAsOf(reuters, 'KILLED')).toEqual({ incidents: 1, lo: 2, hi: 0, open: 1 });
    expect(sumAsOf(reuters - 1, 'INJURED')).toEqual({ incidents: 1, lo: 5, hi: 12, open: 0 });
    expect(activeAfter(events.slice(0, 3))).toHaveLength(3);
  });
});
