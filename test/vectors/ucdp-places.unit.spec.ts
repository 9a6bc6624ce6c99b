import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { findAdmin1, findCountry } from '#app/geography';
import { sharedDataPath } from '../support/shared-data.js';

const data = sharedDataPath();
const files = {
  world: `${data}/ucdp/ged211_global_where_prec_1_2.csv.gz`,
  sample: `${data}/ucdp/ged231_sample1000.csv.gz`,
  iraq: `${data}/crosswalk/iraq_adm1_codes.csv`,
};

function rows(file: string): Record<string, string>[] {
  const bytes = readFileSync(file);
  return parse(file.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true });
}

/** The data files are not part of the repository: without them there is nothing to check against. */
const missing = Object.values(files).filter((file) => !existsSync(file));
const check = missing.length === 0 ? describe : describe.skip;
if (missing.length > 0) process.stderr.write(`skipped: places of UCDP, because ${missing.join(', ')} is not there\n`);

check('places as UCDP and COD-AB spell them', () => {
  it('finds every country of the world file', () => {
    const names = new Set(rows(files.world).map((row) => row['country'] as string));
    expect(names.size).toBe(121);
    expect([...names].filter((name) => findCountry(name) === null)).toEqual([]);
  });

  it('finds the same country by name and by Gleditsch–Ward number', () => {
    const differing = rows(files.sample).filter(
      (row) => findCountry(row['country'] as string)?.code !== findCountry(row['country_id'] as string)?.code,
    );
    expect(differing).toEqual([]);
  });

  it('finds the 18 governorates of Iraq by every code and name', () => {
    const governorates = rows(files.iraq).filter((row) => row['cod_pcode'] !== '');
    expect(governorates).toHaveLength(18);
    for (const row of governorates) {
      const iso = row['iso_3166_2'] as string;
      const names = ['cod_pcode', 'cod_en', 'cod_ar', 'geonames_admin1', 'geonames_name', 'ne_name_en'].map(
        (key) => row[key],
      );
      for (const name of [...names, ...(row['ged_names'] as string).split('|'), `${row['cod_pcode']}Q01`]) {
        expect([name, findAdmin1('IQ', name as string)?.code]).toEqual([name, iso]);
      }
    }
  });
});
