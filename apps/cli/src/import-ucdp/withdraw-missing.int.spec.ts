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
  /** As the report has it. */
  country?: string | null;
  start?: string;
  /** As the incident has it, by a decision or by what most claimants say. */
  folded?: { country?: string; start?: string; ref?: string };
  revision?: number;
  /** The report was replaced or withdrawn since. */
  ended?: boolean;
  status?: 'ACTIVE' | 'MERGED' | 'RETRACTED';
}

/** An incident as the projector leaves it in the live generation. */
async function record({ ref, ended, folded = {}, ...given }: Recorded): Promise<void> {
  const {
    source = 'https://ucdp.uu.se/ged',
    country = 'IQ',
    start = '2018-03-01',
    revision = 190_100,
    status = 'ACTIVE',
  } = given;
  const id = `00000000-0000-4000-8000-${ref.padStart(12, '0')}`;
  const until = ended ? 9 : null;
  const report = { incident: { ref }, occurred: { start }, place: { ...(country !== null && { country }) } };
  await pool.query(
    `INSERT INTO read_model.report (incident_id, from_position, to_position, event_id, kind, source, report_id, revision, vague, body)
     VALUES ($1, 5, $2, $1, 'REPORT', $3, $4, $5, false, $6)`,
    [id, until, source, `ged-${ref}`, revision, JSON.stringify({ report })],
  );
  await pool.query(
    `INSERT INTO read_model.incident_version (incident_id, from_position, to_position, version, publisher, ref, status,
       verification, incident_type, start_date, end_date, time_precision, geo_precision, placements, areas, weapons,
       weapon_group, targets, actors, roles, flags, reports, claimants, figures)
     VALUES ($1, 5, $2, 1, $3, $4, $7, 'SINGLE_SOURCE', 'ARMED_CLASH', $5, $5, 'DAY', 'SETTLEMENT', $6, '{}', '{}',
       '', '{}', '{}', '{}', '{}', 1, 1, '{}')`,
    [
      id,
      until,
      source,
      folded.ref ?? ref,
      folded.start ?? start,
      JSON.stringify({ 'iso-3166': { country: folded.country ?? country } }),
      status,
    ],
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
    // What a steward decided of date and place, or other publishers say, does not move what UCDP itself has said.
    await record({ ref: '6', folded: { start: '2019-01-02', country: 'SY', ref: 'of another' } });
    await record({ ref: '18', country: 'SY', folded: { country: 'IQ' } });
    await record({ ref: '19', start: '2019-01-02', folded: { start: '2018-12-31' } });
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
      ['2', '3', '4', '5', '6'].map((ref) => [
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
