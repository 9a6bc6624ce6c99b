import {
  admin1CodesWithin,
  BOUNDARY_SET,
  boundarySetData,
  findAdmin1,
  findCountry,
  findRegion,
  placeReport,
  regionByCode,
} from '#app/geography';

describe('finding a country', () => {
  it.each([
    ['Yemen (North Yemen)', 'YE'],
    ['DR Congo (Zaire)', 'CD'],
    ['Congo', 'CG'],
    ['Russia (Soviet Union)', 'RU'],
    ['Bosnia-Herzegovina', 'BA'],
    ['Kingdom of eSwatini (Swaziland)', 'SZ'],
    ['Myanmar (Burma)', 'MM'],
    ['Cambodia (Kampuchea)', 'KH'],
    ['Vietnam (North Vietnam)', 'VN'],
    ['Serbia (Yugoslavia)', 'RS'],
    ['Macedonia, FYR', 'MK'],
    ['Turkey', 'TR'],
    ['Ivory Coast', 'CI'],
    ['Madagascar (Malagasy)', 'MG'],
    ['Zimbabwe (Rhodesia)', 'ZW'],
    ['United States of America', 'US'],
    ['North Korea', 'KP'],
    ['العراق', 'IQ'],
    ['iq', 'IQ'],
    ['IRQ', 'IQ'],
    ['645', 'IQ'],
    ['gw:645', 'IQ'],
    ['iso:368', 'IQ'],
    ['368', 'LT'],
    ['678', 'YE'],
    ['041', 'HT'],
  ])('resolves %s to %s', (given, code) => expect(findCountry(given)?.code).toBe(code));

  it.each(['', '…', 'Atlantis', '999', 'IQ-NI', 'constructor', '__proto__'])('finds none for "%s"', (given) => {
    expect(findCountry(given)).toBeNull();
  });
});

describe('finding a first-level area', () => {
  it.each([
    ['Nineveh', 'IQ-NI'],
    ['Ninewa', 'IQ-NI'],
    ['Nīnawá province', 'IQ-NI'],
    ['نينوى', 'IQ-NI'],
    ["At-Ta'mim province", 'IQ-KI'],
    ['Kirkūk province', 'IQ-KI'],
    ['Arbīl', 'IQ-AR'],
    ['Erbil Governorate', 'IQ-AR'],
    ['Hewlêr', 'IQ-AR'],
    ['هەولێر', 'IQ-AR'],
    ['Salahuddin', 'IQ-SD'],
    ['IQG15', 'IQ-NI'],
    ['iq-ni', 'IQ-NI'],
  ])('resolves %s to %s', (given, code) => {
    expect(findAdmin1('IQ', given)?.code).toBe(code);
    expect(findRegion(given)?.code).toBe(code);
  });

  it('keeps to the country', () => {
    expect(findAdmin1('SY', 'Nineveh')).toBeNull();
    expect(findAdmin1('SY', 'IQG15')).toBeNull();
    expect(findAdmin1('IR', 'Kordestān')?.code).toBe('IR-12');
  });

  it('climbs from districts that it does not have when it places, and not when a reader asks', () => {
    expect(findAdmin1('IQ', 'IQG15Q04')?.code).toBe('IQ-NI');
    expect(findRegion('IQG15Q04')).toBeNull();
    expect(findAdmin1('IQ', 'IQG15Q05')?.code).toBe('IQ-NI');
    expect(findRegion('IQG15Q05')?.name).toBe('Al-Mosul');
    expect(findRegion('Yemen (North Yemen)')?.code).toBe('YE');
  });

  it('does not place in a group, and climbs from the second level to the first', () => {
    expect(findRegion('Kurdistan Region')?.code).toBe('IQ-KR');
    expect(findAdmin1('IQ', 'IQ-KR')).toBeNull();
    expect(findAdmin1('FR', 'FR-13')?.code).toBe('FR-PAC');
  });

  it('knows what a group holds', () => {
    const group = regionByCode('IQ-KR');
    expect(group && admin1CodesWithin(group)).toEqual(['IQ-AR', 'IQ-DA', 'IQ-SU']);
    const iraq = regionByCode('IQ');
    expect(iraq && admin1CodesWithin(iraq)).toHaveLength(18);
  });
});

describe('placing a report', () => {
  const ninewa = { country: 'IQ', admin1: 'IQ-NI', admin2: null, admin3: null };
  const iraq = { ...ninewa, admin1: null };
  const byName = [{ name: 'Nīnawá province', authority: 'UCDP', level: 1 }];

  it.each(['EXACT_POINT', 'SETTLEMENT', 'NEAR_SETTLEMENT', 'ADM3', 'ADM2', 'ADM1'] as const)(
    'places %s',
    (precision) => {
      expect(placeReport({ country: 'Iraq', admin: byName, precision })).toEqual({ ...ninewa, precision });
    },
  );

  it.each(['SUPRA_ADM1', 'COUNTRY', 'WATER_AIRSPACE', 'UNKNOWN'] as const)(
    'places %s only to the country',
    (precision) => {
      expect(placeReport({ country: '645', admin: byName, precision })).toEqual({ ...iraq, precision });
    },
  );

  it('infers the precision from what is named', () => {
    expect(placeReport({ admin: [{ code: 'IQG15Q05', authority: 'COD-AB' }] })).toEqual({
      ...ninewa,
      admin2: 'IQG15Q05',
      precision: 'ADM2',
    });
    expect(placeReport({ admin: [{ code: 'IQG15Q04', authority: 'COD-AB' }] })).toEqual({
      ...ninewa,
      precision: 'ADM2',
    });
    expect(placeReport({ admin: [{ code: 'IQ-NI', authority: 'ISO' }] })).toEqual({ ...ninewa, precision: 'ADM1' });
    expect(placeReport({ country: 'IRQ' })).toEqual({ ...iraq, precision: 'COUNTRY' });
    expect(placeReport({ country: 'IQ', latitude: 36, longitude: 43 })).toEqual({ ...iraq, precision: 'UNKNOWN' });
    expect(placeReport({ name: 'Mosul' })).toEqual({ ...iraq, country: null, precision: 'UNKNOWN' });
  });

  it('takes the first area that is one, and no district for a province', () => {
    const district = { name: 'Kirkuk', authority: 'UCDP', level: 2 };
    expect(placeReport({ country: 'IQ', admin: [district, ...byName], precision: 'ADM2' }).admin1).toBe('IQ-NI');
    // The name of a district is looked up among districts, and never finer than the precision says.
    expect(placeReport({ country: 'IQ', admin: [district], precision: 'ADM2' })).toMatchObject({
      admin1: 'IQ-KI',
      admin2: 'IQG13Q04',
    });
    expect(
      placeReport({ country: 'IQ', admin: [{ ...district, name: 'Hatra' }], precision: 'ADM2' }).admin1,
    ).toBeNull();
    expect(
      placeReport({ country: 'TR', admin: [{ code: 'IQG15', authority: 'COD-AB' }], precision: 'ADM1' }),
    ).toMatchObject({
      country: 'TR',
      admin1: null,
    });
  });

  it('knows the country of a code it does not have', () => {
    expect(placeReport({ admin: [{ code: 'NG008', authority: 'COD-AB' }], precision: 'ADM1' })).toMatchObject({
      country: 'NG',
      admin1: null,
    });
  });
});

describe('the boundary set', () => {
  it('is sorted, complete and plain data', () => {
    const { boundarySet, regions } = boundarySetData();
    expect(boundarySet).toBe(BOUNDARY_SET);
    expect(JSON.parse(JSON.stringify(regions))).toEqual(regions);
    const codes = regions.map(({ code }) => code);
    expect(codes).toEqual(codes.toSorted());
    expect(new Set(codes).size).toBe(codes.length);
    expect(regions.filter(({ level }) => level === 'COUNTRY')).toHaveLength(249);
    for (const { parent } of regions) if (parent !== null) expect(regionByCode(parent)).not.toBeNull();
  });
});
