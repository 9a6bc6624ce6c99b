import { existsSync, readFileSync } from 'node:fs';
import type { Place } from '#app/domain';
import { placeIn } from '#app/geography';
import { parse } from 'csv-parse/sync';
import { codAbContent, hasBoundaryFiles, setOf } from '../support/cod-ab.js';
import { sharedDataPath } from '../support/shared-data.js';

/** V7 by district: autumn 2018 in COD-AB, precision 3 and finer, as the data folder has it computed by other software. */
const expectedFile = sharedDataPath('expected', 'iraq_2018_09_11_by_cod_adm2_where_prec_1_3.csv');
const file = sharedDataPath('ucdp', 'conflict_data_irq.csv');
const isThere = hasBoundaryFiles && existsSync(expectedFile) && existsSync(file);
const check = isThere ? describe : describe.skip;
if (!isThere)
  process.stderr.write(`skipped: V7 by district, because ${expectedFile} or what it is made of is not there\n`);

type Row = Record<string, string>;
const PRECISIONS = [
  '',
  'SETTLEMENT',
  'NEAR_SETTLEMENT',
  'ADM2',
  'ADM1',
  'SUPRA_ADM1',
  'COUNTRY',
  'WATER_AIRSPACE',
] as const;

/** As the UCDP import has it. */
function placeOf(row: Row): Place {
  const admin = [
    { name: row['adm_1'] as string, level: 1, authority: 'UCDP' },
    { name: row['adm_2'] as string, level: 2, authority: 'UCDP' },
  ].filter(({ name }) => name !== '');
  return {
    name: row['where_coordinates'],
    country: 'IQ',
    admin,
    latitude: Number(row['latitude']),
    longitude: Number(row['longitude']),
    precision: PRECISIONS[Number(row['where_prec'])] || null,
  };
}

check('V7 by district of COD-AB', () => {
  const rows: Row[] = isThere
    ? parse<Row>(readFileSync(file), { columns: true }).filter((row: Row) => row['id'] !== '')
    : [];
  const set = setOf(
    isThere ? codAbContent() : { name: '', derivedFrom: null, validFrom: null, validTo: null, areas: [] },
  );

  it('counts every district of autumn 2018 as expected', () => {
    const expected = parse<Row>(readFileSync(expectedFile), { columns: true }).map((row) =>
      [row['month'], row['adm1_pcode'], row['adm2_pcode'], row['events'], row['best'], row['high'], row['low']].join(),
    );
    const counted = new Map<string, number[]>();
    for (const row of rows) {
      const month = row['date_start']?.slice(0, 7) as string;
      if (month < '2018-09' || month > '2018-11') continue;
      const { admin1, admin2 } = placeIn(set, placeOf(row));
      if (admin2 === null) continue;
      const key = [month, admin1, admin2].join();
      const sums = counted.get(key) ?? [0, 0, 0, 0];
      counted.set(
        key,
        [1, Number(row['best']), Number(row['high']), Number(row['low'])].map((n, i) => n + (sums[i] as number)),
      );
    }
    expect([...counted].map(([key, sums]) => [key, ...sums].join()).toSorted()).toEqual(expected.toSorted());
  });

  it('puts no row that is coarser than a district into one', () => {
    const coarse = rows.filter((row) => Number(row['where_prec']) > 3);
    expect(coarse.length).toBeGreaterThan(500);
    expect(coarse.filter((row) => placeIn(set, placeOf(row)).admin2 !== null)).toEqual([]);
  });

  it('puts nearly every finer row into one, and every one of them where its point lies', () => {
    const fine = rows.filter((row) => Number(row['where_prec']) <= 2);
    const placed = fine.filter((row) => placeIn(set, placeOf(row)).admin2 !== null);
    expect(placed.length / fine.length).toBeGreaterThan(0.99);
    const elsewhere = placed.filter((row) => {
      const at = set.areaAt(Number(row['longitude']), Number(row['latitude']), 2);
      return at !== null && at.code !== placeIn(set, placeOf(row)).admin2;
    });
    expect(elsewhere).toEqual([]);
  });
});
