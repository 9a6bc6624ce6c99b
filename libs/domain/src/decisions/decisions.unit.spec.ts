import { postingsBetween } from '#app/domain';
import { KnownIncidents } from '../../testing/incidents.js';
import { killed, recorded, vague, withdrawn } from '../../testing/reports.js';

const A = 'urn:test:a';
const B = 'urn:test:b';

/** Two incidents of two sources: one of 3 killed on 8 November, one of 5 killed the day after. */
function twoIncidents(): KnownIncidents {
  return new KnownIncidents()
    .report('one', recorded({ source: A, ref: '1', id: 'a', by: 'Outlet A', casualties: [killed(3)] }))
    .report(
      'two',
      recorded({ source: B, ref: '2', id: 'b', by: 'Outlet B', casualties: [killed(5)], start: '2018-11-09' }),
    );
}

const killedIn = (incidents: KnownIncidents, incidentId: string): string | null => {
  const figure = incidents
    .figures(incidentId)
    ?.figures.find(({ measure, part }) => measure === 'KILLED' && part === 'TOTAL');
  return figure ? `${figure.lo}…${figure.hi ?? 'open'}` : null;
};

describe('a merge', () => {
  it('folds the reports of both together, under the survivor and its source', () => {
    const incidents = twoIncidents();
    incidents.decide('IncidentsMerged', { survivor: 'two', absorbed: ['one'] });
    expect(incidents.figures('two')).toMatchObject({
      publisher: B,
      ref: '2',
      reports: 2,
      claimants: 2,
      verification: 'CORROBORATED',
    });
    expect(killedIn(incidents, 'two')).toBe('3…5');
    expect(incidents.figures('one')).toBeNull();
  });

  it('gives a report that comes later for the absorbed one to the survivor', () => {
    const incidents = twoIncidents();
    incidents.decide('IncidentsMerged', { survivor: 'one', absorbed: ['two'] });
    incidents.report('two', recorded({ source: B, ref: '2', id: 'late', by: 'Outlet C', casualties: [killed(9)] }));
    expect(killedIn(incidents, 'one')).toBe('3…9');
  });

  it('leaves the survivor its source when none of its own reports is left', () => {
    const incidents = twoIncidents();
    incidents.decide('IncidentsMerged', { survivor: 'one', absorbed: ['two'] });
    incidents.report('one', { ...withdrawn('a'), source: A });
    expect(incidents.figures('one')).toMatchObject({ publisher: A, ref: '1', reports: 1 });
    expect(killedIn(incidents, 'one')).toBe('5…5');
  });

  it('a survivor that only ever had a withdrawal gives its source to what it absorbs', () => {
    const incidents = new KnownIncidents();
    incidents.report('one', { ...withdrawn('a'), source: A });
    incidents.report('two', recorded({ source: B, ref: '2', id: 'b', by: 'Outlet B', casualties: [killed(3)] }));
    incidents.decide('IncidentsMerged', { survivor: 'one', absorbed: ['two'] });
    expect(incidents.figures('one')).toMatchObject({ publisher: A, ref: null, reports: 1 });
  });

  it('of merged incidents makes one component under the last survivor, and each is taken back by itself', () => {
    const incidents = twoIncidents();
    incidents.report('three', recorded({ source: A, ref: '3', id: 'c', by: 'Outlet C', casualties: [killed(20)] }));
    const before = incidents.all();
    const first = incidents.decide('IncidentsMerged', { survivor: 'two', absorbed: ['one'] });
    const second = incidents.decide('IncidentsMerged', { survivor: 'three', absorbed: ['two'] });
    expect(killedIn(incidents, 'three')).toBe('3…20');
    // The older one first: what it had absorbed goes, the rest stays merged.
    incidents.decide('MergeReverted', { merge: first, survivor: 'two', absorbed: ['one'] });
    expect([killedIn(incidents, 'three'), killedIn(incidents, 'one')]).toEqual(['5…20', '3…3']);
    incidents.decide('MergeReverted', { merge: second, survivor: 'three', absorbed: ['two'] });
    expect(incidents.all()).toEqual(before);
  });

  it('of an incident with itself, with one of its own, or of one that is merged already changes nothing', () => {
    const incidents = twoIncidents();
    incidents.decide('IncidentsMerged', { survivor: 'one', absorbed: ['one'] });
    expect(Object.keys(incidents.all())).toEqual(['one', 'two']);
    incidents.decide('IncidentsMerged', { survivor: 'one', absorbed: ['two'] });
    incidents.decide('IncidentsMerged', { survivor: 'two', absorbed: ['one'] });
    incidents.decide('IncidentsMerged', { survivor: 'three', absorbed: ['two'] });
    expect(Object.keys(incidents.all())).toEqual(['one']);
  });

  it('lets the decisions on the survivor hold and those on the absorbed one rest', () => {
    const incidents = twoIncidents();
    incidents.decide('IncidentVerified', { incident: 'one', grade: 'DISCOUNTED' });
    incidents.decide('IncidentVerified', { incident: 'two', grade: 'CONFIRMED' });
    const merge = incidents.decide('IncidentsMerged', { survivor: 'two', absorbed: ['one'] });
    expect(incidents.figures('two')?.verification).toBe('CONFIRMED');
    incidents.decide('MergeReverted', { merge, survivor: 'two', absorbed: ['one'] });
    expect(incidents.figures('one')?.verification).toBe('DISCOUNTED');
  });

  it('moves the figures by postings that add up to nothing once it is taken back', () => {
    const incidents = twoIncidents();
    const states = [incidents.all()];
    const merge = incidents.decide('IncidentsMerged', { survivor: 'one', absorbed: ['two'] });
    states.push(incidents.all());
    incidents.decide('MergeReverted', { merge, survivor: 'one', absorbed: ['two'] });
    states.push(incidents.all());
    const postings = [0, 1].flatMap((step) =>
      ['one', 'two'].flatMap((incidentId) =>
        postingsBetween(states[step]?.[incidentId] ?? null, states[step + 1]?.[incidentId] ?? null, {
          position: step,
          incidentId,
        }),
      ),
    );
    expect(postings.filter(({ measure }) => measure === 'INCIDENT').map(({ dIncidents }) => dIncidents)).not.toEqual(
      [],
    );
    for (const amount of ['dIncidents', 'dLo', 'dHi', 'dOpen', 'dMedian'] as const) {
      expect(postings.reduce((sum, posting) => sum + posting[amount], 0)).toBe(0);
    }
  });
});

describe('a split', () => {
  const withThree = (): KnownIncidents =>
    twoIncidents().report('one', recorded({ source: A, ref: '1', id: 'x', by: 'Outlet X', casualties: [killed(11)] }));
  const x = [{ source: A, reportId: 'x' }];

  it('moves a report and its later revisions into an incident that was there', () => {
    const incidents = withThree();
    incidents.decide('IncidentSplit', { incident: 'one', into: 'two', ref: null, reports: x });
    expect([killedIn(incidents, 'one'), killedIn(incidents, 'two')]).toEqual(['3…3', '5…11']);
    incidents.report(
      'one',
      recorded({ source: A, ref: '1', id: 'x', revision: 2, by: 'Outlet X', casualties: [killed(6)] }),
    );
    expect([killedIn(incidents, 'one'), killedIn(incidents, 'two')]).toEqual(['3…3', '5…6']);
    expect(incidents.figures('two')?.publisher).toBe(B);
  });

  it('can make an incident, which belongs to the source that its key names', () => {
    const incidents = withThree();
    incidents.decide('IncidentSplit', { incident: 'one', into: 'new', ref: { source: B, ref: 'new-key' }, reports: x });
    expect(incidents.figures('new')).toMatchObject({ publisher: B, ref: 'new-key', reports: 1 });
    expect(killedIn(incidents, 'one')).toBe('3…3');
  });

  it('is taken back by splitting back', () => {
    const incidents = withThree();
    const before = incidents.all();
    incidents.decide('IncidentSplit', { incident: 'one', into: 'two', ref: null, reports: x });
    incidents.decide('IncidentSplit', { incident: 'two', into: 'one', ref: null, reports: x });
    expect(incidents.all()).toEqual(before);
    expect([...incidents.get('one').decisions, ...incidents.get('two').decisions]).toEqual([]);
  });

  it('goes on from where an earlier one had put the report', () => {
    const incidents = withThree();
    incidents.report('three', recorded({ source: A, ref: '3', id: 'c', by: 'Outlet C', casualties: [killed(20)] }));
    incidents.decide('IncidentSplit', { incident: 'one', into: 'two', ref: null, reports: x });
    incidents.decide('IncidentSplit', { incident: 'two', into: 'three', ref: null, reports: x });
    expect([killedIn(incidents, 'two'), killedIn(incidents, 'three')]).toEqual(['5…5', '11…20']);
    expect(incidents.get('one').decisions).toMatchObject([{ kind: 'SPLIT_OUT', other: 'three' }]);
  });

  it('finds a report of an incident that was absorbed, and leaves it out when the merge is taken back', () => {
    const incidents = withThree();
    const merge = incidents.decide('IncidentsMerged', { survivor: 'two', absorbed: ['one'] });
    incidents.decide('IncidentSplit', { incident: 'two', into: 'new', ref: { source: A, ref: 'n' }, reports: x });
    expect([killedIn(incidents, 'two'), killedIn(incidents, 'new')]).toEqual(['3…5', '11…11']);
    incidents.decide('MergeReverted', { merge, survivor: 'two', absorbed: ['one'] });
    expect([killedIn(incidents, 'one'), killedIn(incidents, 'two')]).toEqual(['3…3', '5…5']);
  });

  it('into where the report counts already changes nothing', () => {
    const incidents = withThree();
    incidents.decide('IncidentSplit', { incident: 'one', into: 'one', ref: null, reports: x });
    expect(incidents.get('one').decisions).toEqual([]);
    incidents.decide('IncidentSplit', { incident: 'one', into: 'two', ref: null, reports: [...x, ...x] });
    expect(incidents.get('two').decisions).toHaveLength(1);
  });
});

describe('what a steward decided of an incident', () => {
  const contested = (): KnownIncidents =>
    new KnownIncidents().report(
      'one',
      recorded({
        source: A,
        ref: '1',
        id: 'a',
        by: 'Outlet A',
        start: '2018-10-31',
        weapons: [{ type: 'IED', delivery: 'UVIED' }],
      }),
      recorded({
        source: A,
        ref: '1',
        id: 'b',
        by: 'Outlet B',
        start: '2018-11-01',
        weapons: [{ type: 'IED', delivery: 'VBIED' }],
      }),
    );

  it('is the grade, until the rule decides again', () => {
    const incidents = twoIncidents();
    incidents.decide('IncidentVerified', { incident: 'one', grade: 'CONTESTED' });
    incidents.decide('IncidentVerified', { incident: 'one', grade: 'CONFIRMED' });
    expect(incidents.figures('one')?.verification).toBe('CONFIRMED');
    incidents.decide('IncidentVerified', { incident: 'one', grade: null });
    expect(incidents.figures('one')?.verification).toBe('SINGLE_SOURCE');
  });

  it('is that it is retracted, whatever its grade; reinstated it has its grade again', () => {
    const incidents = twoIncidents();
    incidents.decide('IncidentRetracted', { incident: 'one' });
    incidents.decide('IncidentVerified', { incident: 'one', grade: 'CONFIRMED' });
    expect(incidents.figures('one')?.verification).toBe('RETRACTED');
    expect(killedIn(incidents, 'one')).toBe('3…3');
    incidents.decide('IncidentReinstated', { incident: 'one' });
    expect(incidents.figures('one')?.verification).toBe('CONFIRMED');
  });

  it('is its date, while the claims that differ stay contested and shown', () => {
    const incidents = contested();
    expect(incidents.figures('one')).toMatchObject({
      start: '2018-10-31',
      flags: ['CONTESTED_DATE', 'CONTESTED_WEAPON'],
    });
    incidents.decide('IncidentRedated', {
      incident: 'one',
      occurred: { start: '2018-10-30', end: '2018-11-02', precision: 'WEEK' },
    });
    expect(incidents.figures('one')).toMatchObject({
      start: '2018-10-30',
      end: '2018-11-02',
      timePrecision: 'WEEK',
      flags: ['CROSSES_PERIOD', 'CONTESTED_DATE', 'CONTESTED_WEAPON'],
    });
    expect(incidents.figures('one')?.contested.date?.map(({ value }) => value)).toEqual([
      '2018-10-31/2018-10-31 DAY',
      '2018-11-01/2018-11-01 DAY',
    ]);
    incidents.decide('IncidentRedated', { incident: 'one', occurred: null });
    expect(incidents.figures('one')?.start).toBe('2018-10-31');
  });

  it('is a date in one month, which takes the flag of a claim across two away', () => {
    const incidents = new KnownIncidents().report('one', recorded({ start: '2018-10-31', end: '2018-11-01' }));
    expect(incidents.figures('one')?.flags).toEqual(['CROSSES_PERIOD']);
    incidents.decide('IncidentRedated', {
      incident: 'one',
      occurred: { start: '2018-11-01', end: '2018-11-01', precision: 'DAY' },
    });
    expect(incidents.figures('one')?.flags).toEqual([]);
  });

  it('is its place, with the placements that the decision brought', () => {
    const incidents = twoIncidents();
    const placement = { country: 'IQ', admin1: 'IQ-KI', admin2: null, admin3: null, precision: 'ADM1' } as const;
    const place = { name: 'Kirkuk', country: 'IQ' };
    incidents.decide('IncidentRelocated', { incident: 'one', place, placements: { 'iso-3166': placement } });
    expect(incidents.figures('one')).toMatchObject({
      place,
      placements: { 'iso-3166': placement },
      geoPrecision: 'ADM1',
    });
    incidents.decide('IncidentRelocated', { incident: 'one', place: null, placements: null });
    expect(incidents.figures('one')?.place.name).toBe('Mosul');
  });

  it('is what it names of the classification, as a whole; the rest is left to the claims', () => {
    const incidents = contested();
    incidents.decide('IncidentReclassified', {
      incident: 'one',
      classification: { weapons: [{ type: 'IED', delivery: 'VBIED' }], perpetrators: ['Z', 'Y', 'Z'] },
    });
    expect(incidents.figures('one')).toMatchObject({
      incidentType: 'IED_ATTACK',
      weapons: ['IED', 'VBIED'],
      weaponGroup: 'VBIED',
      perpetrators: ['Y', 'Z'],
      actors: ['Y', 'Z'],
    });
    expect(incidents.figures('one')?.contested.weapon).toHaveLength(2);
    incidents.decide('IncidentReclassified', {
      incident: 'one',
      classification: { incidentType: 'ARMED_CLASH', targets: ['POLICE'] },
    });
    expect(incidents.figures('one')).toMatchObject({
      incidentType: 'ARMED_CLASH',
      targets: ['POLICE'],
      weaponGroup: 'CONTESTED',
      perpetrators: [],
    });
    incidents.decide('IncidentReclassified', { incident: 'one', classification: null });
    expect(incidents.figures('one')).toEqual(contested().figures('one'));
  });

  it('has no weapons and no targets when it says so', () => {
    const incidents = contested();
    incidents.decide('IncidentReclassified', { incident: 'one', classification: { weapons: [], targets: [] } });
    expect(incidents.figures('one')).toMatchObject({ weapons: [], weaponGroup: 'NONE', targets: [] });
  });

  it('holds for reports that come later', () => {
    const incidents = contested();
    incidents.decide('IncidentReclassified', { incident: 'one', classification: { incidentType: 'AIR_STRIKE' } });
    incidents.report('one', recorded({ source: A, ref: '1', id: 'c', by: 'Outlet C', type: 'ARMED_CLASH' }));
    expect(incidents.figures('one')?.incidentType).toBe('AIR_STRIKE');
  });

  it('changes no figure of an incident without a report', () => {
    const incidents = new KnownIncidents();
    incidents.decide('IncidentRetracted', { incident: 'nobody' });
    expect(incidents.all()).toEqual({});
  });
});

describe('a conversion policy', () => {
  it('decides what a vague word counts, and nothing else', () => {
    const reports = [recorded({ casualties: [vague('KILLED', 'dozens')] })];
    const one = new KnownIncidents().report('one', ...reports);
    const stricter = {
      ...one.policy,
      version: 2,
      phrases: { ...one.policy.phrases, en: { dozens: [36, 99] as const } },
    };
    expect(killedIn(one, 'one')).toBe('24…open');
    expect(killedIn(new KnownIncidents(stricter).report('one', ...reports), 'one')).toBe('36…99');
  });
});
