import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type DecisionEvent, type IncidentEvent, type IncidentFigures, VERIFICATIONS } from '#app/domain';
import { type Leaf, parseLeaf } from '#app/log';
import { DataSource } from 'typeorm';
import { KnownIncidents } from '../../../../domain/testing/incidents.js';
import { DecisionStory, FURTHER_SET } from '../../../../../test/support/decision-story.js';
import { DistinctRevisions } from '../../../../../test/support/distinct-revisions.js';
import { randomOf, startProjection, type TestProjection } from '../../../../../test/support/incident-story.js';
import { projectAll } from '../../../../../test/support/project-all.js';
import { resolveAsOf } from '../as-of/as-of.js';
import { readFigureCells } from '../figures/figure-cells.js';
import { EVERY_INCIDENT, type IncidentFilter } from '../incidents/incident-filter.js';
import { Publication } from './publication.js';

jest.setTimeout(180_000);

let projection: TestProjection;
let source: DataSource;
let leaves: Leaf[];
let head: number;

beforeAll(async () => {
  projection = await startProjection();
  const story = new DecisionStory(new DistinctRevisions(projection.log), randomOf(21));
  await projection.log.append(story.events(350));
  head = (await projectAll(projection.pool)).position;
  const { rows } = await projection.log.owner.query<{ leaf: string }>(
    'SELECT leaf FROM ledger.event ORDER BY position',
  );
  leaves = rows.map(({ leaf }) => parseLeaf(leaf) as Leaf);
  const options = ['role=ledger_query', 'default_transaction_isolation=repeatable\\ read'];
  source = await new DataSource({
    type: 'postgres',
    url: projection.log.url,
    extra: { options: options.map((option) => `-c ${option}`).join(' ') },
  }).initialize();
});
afterAll(async () => {
  await source?.destroy();
  await projection?.close();
});

/** What the rules give when every decision is as recorded, and no report is known that was published later. */
function folded(upTo: number, until: Date): IncidentFigures[] {
  const [recorded, published] = [new KnownIncidents(), new KnownIncidents()];
  const streams = new Set<string>();
  for (const { type, stream, also = [], data, position, id: eventId, source: from } of leaves.slice(0, upTo + 1)) {
    for (const touched of [stream, ...also.map((other) => other.stream)]) streams.add(touched);
    const at = { source: from?.ceSource as string, position, eventId };
    if (type === 'ReportRecorded' || type === 'ReportWithdrawn') {
      const event = { type, ...at, data } as IncidentEvent;
      const isLater = event.type === 'ReportRecorded' && Date.parse(event.data.report.publishedAt) > until.getTime();
      for (const incidents of isLater ? [recorded] : [recorded, published]) incidents.report(stream, event);
    } else if (type === 'IncidentsPlaced') {
      const { boundary, placed } = data as Leaf<'IncidentsPlaced'>['data'];
      const named = placed.flatMap(({ placement, positions }) =>
        positions.map((placedAt) => ({ placement, placedAt })),
      );
      for (const { placement, placedAt } of named) {
        const event = leaves[placedAt] as Leaf;
        for (const incidents of [recorded, published]) incidents.place(event.stream, event.id, [boundary, placement]);
      }
    } else if (type === 'ConversionPolicyActivated') {
      const { policy } = data as Leaf<'ConversionPolicyActivated'>['data'];
      published.policy = policy ?? new KnownIncidents().policy;
    } else if (type.startsWith('Incident') || type === 'MergeReverted') {
      recorded.apply({ type, position, eventId, data } as DecisionEvent);
    }
  }
  for (const id of streams) published.get(id).decisions = recorded.get(id).decisions;
  return Object.values(published.all());
}

type Sums = Record<string, { incidents: number; lo: number; hi: number; open: number; year: number }>;

function summed(cells: readonly { key: string; lo: number; hi: number | null; year: number }[]): Sums {
  const sums: Sums = {};
  for (const { key, lo, hi, year } of cells) {
    const sum = (sums[key] ??= { incidents: 0, lo: 0, hi: 0, open: 0, year: 0 });
    sum.incidents += 1;
    sum.lo += lo;
    sum.hi += hi ?? 0;
    if (hi === null) sum.open += 1;
    sum.year += year;
  }
  return sums;
}

it('gives what the rules give of what had been published, under every decision, policy and boundary set', async () => {
  const random = randomOf(5);
  let [moved, dated] = [0, 0];
  for (let round = 0; round < 80; round += 1) {
    const upTo = round === 0 ? head : 40 + random(head - 40);
    const until = new Date(Date.UTC(2018, 10, 10 + random(9), random(9)));
    const boundary = random(2) === 0 ? 'iso-3166' : FURTHER_SET;
    const expected = folded(upTo, until).flatMap((incident) => {
      const { placements, start, timePrecision, incidentType, verification, figures } = incident;
      const placement = placements[boundary];
      if (placement === undefined) return [];
      const key = `${start.slice(0, 7)} ${placement.admin1 ?? ''} ${incidentType} ${verification}`;
      return [
        { key: `${key} INCIDENT`, lo: 0, hi: 0, year: timePrecision === 'YEAR' ? 1 : 0 },
        ...figures
          .filter(({ part }) => part === 'TOTAL')
          .map(({ measure, lo, hi }) => ({ key: `${key} ${measure}`, lo, hi, year: 0 })),
      ];
    });
    const filter: IncidentFilter = { ...EVERY_INCIDENT, boundary, verifications: VERIFICATIONS };
    const cells = await source.transaction(async (tx) => {
      const found = await resolveAsOf(tx, { kind: 'position', position: upTo });
      if (found.kind !== 'found') throw new Error(found.kind);
      const publication = await Publication.read(tx, found.asOf, until);
      if (publication.changes) moved += 1;
      return readFigureCells(tx, found.asOf, {
        filter,
        dimensions: ['month', 'region:admin1', 'incidentType', 'verification'],
        estimator: null,
        publication,
      });
    });
    const sums: Sums = {};
    for (const cell of cells ?? []) {
      if (cell.measure === 'FLAG' || cell.incidents === 0) continue;
      const key = `${cell.period?.slice(0, 7)} ${cell.admin1} ${cell.incidentType} ${cell.verification} ${cell.measure}`;
      const { incidents, lo, hi, open, yearOnly: year } = cell;
      sums[key] = { incidents, lo, hi, open, year };
      dated += year;
    }
    expect({ round, upTo, until, boundary, sums }).toEqual({ round, upTo, until, boundary, sums: summed(expected) });
  }
  expect(moved).toBeGreaterThan(50);
  expect(dated).toBeGreaterThan(50);
});
