import { given, injured, killed, recorded, unknown, vague, withdrawn } from '../../testing/reports.js';

describe('active reports (fold 1)', () => {
  it('lets a higher revision replace the whole report, what it no longer says included', () => {
    const after = given(
      recorded({ revision: 1, casualties: [killed(3), injured(5)] }),
      recorded({ revision: 2, casualties: [killed(4)] }),
    );
    expect(after.interval('KILLED')).toBe('4…4');
    expect(after.interval('INJURED')).toBeNull();
  });

  it('ignores a lower revision that comes late', () => {
    const after = given(
      recorded({ revision: 2, casualties: [killed(4)] }),
      recorded({ revision: 1, casualties: [killed(3)] }),
    );
    expect(after.interval('KILLED')).toBe('4…4');
  });

  it('is nothing when its only report is withdrawn, whichever came first', () => {
    expect(given(recorded(), withdrawn()).incident).toBeNull();
    expect(given(withdrawn(), recorded({ revision: 7 })).incident).toBeNull();
  });
});

describe('claims by claimant (fold 2)', () => {
  const officer = { name: 'Officer', kind: 'STATE_MILITARY' } as const;

  it('lets the later report of a claimant supersede, by publication and not by arrival', () => {
    const early = recorded({ id: 'a', published: '2018-11-08T20:00:00Z', casualties: [killed(2)] });
    const late = recorded({ id: 'b', published: '2018-11-09T06:00:00Z', casualties: [killed(5)] });
    expect(given(early, late).interval('KILLED')).toBe('5…5');
    expect(given(late, early).interval('KILLED')).toBe('5…5');
  });

  it('compares publication as instants, not as text', () => {
    const early = recorded({ id: 'a', published: '2018-11-09T07:00:00+03:00', casualties: [killed(2)] });
    const late = recorded({ id: 'b', published: '2018-11-09T06:00:00Z', casualties: [killed(5)] });
    expect(given(late, early).interval('KILLED')).toBe('5…5');
  });

  it('breaks a tie of publication by reportId', () => {
    const after = given(recorded({ id: 'b', casualties: [killed(5)] }), recorded({ id: 'a', casualties: [killed(2)] }));
    expect(after.interval('KILLED')).toBe('5…5');
  });

  it('keeps an earlier claim where the later report is silent', () => {
    const after = given(
      recorded({ id: 'a', published: '2018-11-08T20:00:00Z', casualties: [killed(2), injured(7)] }),
      recorded({ id: 'b', casualties: [killed(5)] }),
    );
    expect(after.interval('INJURED')).toBe('7…7');
  });

  it('counts two outlets that relay the same officer as one claimant', () => {
    const after = given(
      recorded({ id: 'a', by: 'Outlet A', relayedFrom: [officer], casualties: [killed(3)] }),
      recorded({ id: 'b', by: 'Outlet B', casualties: [killed(4, 4, { by: officer })] }),
    );
    expect(after.interval('KILLED')).toBe('4…4');
    expect(after.incident).toMatchObject({ claimants: 1, verification: 'SINGLE_SOURCE', reports: 2 });
  });

  it('adds up claims that name different sides of one status', () => {
    const after = given(
      recorded({
        casualties: [
          killed(7),
          killed(3, 3, { status: 'DIRECT_PARTICIPANT', side: 'A' }),
          killed(4, 4, { status: 'DIRECT_PARTICIPANT', side: 'B' }),
        ],
      }),
    );
    expect(after.interval('KILLED', 'DIRECT_PARTICIPANT')).toBe('7…7');
    expect(after.interval('KILLED', 'UNKNOWN')).toBeNull();
  });

  it('never adds up details of different kinds: the kind that counts the most people stands', () => {
    const civilians = { status: 'CIVILIAN' } as const;
    const bySex = [killed(4, 4, { ...civilians, sex: 'WOMAN' }), killed(3, 3, { ...civilians, sex: 'MAN' })];
    const byAge = [killed(2, 2, { ...civilians, age: 'CHILD' })];
    expect(given(recorded({ casualties: [...bySex, ...byAge] })).interval('KILLED', 'CIVILIAN')).toBe('7…7');
    expect(given(recorded({ casualties: [...byAge, ...bySex] })).interval('KILLED', 'CIVILIAN')).toBe('7…7');
  });

  it('takes a role as a part of its status, not as more people', () => {
    const after = given(
      recorded({
        casualties: [
          killed(3, 3, { status: 'CIVILIAN' }),
          killed(1, 1, { status: 'CIVILIAN', role: 'COMMUNITY_LEADER' }),
        ],
      }),
    );
    expect(after.interval('KILLED', 'CIVILIAN')).toBe('3…3');
    expect(after.incident?.roles).toEqual(['COMMUNITY_LEADER']);
  });
});

describe('totals from parts (fold 3)', () => {
  it('claims the sum of the parts and says so', () => {
    const after = given(
      recorded({ casualties: [killed(2, 2, { status: 'CIVILIAN' }), killed(1, 3, { status: 'ARMED_FORCES_MEMBER' })] }),
    );
    expect(after.interval('KILLED')).toBe('3…5');
    expect(after.incident?.flags).toEqual(['DERIVED_FROM_PARTS']);
  });

  it('is open when any part is', () => {
    const casualties = [killed(2, null, { status: 'CIVILIAN' }), killed(1, 1, { status: 'DIRECT_PARTICIPANT' })];
    expect(given(recorded({ casualties })).interval('KILLED')).toBe('3…open');
  });

  it('stands beside the total of another claimant', () => {
    const after = given(
      recorded({ id: 'a', by: 'A', casualties: [killed(4)] }),
      recorded({ id: 'b', by: 'B', casualties: [killed(6, 6, { status: 'CIVILIAN' })] }),
    );
    expect(after.interval('KILLED')).toBe('4…6');
  });
});

describe('totals (fold 4) and silence (fold 5)', () => {
  it('spans the claimants, open when any is', () => {
    const a = recorded({ id: 'a', by: 'A', casualties: [killed(3)] });
    const b = recorded({ id: 'b', by: 'B', casualties: [killed(5, null)] });
    expect(given(a).interval('KILLED')).toBe('3…3');
    expect(given(a, b).interval('KILLED')).toBe('3…open');
  });

  it('counts an unknown number as such where no other claim stands', () => {
    const after = given(recorded({ casualties: [unknown('KILLED'), unknown('CASUALTIES_UNSPECIFIED')] }));
    expect(after.figure('KILLED')).toMatchObject({ lo: 0, hi: null, unknown: true });
    expect(after.figure('CASUALTIES_UNSPECIFIED')).toMatchObject({ lo: 1, hi: null, unknown: true });
    expect(after.figure('KILLED')?.points.max).toBeNull();
  });

  it('lets an unknown number shape nothing beside a known one', () => {
    const after = given(
      recorded({ id: 'a', by: 'A', casualties: [unknown('KILLED')] }),
      recorded({ id: 'b', by: 'B', casualties: [killed(3)] }),
    );
    expect(after.figure('KILLED')).toMatchObject({ lo: 3, hi: 3, unknown: false });
  });

  it('counts an unknown number as unknown whatever bounds come with it', () => {
    const numbered = (measure: 'KILLED' | 'CASUALTIES_UNSPECIFIED', lo: number, hi: number) => ({
      measure,
      value: { qualifier: 'UNKNOWN' as const, lo, hi, point: lo },
    });
    const after = given(recorded({ casualties: [numbered('KILLED', 7, 9), numbered('CASUALTIES_UNSPECIFIED', 7, 5)] }));
    expect(after.figure('KILLED')).toMatchObject({ lo: 0, hi: null, unknown: true, flags: [] });
    expect(after.figure('KILLED')?.points).toMatchObject({ best: null, max: null });
    expect(after.figure('CASUALTIES_UNSPECIFIED')).toMatchObject({ lo: 1, hi: null, unknown: true, flags: [] });
  });

  it('keeps "none reported" apart from unknown and from silence', () => {
    const none = given(recorded({ casualties: [{ measure: 'INJURED', value: { qualifier: 'NONE_REPORTED' } }] }));
    expect(none.figure('INJURED')).toMatchObject({ lo: 0, hi: 0, unknown: false });
    expect(none.figure('INJURED')?.points.conservative).toBe(0);
    expect(none.interval('KILLED')).toBeNull();
  });

  it('counts an inconsistent interval as given', () => {
    const value = { qualifier: 'BETWEEN', lo: 6610, hi: 6600, point: 6573 } as const;
    const after = given(recorded({ casualties: [{ measure: 'KILLED', value }], flags: ['INTERVAL_INCONSISTENT'] }));
    expect(after.figure('KILLED')).toMatchObject({ lo: 6610, hi: 6600 });
    expect(after.figure('KILLED')?.points).toMatchObject({ best: 6573, max: 6573 });
    expect(after.incident?.flags).toEqual(['INTERVAL_INCONSISTENT']);
  });

  it('does not call it inconsistent when claimants differ', () => {
    const point = (lo: number, hi: number, p: number) => ({
      ...killed(lo, hi),
      value: { ...killed(lo, hi).value, point: p },
    });
    const after = given(
      recorded({ id: 'a', by: 'A', casualties: [point(1, 2, 2)] }),
      recorded({ id: 'b', by: 'B', casualties: [point(8, 9, 8)] }),
    );
    expect(after.interval('KILLED')).toBe('1…9');
    expect(after.incident?.flags).toEqual([]);
  });
});

describe('parts and what they leave (fold 6)', () => {
  it('flags parts of several claimants that are together above the total', () => {
    const soldiers = killed(4, 4, { status: 'ARMED_FORCES_MEMBER' });
    const outlet = recorded({ id: 'a', by: 'Outlet A', casualties: [killed(6), soldiers] });
    const hospital = (civilians: number) =>
      recorded({
        id: 'b',
        by: 'Hospital',
        casualties: [killed(5), killed(civilians, civilians, { status: 'CIVILIAN' })],
      });
    const sound = given(outlet, hospital(2));
    expect([sound.figure('KILLED')?.flags, sound.incident?.flags]).toEqual([[], []]);
    const above = given(outlet, hospital(3));
    expect(above.figure('KILLED')?.flags).toEqual(['INTERVAL_INCONSISTENT']);
    expect(above.incident?.flags).toEqual(['INTERVAL_INCONSISTENT']);
    expect(above.interval('KILLED')).toBe('5…6');
    const open = given(outlet, hospital(3), recorded({ id: 'c', by: 'Police', casualties: [killed(2, null)] }));
    expect(open.incident?.flags).toEqual([]);
  });

  it('counts what is not broken down as UNKNOWN status', () => {
    const after = given(recorded({ casualties: [killed(5, 8), killed(2, 3, { status: 'CIVILIAN' })] }));
    expect(after.interval('KILLED', 'UNKNOWN')).toBe('2…6');
  });

  it('is open when the total is, and nothing when nothing is left', () => {
    const civilians = killed(2, 2, { status: 'CIVILIAN' });
    expect(given(recorded({ casualties: [killed(5, null), civilians] })).interval('KILLED', 'UNKNOWN')).toBe('3…open');
    expect(given(recorded({ casualties: [killed(2), civilians] })).interval('KILLED', 'UNKNOWN')).toBeNull();
  });

  it('adds what is left to the deaths that a claimant gives as of unknown status', () => {
    const casualties = [killed(10), killed(4, 4, { status: 'CIVILIAN' }), killed(3, 3, { status: 'UNKNOWN' })];
    expect(given(recorded({ casualties })).interval('KILLED', 'UNKNOWN')).toBe('6…6');
  });

  it('never sums the parts into another claimant’s total', () => {
    const after = given(recorded({ casualties: [killed(2), killed(5, 5, { status: 'CIVILIAN' })] }));
    expect(after.interval('KILLED')).toBe('2…2');
    expect(after.interval('KILLED', 'CIVILIAN')).toBe('5…5');
  });
});

describe('attributes (fold 7)', () => {
  it('takes the date that most claimants give and flags that they differ', () => {
    const { incident } = given(
      recorded({ id: 'a', by: 'A', published: '2018-11-08T01:00:00Z', start: '2018-11-07' }),
      recorded({ id: 'b', by: 'B', start: '2018-11-08' }),
      recorded({ id: 'c', by: 'C', start: '2018-11-08' }),
    );
    expect(incident).toMatchObject({ start: '2018-11-08', flags: ['CONTESTED_DATE'] });
    expect(incident?.contested.date?.map(({ value, claimants }) => [value, claimants.length])).toEqual([
      ['2018-11-08/2018-11-08 DAY', 2],
      ['2018-11-07/2018-11-07 DAY', 1],
    ]);
  });

  it('gives a tie to the earliest publication, then to reportId', () => {
    const clash = recorded({ id: 'b', by: 'B', type: 'ARMED_CLASH' });
    const bomb = recorded({ id: 'a', by: 'A', type: 'IED_ATTACK' });
    expect(given(clash, bomb).incident).toMatchObject({ incidentType: 'IED_ATTACK', flags: ['CONTESTED_TYPE'] });
    const earlier = recorded({ id: 'z', by: 'B', type: 'ARMED_CLASH', published: '2018-11-08T21:00:00Z' });
    expect(given(bomb, earlier).incident?.incidentType).toBe('ARMED_CLASH');
  });

  it('does not call a coarser place contested', () => {
    const ninewa = recorded({ id: 'a', by: 'A' });
    const iraq = recorded({ id: 'b', by: 'B', placement: { admin1: null, precision: 'COUNTRY' } });
    const kirkuk = recorded({ id: 'c', by: 'C', placement: { admin1: 'IQ-KI' } });
    expect(given(ninewa, iraq).incident?.flags).toEqual([]);
    expect(given(ninewa, iraq, kirkuk).incident?.flags).toEqual(['CONTESTED_PLACE']);
  });

  it.each([
    [[], 'NONE'],
    [[[{ type: 'IED', delivery: 'VBIED' }]], 'VBIED'],
    [[[{ type: 'IED', delivery: 'UNKNOWN' }]], 'IED'],
    [[[{ type: 'FIREARM' }, { type: 'MORTAR' }]], 'MULTIPLE'],
    [[[{ type: 'FIREARM' }], [{ type: 'MORTAR' }]], 'CONTESTED'],
    [[[{ type: 'FIREARM' }], [{ type: 'UNKNOWN' }]], 'FIREARM'],
  ])('groups the weapons %j as %s', (weapons, group) => {
    const events = weapons.map((each, index) => recorded({ id: `r${index}`, by: `Outlet ${index}`, weapons: each }));
    expect(given(...events, recorded({ id: 'silent', by: 'Silent' })).incident?.weaponGroup).toBe(group);
  });

  it('takes a denial as a contest of an allegation', () => {
    const is = { name: 'Islamic State', role: 'PERPETRATOR' };
    const { incident } = given(
      recorded({ id: 'a', by: 'A', actors: [{ ...is, attribution: 'ALLEGED' }] }),
      recorded({ id: 'b', by: 'B', actors: [{ ...is, attribution: 'ALLEGED' }] }),
      recorded({
        id: 'c',
        by: 'C',
        actors: [{ ...is, attribution: 'DENIED', by: { name: 'IS', kind: 'NON_STATE_ARMED_GROUP' } }],
      }),
    );
    expect(incident).toMatchObject({ perpetrators: ['Islamic State'], flags: ['CONTESTED_PERPETRATOR'] });
  });
});

describe('verification by rule (fold 8)', () => {
  it.each([
    [['SOCIAL'], 'REPORTED'],
    [['SOCIAL', 'WITNESS'], 'REPORTED'],
    [['WIRE'], 'SINGLE_SOURCE'],
    [['SOCIAL', 'WIRE'], 'CORROBORATED'],
  ] as const)('is by %j claimants %s', (kinds, verification) => {
    const events = kinds.map((kind, index) => recorded({ id: `r${index}`, by: `Source ${index}`, kind }));
    expect(given(...events).incident?.verification).toBe(verification);
  });
});

describe('flags (fold 10)', () => {
  it('flags what crosses a month border and a phrase the policy does not know', () => {
    const { incident } = given(
      recorded({ start: '2018-10-30', end: '2018-11-02', casualties: [vague('KILLED', 'a whole lot')] }),
    );
    expect(incident?.flags).toEqual(['CROSSES_PERIOD', 'PHRASE_UNKNOWN']);
    expect(incident?.figures[0]).toMatchObject({ lo: 1, hi: null });
  });
});
