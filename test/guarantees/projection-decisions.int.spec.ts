import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type DecisionEvent, type IncidentEvent, type IncidentFigures, postingsBetween } from '#app/domain';
import { type Leaf, parseLeaf } from '#app/log';
import { LiveProjection, rebuild, replay } from '#app/read-models';
import { createPool } from '#app/runtime';
import { KnownIncidents } from '../../libs/domain/testing/incidents.js';
import { DecisionStory } from '../support/decision-story.js';
import { IncidentStory, randomOf, startProjection, type TestProjection } from '../support/incident-story.js';
import { digestsOf, projectAll } from '../support/project-all.js';

/** Decisions of stewards move figures of several incidents at once, and everything still follows from the log alone. */

jest.setTimeout(120_000);

let projection: TestProjection;
beforeEach(async () => {
  projection = await startProjection();
});
afterEach(() => projection.close());

async function leavesUpTo(position: number): Promise<Leaf[]> {
  const { rows } = await projection.log.owner.query<{ leaf: string }>(
    'SELECT leaf FROM ledger.event WHERE position <= $1 ORDER BY position',
    [position],
  );
  return rows.map(({ leaf }) => parseLeaf(leaf) as Leaf);
}

/** The rules of the domain on plain maps: no batches, no memory, no tables. */
function foldInMemory(leaves: readonly Leaf[]): KnownIncidents {
  const incidents = new KnownIncidents();
  const events = new Map(leaves.map((leaf) => [leaf.position, leaf]));
  for (const leaf of leaves) {
    const { type, stream, actor, data, position, id: eventId } = leaf;
    if (type === 'ReportRecorded' || type === 'ReportWithdrawn') {
      const source = leaf.source?.ceSource as string;
      incidents.report(stream, { type, source, position, eventId, data } as IncidentEvent);
    } else if (type === 'IncidentsPlaced') {
      const { boundary, placed } = (leaf as Leaf<'IncidentsPlaced'>).data;
      for (const { placement, positions } of placed) {
        for (const named of positions) {
          const event = events.get(named) as Leaf;
          incidents.place(event.stream, event.id, [boundary, placement]);
        }
      }
    } else if (type === 'ConversionPolicyActivated') {
      const { policy } = (leaf as Leaf<'ConversionPolicyActivated'>).data;
      incidents.policy = policy ?? new KnownIncidents().policy;
    } else if (type.startsWith('Incident') || type === 'MergeReverted') {
      incidents.apply({ type, position, eventId, actor, data } as DecisionEvent);
    }
  }
  return incidents;
}

const AMOUNTS = [
  'd_incidents',
  'd_lo',
  'd_hi',
  'd_open',
  'd_unknown',
  'd_conservative',
  'd_median',
  'd_max',
  'd_latest',
  'd_valued',
  'd_best',
  'd_best_valued',
];
const CELL = [
  'incident_id',
  'publisher',
  'boundary',
  'country',
  'admin1',
  'start_date',
  'incident_type',
  'verification',
  'measure',
  'part',
];

/** The sum of all postings up to a position, by their finest cell. */
async function summed(upTo: number): Promise<string[]> {
  const amounts = AMOUNTS.map((amount) => `coalesce(sum(${amount}), 0)`).join(', ');
  const { rows } = await projection.pool.query<{ row: string }>(
    `SELECT concat_ws('|', ${CELL.join(', ')}, ${amounts}) AS row FROM read_model.posting
      WHERE position <= $1 GROUP BY ${CELL.join(', ')}
     HAVING ${AMOUNTS.map((amount) => `coalesce(sum(${amount}), 0) <> 0`).join(' OR ')}`,
    [upTo],
  );
  return rows.map(({ row }) => row).toSorted();
}

function expected(figures: Record<string, IncidentFigures>): string[] {
  return Object.entries(figures)
    .flatMap(([incidentId, after]) => postingsBetween(null, after, { position: 0, incidentId }))
    .map((p) =>
      [
        p.incidentId,
        p.publisher,
        p.boundary,
        p.country,
        p.admin1,
        p.startDate,
        p.incidentType,
        p.verification,
        p.measure,
        p.part,
        p.dIncidents,
        p.dLo,
        p.dHi,
        p.dOpen,
        p.dUnknown,
        p.dConservative,
        p.dMedian,
        p.dMax,
        p.dLatest,
        p.dValued,
        p.dBest,
        p.dBestValued,
      ].join('|'),
    )
    .toSorted();
}

/** Incidents that show as counting, at a position. */
async function shown(upTo: number): Promise<string[]> {
  const { rows } = await projection.pool.query<{ row: string }>(
    `SELECT concat_ws('|', incident_id, status, verification, publisher, reports, weapon_group, place_name) AS row
       FROM read_model.incident_version
      WHERE status IN ('ACTIVE', 'RETRACTED') AND from_position <= $1 AND (to_position IS NULL OR to_position > $1)`,
    [upTo],
  );
  return rows.map(({ row }) => row).toSorted();
}

function expectedVersions(figures: Record<string, IncidentFigures>): string[] {
  return Object.entries(figures)
    .map(([id, { verification, publisher, reports, weaponGroup, place }]) =>
      [
        id,
        verification === 'RETRACTED' ? 'RETRACTED' : 'ACTIVE',
        verification,
        publisher,
        reports,
        weaponGroup,
        place.name,
      ].join('|'),
    )
    .toSorted();
}

describe('random decisions between random reports', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'give at every position what the rules give, live, rebuilt and replayed (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const story = new DecisionStory(new IncidentStory(projection.log), random);
      for (let batch = 0; batch < 9; batch += 1) {
        await projection.log.append(story.events(1 + random(90)));
        if (random(2) === 0) await projectAll(projection.pool);
      }
      const { position } = await projectAll(projection.pool);
      for (const upTo of [position, ...Array.from({ length: 6 }, () => random(position))]) {
        const figures = foldInMemory(await leavesUpTo(upTo)).all();
        expect(await summed(upTo)).toEqual(expected(figures));
        expect(await shown(upTo)).toEqual(expectedVersions(figures));
      }
      const auditor = createPool(projection.log.url, { role: 'ledger_audit', max: 4 });
      const upTo = random(position);
      expect((await replay({ pool: auditor, upTo })).differing).toEqual([]);
      expect((await replay({ pool: auditor, upTo: position })).replayed).toEqual(await digestsOf(projection.pool));
      await auditor.end();
      expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
    },
  );

  it('are applied once by two projectors that race, and show each incident without gap or overlap', async () => {
    const story = new DecisionStory(new IncidentStory(projection.log), randomOf(11));
    await projection.log.append(story.events(300));
    const until = async (live: LiveProjection): Promise<void> => {
      while ((await live.step()).kind !== 'IDLE');
    };
    await Promise.all([until(new LiveProjection(projection.pool)), until(new LiveProjection(projection.pool))]);
    const projected = await digestsOf(projection.pool);
    expect(await projectAll(projection.pool)).toEqual({ position: 303, postings: 0 });
    expect(await digestsOf(projection.pool)).toEqual(projected);
    expect((await rebuild({ pool: projection.pool })).differing).toEqual([]);
    const { rows } = await projection.pool.query(
      `SELECT incident_id FROM (
         SELECT incident_id, version, to_position, row_number() OVER w AS expected,
                lead(from_position) OVER w AS next_from
           FROM read_model.incident_version WINDOW w AS (PARTITION BY incident_id ORDER BY from_position)) v
        WHERE version <> expected OR to_position IS DISTINCT FROM next_from`,
    );
    expect(rows).toEqual([]);
  });
});
