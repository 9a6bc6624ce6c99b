import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkReport, type Report } from '#app/domain';
import { repositoryRoot } from '#app/runtime';
import { countryOf } from './country-of.js';
import { emptyMapped, type Mapped, mapRows } from './map-rows.js';
import { scan } from './scan.js';

const FOLDER = path.join(repositoryRoot(), '..', 'shared', 'data', 'ucdp');
const present = existsSync(FOLDER);
if (!present) process.stderr.write(`skipped: UCDP's files are not in ${FOLDER}\n`);
const describeFiles = present ? describe : describe.skip;

interface Import {
  found: Mapped;
  reports: Report[];
  release: string;
  /** Rows per second of reading, mapping, validating and encoding. */
  rate: number;
}

async function map(name: string): Promise<Import> {
  const file = path.join(FOLDER, name);
  const { release } = await scan(file, null);
  const found = emptyMapped();
  const reports: Report[] = [];
  const started = performance.now();
  for await (const { value } of mapRows(file, release, countryOf, found)) {
    reports.push((JSON.parse(value) as { data: Report }).data);
  }
  return { found, reports, release: release.name, rate: reports.length / ((performance.now() - started) / 1000) };
}

const killed = (report: Report, of: 'lo' | 'hi' | 'point'): number =>
  report.casualties?.find(({ status }) => status === undefined)?.value[of] ?? NaN;
const sum = (reports: readonly Report[], of: 'lo' | 'hi' | 'point'): number =>
  reports.reduce((total, report) => total + killed(report, of), 0);

describeFiles('GED 19.1, Iraq 1989–2018, as HDX publishes it', () => {
  let imported: Import;
  beforeAll(async () => (imported = await map('conflict_data_irq.csv')), 60_000);

  it('is mapped whole, each report valid under the contract', () => {
    expect(imported.release).toBe('19.1');
    expect(imported.found.problems).toEqual([]);
    expect(imported.reports).toHaveLength(7473);
    expect(imported.found.countries).toEqual(new Set(['IQ']));
    expect(imported.found.withoutCountry).toBe(0);
    // 7,473 rows in 60 s, end to end, on a machine that does other things too.
    expect(imported.rate).toBeGreaterThan(7473 / 60);
    process.stderr.write(`mapped and validated ${Math.round(imported.rate)} rows/s\n`);
  });

  it('has 120,631 deaths by best estimate, and by the sum of its parts', () => {
    expect(sum(imported.reports, 'point')).toBe(120_631);
    const parts = imported.reports.flatMap(({ casualties }) => casualties?.filter(({ status }) => status) ?? []);
    expect(parts.reduce((total, { value }) => total + (value.point ?? NaN), 0)).toBe(120_631);
  });

  it('has 27 incidents in October 2018, low 134, best 135, high 139', () => {
    const october = imported.reports.filter(({ occurred }) => occurred.start.startsWith('2018-10'));
    expect(october).toHaveLength(27);
    expect([sum(october, 'lo'), sum(october, 'point'), sum(october, 'hi')]).toEqual([134, 135, 139]);
  });

  it('has 69 violated intervals, flagged and not altered, and 72 rows across a month border', () => {
    const flags = imported.reports.map((report) => checkReport(report));
    expect(flags.filter((each) => each.includes('INTERVAL_INCONSISTENT'))).toHaveLength(69);
    expect(flags.filter((each) => each.includes('CROSSES_PERIOD'))).toHaveLength(72);
    const reversed = imported.reports.filter((report) => killed(report, 'lo') > killed(report, 'hi'));
    expect(reversed).toHaveLength(48);
  });
});

describeFiles('GED 23.1, a thousand rows of the world', () => {
  it('is mapped whole, each row in a country', async () => {
    const { found, reports, release } = await map('ged231_sample1000.csv.gz');
    expect(release).toBe('23.1');
    expect(found.problems).toEqual([]);
    expect(reports).toHaveLength(1000);
    expect(found.withoutCountry).toBe(0);
    expect(found.countries.size).toBeGreaterThan(50);
  });
});

describeFiles('the cut of GED 21.1 to 14 columns', () => {
  it('is refused as not GED', async () => {
    await expect(scan(path.join(FOLDER, 'ged211_global_where_prec_1_2.csv.gz'), null)).rejects.toThrow(
      /has no column where_prec, .*date_start.*best, high, low\./,
    );
  });
});
