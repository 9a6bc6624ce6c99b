import { createPool } from '#app/runtime';
import type { Pool } from 'pg';
import { freshDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { emptyMapped } from './map-rows.js';
import { parseRelease } from './release.js';
import { withdrawals } from './withdraw-missing.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool(database.url, { max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

interface Recorded {
  ref: string;
  source?: string;
  country?: string | null;
  start?: string;
  revision?: number;
  /** The report was replaced or withdrawn since. */
  ended?: boolean;
  status?: 'ACTIVE' | 'MERGED' | 'RETRACTED';
}

/** An incident as the projector leaves it in the live generation. */
async function record({ ref, ended, ...given }: Recorded): Promise<void> {
  const {
    source = 'https://ucdp.uu.se/ged',
    country = 'IQ',
    start = '2018-03-01',
    revision = 190_100,
    status = 'ACTIVE',
  } = given;
  const id = `00000000-0000-4000-8000-${ref.padStart(12, '0')}`;
  const until = ended ? 9 : null;
  await pool.query(
    `INSERT INTO read_model.report (incident_id, from_position, to_position, event_id, kind, source, report_id, revision, vague)
     VALUES ($1, 5, $2, $1, 'REPORT', $3, $4, $5, false)`,
    [id, until, source, `ged-${ref}`, revision],
  );
  await pool.query(
    `INSERT INTO read_model.incident_version (incident_id, from_position, to_position, version, publisher, ref, status,
       verification, incident_type, start_date, end_date, time_precision, geo_precision, placements, areas, weapons,
       weapon_group, targets, actors, roles, flags, reports, claimants, figures)
     VALUES ($1, 5, $2, 1, $3, $4, $7, 'SINGLE_SOURCE', 'ARMED_CLASH', $5, $5, 'DAY', 'SETTLEMENT', $6, '{}', '{}',
       '', '{}', '{}', '{}', '{}', 1, 1, '{}')`,
    [id, until, source, ref, start, JSON.stringify({ 'iso-3166': { country } }), status],
  );
}

describe('what a file no longer has', () => {
  it('is withdrawn only where the file speaks: its countries, its period, its release or an older one', async () => {
    await record({ ref: '1' });
    await record({ ref: '2' });
    await record({ ref: '3', revision: 200_100 });
    await record({ ref: '11', country: 'SY' });
    await record({ ref: '12', country: null });
    await record({ ref: '13', start: '1988-12-31' });
    await record({ ref: '14', start: '2019-01-01' });
    await record({ ref: '15', revision: 210_100 });
    await record({ ref: '16', source: 'https://other.example' });
    await record({ ref: '17', ended: true });
    // The report still counts, under the survivor; and it would count again if the retraction were taken back.
    await record({ ref: '4', status: 'MERGED' });
    await record({ ref: '5', status: 'RETRACTED' });
    const found = { ...emptyMapped(), ids: new Set(['1']), countries: new Set(['IQ']) };
    const file = {
      rows: 1,
      oldestYear: 1989,
      newestYear: 2018,
      release: parseRelease('20.1'),
      releaseFrom: 'the option --release',
    } as const;
    const messages = await withdrawals(pool, file, found);
    expect(messages.map(({ key, value }) => [key, JSON.parse(value) as unknown])).toEqual(
      ['2', '3', '4', '5'].map((ref) => [
        `https://ucdp.uu.se/ged|${ref}`,
        expect.objectContaining({
          id: `ged-${ref}/withdrawn/20.1`,
          type: 'org.conflictledger.report-withdrawn.v1',
          data: { reportId: `ged-${ref}`, incident: { ref }, reason: 'Not in UCDP release 20.1' },
        }),
      ]),
    );
  });
});
