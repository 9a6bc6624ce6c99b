import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { findNewestSet, listBoundarySets, loadBoundarySet } from '#app/gazetteer';
import { createPool } from '#app/runtime';
import type { Pool } from 'pg';
import { codAbFile, hasBoundaryFiles, naturalEarthFile } from '../../../../test/support/cod-ab.js';
import { freshDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { registerGazetteer } from './gazetteer.command.js';

jest.setTimeout(120_000);

let database: TestDatabase;
let pool: Pool;
const folder = mkdtempSync(path.join(tmpdir(), 'gazetteer-'));
const before = { DATABASE_URL: process.env['DATABASE_URL'] };

beforeAll(async () => {
  database = await freshDatabase();
  process.env['DATABASE_URL'] = database.url;
  pool = createPool(database.url, { role: 'ledger_ingest', max: 2, applicationName: 'test' });
});
afterAll(async () => {
  if (before.DATABASE_URL === undefined) delete process.env['DATABASE_URL'];
  else process.env['DATABASE_URL'] = before.DATABASE_URL;
  process.exitCode = 0;
  await pool.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  process.exitCode = 0;
});

/** Runs `ledger --json gazetteer …` in this process. */
async function ledger(...words: string[]): Promise<Record<string, unknown>> {
  const program = new Command('ledger').option('--json').exitOverride();
  registerGazetteer(program);
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await program.parseAsync(['node', 'ledger', '--json', 'gazetteer', ...words]);
  } finally {
    write.mockRestore();
  }
  return JSON.parse(text) as Record<string, unknown>;
}

function file(name: string, value: unknown): string {
  const at = path.join(folder, name);
  writeFileSync(at, typeof value === 'string' ? value : JSON.stringify(value));
  return at;
}

const square = (west: number, south: number, size = 1) => ({
  type: 'Polygon',
  coordinates: [
    [
      [west, south],
      [west + size, south],
      [west + size, south + size],
      [west, south + size],
      [west, south],
    ],
  ],
});
const feature = (properties: object, geometry: unknown = square(0, 0)) => ({ type: 'Feature', properties, geometry });
const collection = (...features: object[]) => ({ type: 'FeatureCollection', features });
const governorate = (pcode: string, name: string, geometry = square(0, 0)) =>
  feature(
    { ADM1_PCODE: pcode, ADM1_EN: name, ADM1_KU: `${name} (ku)`, ADM0_PCODE: 'IQ', validOn: '2020-01-01T00:00:00' },
    geometry,
  );
const district = (pcode: string, above: string, name: string, geometry = square(0, 0)) =>
  feature({ ADM2_PCODE: pcode, ADM2_EN: name, ADM1_PCODE: above, ADM0_PCODE: 'IQ' }, geometry);

describe('importing a boundary set', () => {
  it('keeps a version for each change and none for a repetition', async () => {
    const one = file('adm1.json', collection(governorate('IQX1', 'One'), governorate('IQX2', 'Two', square(5, 5))));
    const two = file('adm2.json', collection(district('IQX1D1', 'IQX1', 'First')));
    const first = await ledger('import', one, '--level', '1', '--boundary', 'two-areas');
    expect(first).toMatchObject({ changed: true, areas: 3 });
    expect(await ledger('import', one, '--level', '1', '--boundary', 'two-areas')).toMatchObject({
      changed: false,
      sha256: first['sha256'],
    });
    expect(await ledger('import', two, '--level', '2', '--boundary', 'two-areas')).toMatchObject({
      changed: true,
      areas: 4,
    });
    expect(await ledger('import', one, '--level', '1', '--boundary', 'two-areas')).toMatchObject({ changed: false });
    const sets = (await listBoundarySets(pool)).filter(({ name }) => name === 'two-areas');
    expect(sets.map(({ areas }) => areas)).toEqual([3, 4]);
    const earlier = await loadBoundarySet(pool, sets[0] as (typeof sets)[0], true);
    expect(earlier?.area('IQX1D1')).toBeNull();
    const newest = await loadBoundarySet(pool, sets[1] as (typeof sets)[0], true);
    expect(newest?.areaAt(0.5, 0.5, 3)).toMatchObject({ code: 'IQX1D1', parent: 'IQX1' });
    expect(newest?.area('IQX1')).toMatchObject({
      validFrom: '2020-01-01',
      names: ['One', 'One (ku)'],
      country: 'IQ',
      parent: 'IQ',
    });
  });

  it('takes further names from a file, and dates from the options', async () => {
    const one = file('named.json', collection(governorate('IQN1', 'One')));
    const names = file('names.csv', 'code,name,language\nIQN1,یەک,ckb\nIQN1,Yek,ku\n');
    const dates = ['--valid-from', '2010-01-01', '--valid-to', '2015-12-31'];
    await ledger('import', one, '--level', '1', '--boundary', 'named', '--names', names, ...dates);
    const row = await findNewestSet(pool, 'named');
    const set = await loadBoundarySet(pool, row as NonNullable<typeof row>, false);
    expect(set?.area('IQN1')).toMatchObject({ validFrom: '2010-01-01', validTo: '2015-12-31' });
    expect(set?.find('یەک')?.code).toBe('IQN1');
  });

  it.each([
    ['no JSON', `{"type": "FeatureCollection",\n  oops${' '.repeat(100)}}`, 'line 2, column 3'],
    ['another document', { type: 'Feature' }, 'neither a GeoJSON FeatureCollection nor'],
    ['no features', collection(), 'has no features'],
    [
      'other coordinates',
      { ...collection(governorate('A1', 'A')), crs: { properties: { name: 'EPSG:32638' } } },
      'EPSG:32638',
    ],
    [
      'no P-code',
      collection(governorate('IQA1', 'A'), feature({ ADM1_EN: 'B' })),
      'feature 2 (no code): it has no ADM1_PCODE',
    ],
    ['no name', collection(feature({ ADM1_PCODE: 'IQA1', ADM0_PCODE: 'IQ' })), 'feature 1 (IQA1): it has no name'],
    ['no country', collection(feature({ ADM1_PCODE: '99', ADM1_EN: 'A', ADM0_PCODE: '99' })), 'not in ISO 3166-1'],
    [
      'a code twice',
      collection(governorate('IQA1', 'A'), governorate('IQA1', 'B')),
      'feature 2 (IQA1): feature 1 has the same code',
    ],
    [
      'a line',
      collection(feature({ ADM1_PCODE: 'IQA1', ADM1_EN: 'A', ADM0_PCODE: 'IQ' }, { type: 'LineString' })),
      'not a Polygon',
    ],
    [
      'an open ring',
      collection(
        governorate('IQA1', 'A', {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 1],
            ],
          ],
        }),
      ),
      'not closed',
    ],
    ['metres', collection(governorate('IQA1', 'A', square(500_000, 4_000_000))), 'not longitude, latitude'],
  ])('refuses %s, and imports nothing', async (_, content, says) => {
    const bad = file('bad.json', content);
    await expect(ledger('import', bad, '--level', '1', '--boundary', 'refused')).rejects.toThrow(says);
    expect(await findNewestSet(pool, 'refused')).toBeNull();
  });

  it('refuses areas without what holds them, and wrong options', async () => {
    const orphan = file('orphan.json', collection(district('IQO1D1', 'IQO1', 'First')));
    await expect(ledger('import', orphan, '--level', '2', '--boundary', 'orphans')).rejects.toThrow(
      'feature 1 (IQO1D1): it lies in IQO1, which the set does not have: import level 1 first',
    );
    await expect(ledger('import', orphan, '--level', '4', '--boundary', 'x1')).rejects.toThrow('--level');
    await expect(ledger('import', orphan, '--level', '2', '--boundary', 'iso-3166')).rejects.toThrow('built in');
    await expect(ledger('import', orphan, '--level', '2', '--boundary', 'Cod AB')).rejects.toThrow('small letters');
    await expect(
      ledger('import', orphan, '--level', '2', '--boundary', 'x1', '--valid-from', '2019-02-30'),
    ).rejects.toThrow('day');
    await expect(ledger('import', path.join(folder, 'none'), '--level', '2', '--boundary', 'x1')).rejects.toThrow(
      'cannot be read',
    );
  });
});

const check = hasBoundaryFiles ? describe : describe.skip;
if (!hasBoundaryFiles)
  process.stderr.write(`skipped: imports of COD-AB and Natural Earth, because ${naturalEarthFile} is not there\n`);
check('importing the real files', () => {
  it('keeps the four levels of COD-AB, and an alternative with Makhmur under Ninewa', async () => {
    for (const [level, areas] of [1, 18, 101, 294].entries()) {
      const answer = await ledger('import', codAbFile(level as 0), '--level', String(level), '--boundary', 'cod-ab');
      expect(answer).toMatchObject({ features: areas, changed: true });
    }
    const [row] = [await findNewestSet(pool, 'cod-ab')];
    expect(row?.areas).toBe(1 + 18 + 101 + 294);
    const derived = await ledger('derive', 'cod-ab-claimed', '--from', 'cod-ab');
    expect(derived).toMatchObject({ changed: true, parents: { IQG11Q04: 'IQG15' } });
    expect(await ledger('derive', 'cod-ab-claimed', '--from', 'cod-ab')).toMatchObject({ changed: false });
    const alternative = await findNewestSet(pool, 'cod-ab-claimed');
    const set = await loadBoundarySet(pool, alternative as NonNullable<typeof alternative>, true);
    expect(set?.areaAt(43.58, 35.776, 2)).toMatchObject({ code: 'IQG11Q04', parent: 'IQG15' });
    expect(set?.find('Shingal')?.code).toBe('IQG15Q07');
    expect(set?.findCode('IQ-NI')?.code).toBe('IQG15');
    const parents = file('parents.json', { IQG15Q01: 'IQG09' });
    await ledger('derive', 'cod-ab-akre', '--from', 'cod-ab', '--parents', parents);
    const wrong = file('wrong.json', { IQG15Q01: 'IQG11Q04' });
    await expect(ledger('derive', 'wrong', '--from', 'cod-ab', '--parents', wrong)).rejects.toThrow('cannot hold');
    const listed = (await ledger('list')) as { sets: { name: string; derivedFrom: string | null }[] };
    expect(listed.sets.filter(({ derivedFrom }) => derivedFrom === 'cod-ab').map(({ name }) => name)).toEqual([
      'cod-ab-claimed',
      'cod-ab-akre',
    ]);
  });

  it('keeps the first level of the world from Natural Earth', async () => {
    expect(existsSync(naturalEarthFile)).toBe(true);
    const answer = await ledger('import', naturalEarthFile, '--level', '1', '--boundary', 'natural-earth');
    expect(answer).toMatchObject({ features: 4596, changed: true });
    expect((answer['skipped'] as unknown[]).length).toBeLessThan(60);
    const row = await findNewestSet(pool, 'natural-earth');
    const set = await loadBoundarySet(pool, row as NonNullable<typeof row>, true);
    expect(set?.areaAt(44.39, 33.34, 3)?.code).toBe('IQ-BG');
    expect(set?.areaAt(38.99, 35.95, 3)?.country).toBe('SY');
    expect(set?.areaAt(-40, 30, 3)).toBeNull();
  });
});
